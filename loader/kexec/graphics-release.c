// SPDX-License-Identifier: GPL-2.0-or-later
/* graphics-release.c - takes drivers off display devices before a kexec, see graphics.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>

#include "system/file.h"
#include "loader/kexec/graphics.h"
#include "system/tree.h"
#include "base/child.h"
#include "base/err.h"
#include "base/text.h"

/* A process that was just killed, or the last user of a module, needs a moment to go. */
#define TRIES 20

/* Limit of modules that hold modules: nvidia_drm holds nvidia_modeset, which holds nvidia. */
#define DEPTH_MAX 8

struct deletion {
	const char *name;
	unsigned flags;
};

static void delete_now(void *arg, void *answer)
{
	const struct deletion *d = arg;
	int r = syscall(SYS_delete_module, d->name, d->flags) < 0 ? -errno : 0;

	memcpy(answer, &r, sizeof(r));
}

int graphics_delete_module(const char *name, unsigned flags)
{
	struct deletion d = { name, flags };
	struct rusage usage;
	int answer, r = child_run(delete_now, &d, GRAPHICS_LIMIT, &answer, sizeof(answer), &usage);

	return r < 0 ? r : answer;
}

struct release {
	const struct graphics_release *req;
	int failures;
	bool held;    /* processes still hold a display */
	char **gone;  /* modules that were unloaded before their devices were looked at */
	char **stuck; /* modules that stay, and drivers that hang */
};

static void release_done(struct release *s)
{
	strv_freep(&s->gone);
	strv_freep(&s->stuck);
}

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

struct writing {
	int fd;
	const char *value;
};

static void write_now(void *arg, void *answer)
{
	const struct writing *w = arg;
	int r = file_write(w->fd, w->value, strlen(w->value));

	memcpy(answer, &r, sizeof(r));
}

/* Writes in a child: a driver that hangs in the kernel cannot be killed, only left behind. */
static int write_attribute(const struct release *s, const char *path, const char *value)
{
	_cleanup_close_ int fd = tree_open(s->req->root_fd, path, O_WRONLY);
	struct writing w = { fd, value };
	struct rusage usage;
	int answer, r;

	if (fd < 0)
		return fd;
	r = child_run(write_now, &w, s->req->limit, &answer, sizeof(answer), &usage);
	if (r < 0)
		return err_prefix(r, "%s", path);
	return answer < 0 ? errf(answer, "%s: %s", path, strerror(-answer)) : 0;
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
		r = write_attribute(s, path, "0");
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

/* How a module that the kernel does not unload is used. Processes were named before. */
static void describe_use(struct release *s, const char *module, char buf[static 64])
{
	char path[PATH_MAX];
	uint64_t users;

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", module);
	if (tree_read_u64(s->req->root_fd, path, &users) < 0)
		strcpy(buf, "it is in use");
	else
		snprintf(buf, 64, "it is in use, its count is %" PRIu64, users);
}

static int delete_module(struct release *s, const char *module)
{
	char use[64];
	int r = -EAGAIN;

	for (unsigned i = 0; i < TRIES && (r == -EAGAIN || r == -EBUSY); i++) {
		if (i > 0)
			wait_a_moment(s);
		r = s->req->delete_module(module, O_NONBLOCK);
	}
	if (r == 0 || r == -ENOENT) {
		if (r == 0)
			tell(s, false, "module %s: unloaded", module);
		return 0;
	}
	describe_use(s, module, use);
	tell(s, true, "module %s: cannot be unloaded: %s", module,
	     r == -EAGAIN      ? use
	     : r == -ETIMEDOUT ? "it hangs in the kernel and is left behind"
	                       : strerror(-r));
	return r;
}

/* Unloads a module and those that hold it. False: it stays. @bound: its devices still have their
 * drivers, and are to lose them this way. */
static bool unload_module(struct release *s, const char *module, bool bound, unsigned depth)
{
	_cleanup_(strv_freep) char **holders = NULL;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	if (!tree_exists(s->req->root_fd, path))
		return true;
	if (!bound && module_serves(s, module)) {
		tell(s, false, "module %s: serves other devices too, it stays", module);
		return false;
	}
	snprintf(path, sizeof(path), "/sys/module/%s/holders", module);
	(void)tree_list(s->req->root_fd, path, &holders);
	for (char **h = holders; h && *h && depth < DEPTH_MAX; h++)
		if (!unload_module(s, *h, bound, depth + 1)) {
			tell(s, true, "module %s: cannot be unloaded: %s holds it", module, *h);
			return false;
		}
	return delete_module(s, module) == 0;
}

/* Takes the driver off a device. 1: its module should be unloaded too. */
static int release_device(struct release *s, const struct graphics_device *d)
{
	char path[PATH_MAX];
	int r;

	if (strv_contains(s->stuck, d->driver)) {
		tell(s, true, "%s: keeps %s, which hangs", d->address, d->driver);
		return 0;
	}
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver/unbind", d->address);
	r = write_attribute(s, path, d->address);
	if (r == -ETIMEDOUT) {
		tell(s, true,
		     "%s: %s hangs in the kernel as it is taken off, and is left behind; if the "
		     "kexec hangs too, reset the machine",
		     d->address, d->driver);
		return strv_push(&s->stuck, d->driver);
	}
	if (r < 0) {
		tell(s, true, "%s", err_text(r));
		return 0;
	}
	tell(s, false, "%s: %s has let go of it", d->address, d->driver);
	return 1;
}

/* Takes a driver off that waits for its users. The kernel counts the users of a module and refuses
 * to unload it while there are any, but "unbind" would wait for them. What the module serves beside
 * displays is of the same vendor, and as unused as they are. */
static int release_waiting(struct release *s, const struct graphics_device *d)
{
	const char *module = d->module ?: d->driver;
	int r = 0;

	if (d->module && !s->held && !strv_contains(s->gone, module) &&
	    !strv_contains(s->stuck, module))
		r = strv_push(unload_module(s, module, true, 0) ? &s->gone : &s->stuck, module);
	if (r < 0)
		return r;
	if (strv_contains(s->gone, module))
		tell(s, false, "%s: %s has let go of it", d->address, d->driver);
	else
		tell(s, true,
		     "%s: keeps %s, which would wait for the holders of the display; the next "
		     "kernel finds the device in use",
		     d->address, d->driver);
	return 0;
}

/* 1: the module of the device should be unloaded too. */
static int release_by_kind(struct release *s, const struct graphics_device *d)
{
	const struct graphics_driver *known = d->driver ? graphics_driver(d->driver) : NULL;

	if (!d->driver || (known && known->foreign))
		return 0;
	return known && known->waits ? release_waiting(s, d) : release_device(s, d);
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

		r = release_by_kind(s, d);
		if (r > 0 && d->module && !strv_contains(modules, d->module))
			r = strv_push(&modules, d->module);
		if (r < 0)
			return r;
	}
	for (char **m = modules; m && *m; m++)
		(void)unload_module(s, *m, false, 0);
	return 0;
}

int graphics_release(const struct graphics_release *req)
{
	_cleanup_(release_done) struct release s = { .req = req };
	int r;

	release_consoles(&s);
	wait_for_holders(&s);
	r = release_devices(&s);
	if (r < 0)
		tell(&s, true, "%s", err_text(r));
	return s.failures;
}
