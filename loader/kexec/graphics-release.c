// SPDX-License-Identifier: GPL-2.0-or-later
/* graphics-release.c - takes drivers off display devices before a kexec, see graphics.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>

#include "system/file.h"
#include "loader/kexec/graphics.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* A process that was just killed, or the last user of a module, needs a moment to go. */
#define TRIES 20

/* Limit of modules that hold modules: nvidia_drm holds nvidia_modeset, which holds nvidia. */
#define DEPTH_MAX 8

int graphics_delete_module(const char *name, unsigned flags)
{
	return syscall(SYS_delete_module, name, flags) < 0 ? -errno : 0;
}

struct release {
	const struct graphics_release *req;
	int failures;
	bool held; /* processes still hold a display */
};

static void _printf_(3, 4) tell(struct release *s, bool failed, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	s->failures += failed;
	s->req->tell(s->req->arg, failed, text);
}

static void wait_a_moment(const struct release *s)
{
	const struct timespec t = { .tv_sec = s->req->pause / 1000,
		                    .tv_nsec = s->req->pause % 1000 * 1000000L };

	(void)nanosleep(&t, NULL);
}

static int write_attribute(int root_fd, const char *path, const char *value)
{
	_cleanup_close_ int fd = -1;
	int r;

	fd = tree_open(root_fd, path, O_WRONLY);
	if (fd < 0)
		return fd;
	r = file_write(fd, value, strlen(value));
	return r < 0 ? errf(r, "%s: %s", path, strerror(-r)) : 0;
}

/* Takes text consoles off their frame buffers: they would go on drawing through the driver. */
static void release_consoles(struct release *s)
{
	static const char consoles[] = "/sys/class/vtconsole";
	_cleanup_(strv_freep) char **names = NULL;
	int r;

	if (tree_list(s->req->root_fd, consoles, &names) < 0)
		return;
	for (char **n = names; n && *n; n++) {
		_cleanup_free_ char *name = NULL;
		char path[PATH_MAX];
		uint64_t bound;

		snprintf(path, sizeof(path), "%s/%s/name", consoles, *n);
		if (tree_read_line(s->req->root_fd, path, &name) < 0 ||
		    !strstr(name, "frame buffer"))
			continue;
		snprintf(path, sizeof(path), "%s/%s/bind", consoles, *n);
		if (tree_read_u64(s->req->root_fd, path, &bound) == 0 && !bound)
			continue;
		r = write_attribute(s->req->root_fd, path, "0");
		if (r < 0)
			tell(s, true, "%s", err_text(r));
		else
			tell(s, false, "%s: the console has left the frame buffer", *n);
	}
}

/* Waits until no process holds a display, for a limited time. */
static void wait_for_holders(struct release *s)
{
	for (unsigned i = 0;; i++) {
		_cleanup_(strv_freep) char **holders = NULL;
		_cleanup_free_ char *text = NULL;

		if (graphics_holders(s->req->root_fd, &holders) < 0 || !holders)
			return;
		if (i + 1 < TRIES) {
			wait_a_moment(s);
			continue;
		}
		s->held = true;
		if (strv_join(holders, ", ", &text) < 0)
			return;
		tell(s, true, "the display is still held by %s", text);
		return;
	}
}

/* Takes the driver off a device. True: its module should be unloaded too. */
static bool release_device(struct release *s, const struct graphics_device *d)
{
	const struct graphics_driver *known = graphics_driver(d->driver);
	char path[PATH_MAX];
	int r;

	if (known && known->foreign)
		return false;
	if (known && known->waits && s->held) {
		tell(s, true, "%s: keeps %s, which would wait for the holders of the display",
		     d->address, d->driver);
		return false;
	}
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver/unbind", d->address);
	r = write_attribute(s->req->root_fd, path, d->address);
	if (r < 0) {
		tell(s, true, "%s", err_text(r));
		return false;
	}
	tell(s, false, "%s: %s has let go of it", d->address, d->driver);
	return true;
}

/* True if a driver of the module still has a device. The kernel does not count that as a use of the
 * module, and would take the driver off all devices. In a virtual machine display and disk may both
 * have the driver virtio-pci. */
static bool module_serves(struct release *s, const char *module)
{
	_cleanup_(strv_freep) char **drivers = NULL;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/module/%s/drivers", module);
	if (tree_list(s->req->root_fd, path, &drivers) < 0)
		return false;
	for (char **d = drivers; d && *d; d++) {
		_cleanup_(strv_freep) char **entries = NULL;

		snprintf(path, sizeof(path), "/sys/module/%s/drivers/%s", module, *d);
		if (tree_list(s->req->root_fd, path, &entries) < 0)
			return true;
		/* The links are devices, but for the one to the module. */
		for (char **e = entries; e && *e; e++) {
			_cleanup_free_ char *target = NULL;

			snprintf(path, sizeof(path), "/sys/module/%s/drivers/%s/%s", module, *d,
			         *e);
			if (!streq(*e, "module") &&
			    tree_link_name(s->req->root_fd, path, &target) == 0)
				return true;
		}
	}
	return false;
}

static void unload_module(struct release *s, const char *module, unsigned depth)
{
	_cleanup_(strv_freep) char **holders = NULL;
	char path[PATH_MAX];
	int r = -EAGAIN;

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	if (!tree_exists(s->req->root_fd, path))
		return;
	if (module_serves(s, module)) {
		tell(s, false, "module %s: serves other devices too, it stays", module);
		return;
	}
	snprintf(path, sizeof(path), "/sys/module/%s/holders", module);
	(void)tree_list(s->req->root_fd, path, &holders);
	for (char **h = holders; h && *h && depth < DEPTH_MAX; h++)
		unload_module(s, *h, depth + 1);
	for (unsigned i = 0; i < TRIES && (r == -EAGAIN || r == -EBUSY); i++) {
		if (i > 0)
			wait_a_moment(s);
		r = s->req->delete_module(module, O_NONBLOCK);
	}
	if (r == 0)
		tell(s, false, "module %s: unloaded", module);
	else if (r != -ENOENT)
		tell(s, true, "module %s: cannot be unloaded: %s", module,
		     r == -EAGAIN ? "it is in use" : strerror(-r));
}

/* Releases all devices, then their modules: one module may serve several devices. */
static int release_devices(struct release *s)
{
	_cleanup_(graphics_done) struct graphics g = {};
	_cleanup_(strv_freep) char **modules = NULL;
	int r = graphics_find(s->req->root_fd, &g);

	if (r < 0)
		return r;
	for (size_t i = 0; i < g.n; i++) {
		const struct graphics_device *d = &g.devices[i];

		if (d->driver && release_device(s, d) && d->module &&
		    !strv_contains(modules, d->module) && (r = strv_push(&modules, d->module)) < 0)
			return r;
	}
	for (char **m = modules; m && *m; m++)
		unload_module(s, *m, 0);
	return 0;
}

int graphics_release(const struct graphics_release *req)
{
	struct release s = { .req = req };
	int r;

	release_consoles(&s);
	wait_for_holders(&s);
	r = release_devices(&s);
	if (r < 0)
		tell(&s, true, "%s", err_text(r));
	return s.failures;
}
