// SPDX-License-Identifier: GPL-2.0-or-later
/* secret.c - looks for encryption below a file system, see secret.h. */
#include "loader/system/secret.h"

#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "system/tree.h"
#include "base/text.h"

/* Devices on devices on devices: more than anybody has. */
#define DEPTH_MAX 16

/* Such that encrypt by themselves, or whose data may lie on any other. Those of networks and of
 * memory keep nothing on a local disk. */
static const char *const unknown[] = { "zfs", "bcachefs", "overlay", "ecryptfs", "aufs" };

/* @sysfs is the directory of a block device. */
static bool is_secret(int root_fd, const char *sysfs, unsigned depth)
{
	_cleanup_free_ char *real = NULL, *uuid = NULL;
	_cleanup_(strv_freep) char **below = NULL;
	char path[PATH_MAX];

	if (depth == DEPTH_MAX || tree_realpath(root_fd, sysfs, &real) < 0)
		return true;
	snprintf(path, sizeof(path), "%s/partition", real);
	if (tree_exists(root_fd, path))
		*strrchr(real, '/') = '\0';
	/* A loop device lies in a file. */
	if (strncmp(strrchr(real, '/'), "/loop", 5) == 0)
		return true;
	snprintf(path, sizeof(path), "%s/dm/uuid", real);
	if (tree_read_line(root_fd, path, &uuid) == 0 && strncmp(uuid, "CRYPT-", 6) == 0)
		return true;
	snprintf(path, sizeof(path), "%s/slaves", real);
	if (tree_list(root_fd, path, &below) < 0)
		return false;
	for (char **name = below; name && *name; name++) {
		snprintf(path, sizeof(path), "/sys/class/block/%s", *name);
		if (is_secret(root_fd, path, depth + 1))
			return true;
	}
	return false;
}

bool device_may_be_secret(int root_fd, const char *fstype, dev_t number)
{
	char link[64];

	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		if (streq(fstype, unknown[i]))
			return true;
	if (strncmp(fstype, "fuse", 4) == 0)
		return true;
	if (major(number) == 0)
		return streq(fstype, "btrfs");
	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major(number), minor(number));
	return is_secret(root_fd, link, 0);
}
