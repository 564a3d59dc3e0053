// SPDX-License-Identifier: GPL-2.0-or-later
/* drivers.c - drivers of a device by its path in /sys, see drivers.h. */
#include "loader/system/drivers.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "loader/system/tree.h"
#include "vmcore/base/err.h"
#include "vmcore/base/text.h"

void drivers_done(struct drivers *d)
{
	d->modules = strv_free(d->modules);
	d->aliases = strv_free(d->aliases);
}

static int add(char ***list, const char *s)
{
	return strv_contains(*list, s) ? 0 : strv_push(list, s);
}

/* One directory of /sys/devices. */
static int look_at(int root_fd, const char *dir, bool running, struct drivers *d)
{
	_cleanup_free_ char *module = NULL, *driver = NULL, *alias = NULL;
	char path[PATH_MAX];
	int r = 0;

	snprintf(path, sizeof(path), "%s/driver/module", dir);
	if (tree_link_name(root_fd, path, &module) == 0)
		r = add(&d->modules, module);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/driver", dir);
	if (running && (module || tree_link_name(root_fd, path, &driver) == 0))
		return 0;
	snprintf(path, sizeof(path), "%s/modalias", dir);
	if (tree_read_line(root_fd, path, &alias) == 0 && *alias)
		r = add(&d->aliases, alias);
	return r;
}

static int walk(int root_fd, const char *dir, bool running, unsigned depth, struct drivers *d);

/* Devices that @dir hangs on in a way that its path does not show: the controllers of an NVMe disk
 * with several ways to it, and the clocks, regulators, PHYs... that a device tree names. */
static int walk_others(int root_fd, const char *dir, bool running, unsigned depth,
                       struct drivers *d)
{
	_cleanup_(strv_freep) char **names = NULL;
	bool subsystem = strstr(dir, "/nvme-subsystem/") != NULL;
	int r;

	if (tree_list(root_fd, dir, &names) < 0)
		return 0;
	for (char **n = names; n && *n; n++) {
		_cleanup_free_ char *link = NULL, *real = NULL;
		bool supplier = strncmp(*n, "supplier:", strlen("supplier:")) == 0;
		unsigned controller;
		char rest;

		if (!supplier && !(subsystem && sscanf(*n, "nvme%u%c", &controller, &rest) == 1))
			continue;
		if (asprintf(&link, "%s/%s%s", dir, *n, supplier ? "/supplier" : "") < 0)
			return -ENOMEM;
		if (tree_realpath(root_fd, link, &real) < 0 || streq(real, dir))
			continue;
		r = walk(root_fd, real, running, depth + 1, d);
		if (r < 0)
			return r;
	}
	return 0;
}

/* All directories from below /sys/devices down to @dir, upper ones first. */
static int walk(int root_fd, const char *dir, bool running, unsigned depth, struct drivers *d)
{
	static const char top[] = "/sys/devices/";
	_cleanup_free_ char *part = strdup(dir);
	char *slash;
	int r;

	if (!part)
		return -ENOMEM;
	if (strncmp(part, top, strlen(top)) != 0 || depth > 8)
		return 0;
	for (slash = part + strlen(top) - 1; slash;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		r = walk_others(root_fd, part, running, depth, d);
		if (r == 0)
			r = look_at(root_fd, part, running, d);
		if (r < 0)
			return r;
		if (slash)
			*slash = '/';
	}
	return 0;
}

int drivers_of_block(int root_fd, dev_t number, bool running, struct drivers *d)
{
	_cleanup_free_ char *dir = NULL;
	char link[64];
	int r;

	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major(number), minor(number));
	r = tree_realpath(root_fd, link, &dir);
	return r < 0 ? r : walk(root_fd, dir, running, 0, d);
}

#define VIRTIO_ID_MEM 24

int drivers_of_virtio_mem(int root_fd, bool running, struct drivers *d)
{
	static const char devices[] = "/sys/bus/virtio/devices";
	_cleanup_(strv_freep) char **names = NULL;
	int r = 0;

	if (tree_list(root_fd, devices, &names) < 0)
		return 0;
	for (char **n = names; r == 0 && n && *n; n++) {
		_cleanup_free_ char *dir = NULL;
		char path[PATH_MAX];
		uint64_t id;

		snprintf(path, sizeof(path), "%s/%s/device", devices, *n);
		if (tree_read_u64(root_fd, path, &id) < 0 || id != VIRTIO_ID_MEM)
			continue;
		snprintf(path, sizeof(path), "%s/%s", devices, *n);
		r = tree_realpath(root_fd, path, &dir);
		if (r == 0)
			r = walk(root_fd, dir, running, 0, d);
	}
	return r;
}
