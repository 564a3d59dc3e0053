// SPDX-License-Identifier: GPL-2.0-or-later
/* drivers.c - drivers of a device by its path in /sys, see drivers.h. */
#include "loader/system/drivers.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

void drivers_done(struct drivers *d)
{
	d->modules = strv_free(d->modules);
	d->aliases = strv_free(d->aliases);
}

static int add_driver(char ***list, const char *s)
{
	if (strv_contains(*list, s) || strv_push(list, s) == 0)
		return 0;
	return oom("a list of drivers");
}

/* A search; each directory is looked at once, since suppliers may name each other in circles. */
struct search {
	int root_fd;
	bool running;
	char **seen;
	struct drivers *found;
};

static void search_done(struct search *s)
{
	strv_free(s->seen);
}

/* Adds the driver of one directory of /sys/devices. */
static int look_at(struct search *s, const char *dir)
{
	_cleanup_free_ char *module = NULL, *driver = NULL, *alias = NULL;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/driver/module", dir);
	if (tree_link_name(s->root_fd, path, &module) == 0 &&
	    (r = add_driver(&s->found->modules, module)) < 0)
		return r;
	snprintf(path, sizeof(path), "%s/driver", dir);
	if (s->running && (module || tree_link_name(s->root_fd, path, &driver) == 0))
		return 0;
	snprintf(path, sizeof(path), "%s/modalias", dir);
	if (tree_read_line(s->root_fd, path, &alias) < 0 || !*alias)
		return 0;
	return add_driver(&s->found->aliases, alias);
}

static int walk(struct search *s, const char *dir);

/* Devices that @dir depends on and its path does not show: the controllers of a multipath NVMe
 * disk, and the clocks, regulators, PHYs... of a device tree. */
static int walk_others(struct search *s, const char *dir)
{
	_cleanup_(strv_freep) char **names = NULL;
	bool subsystem = strstr(dir, "/nvme-subsystem/") != NULL;
	int r;

	if (tree_list(s->root_fd, dir, &names) < 0)
		return 0;
	for (char **n = names; n && *n; n++) {
		_cleanup_free_ char *link = NULL, *real = NULL;
		bool supplier = strncmp(*n, "supplier:", strlen("supplier:")) == 0;
		unsigned controller;
		char rest;

		if (!supplier && !(subsystem && sscanf(*n, "nvme%u%c", &controller, &rest) == 1))
			continue;
		if (asprintf(&link, "%s/%s%s", dir, *n, supplier ? "/supplier" : "") < 0)
			return oom("a path");
		if (tree_realpath(s->root_fd, link, &real) < 0)
			continue;
		r = walk(s, real);
		if (r < 0)
			return r;
	}
	return 0;
}

static int walk_one(struct search *s, const char *dir)
{
	int r;

	if (strv_contains(s->seen, dir))
		return 0;
	if (strv_push(&s->seen, dir) < 0)
		return oom("a list of devices");
	r = walk_others(s, dir);
	return r < 0 ? r : look_at(s, dir);
}

/* Walks all directories from below /sys/devices down to @dir, upper ones first. */
static int walk(struct search *s, const char *dir)
{
	static const char top[] = "/sys/devices/";
	_cleanup_free_ char *part = strdup(dir);
	char *slash;
	int r;

	if (!part)
		return oom("a path");
	if (strncmp(part, top, strlen(top)) != 0)
		return 0;
	for (slash = part + strlen(top) - 1; slash;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		r = walk_one(s, part);
		if (r < 0)
			return r;
		if (slash)
			*slash = '/';
	}
	return 0;
}

/* From a link in /sys to a device. */
static int walk_link(int root_fd, const char *link, bool running, struct drivers *d)
{
	_cleanup_(search_done) struct search s = { .root_fd = root_fd,
		                                   .running = running,
		                                   .found = d };
	_cleanup_free_ char *dir = NULL;
	int r = tree_realpath(root_fd, link, &dir);

	return r < 0 ? r : walk(&s, dir);
}

int drivers_of_block(int root_fd, dev_t number, bool running, struct drivers *d)
{
	char link[64];

	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major(number), minor(number));
	return walk_link(root_fd, link, running, d);
}

#define VIRTIO_ID_MEM 24

int drivers_of_virtio_mem(int root_fd, bool running, struct drivers *d)
{
	static const char devices[] = "/sys/bus/virtio/devices";
	_cleanup_(strv_freep) char **names = NULL;
	int r;

	if (tree_list(root_fd, devices, &names) < 0)
		return 0;
	for (char **n = names; n && *n; n++) {
		char path[PATH_MAX];
		uint64_t id;

		snprintf(path, sizeof(path), "%s/%s/device", devices, *n);
		if (tree_read_u64(root_fd, path, &id) < 0 || id != VIRTIO_ID_MEM)
			continue;
		snprintf(path, sizeof(path), "%s/%s", devices, *n);
		r = walk_link(root_fd, path, running, d);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Some drivers do not tell which device they serve (i6300esb). Modules hold "watchdog". */
static int add_watchdog_holders(int root_fd, struct drivers *d)
{
	_cleanup_(strv_freep) char **names = NULL;

	if (tree_list(root_fd, "/sys/module/watchdog/holders", &names) < 0)
		return 0;
	for (char **n = names; n && *n; n++)
		if (!streq(*n, "softdog") && add_driver(&d->aliases, *n) < 0)
			return -ENOMEM;
	return 0;
}

int drivers_of_watchdogs(int root_fd, bool running, struct drivers *d)
{
	static const char watchdogs[] = "/sys/class/watchdog";
	_cleanup_(drivers_done) struct drivers found = {};
	_cleanup_(strv_freep) char **names = NULL;
	bool orphans = false;
	int r;

	if (tree_list(root_fd, watchdogs, &names) < 0)
		return 0;
	for (char **n = names; n && *n; n++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s/device", watchdogs, *n);
		if (!tree_exists(root_fd, path)) {
			orphans = true;
			continue;
		}
		r = walk_link(root_fd, path, running, &found);
		if (r < 0)
			return r;
	}
	r = orphans ? add_watchdog_holders(root_fd, d) : 0;
	if (r < 0)
		return r;
	for (char **m = found.modules; m && *m; m++)
		if (add_driver(&d->aliases, *m) < 0)
			return -ENOMEM;
	for (char **a = found.aliases; a && *a; a++)
		if (add_driver(&d->aliases, *a) < 0)
			return -ENOMEM;
	return 0;
}

bool drivers_of_firmware(int root_fd, struct drivers *d)
{
	if (!tree_exists(root_fd, "/sys/firmware/efi/efivars"))
		return false;
	return strv_push(&d->aliases, "efivarfs") >= 0 && strv_push(&d->aliases, "efi_pstore") >= 0;
}
