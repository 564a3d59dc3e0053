/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - where the target directory really lies: device, file system, path from its root.
 *
 * The capture kernel has none of the mounts of the running system. So /proc/self/mountinfo tells
 * the block device of the directory, and the UUID names it, since device names may change. A copy
 * of the disk has the same UUID, so there are more facts.
 */
#pragma once

#include <sys/types.h>

#include "base/base.h"

struct device {
	char *path;   /* of the target directory or file, symbolic links followed */
	char *node;   /* "/dev/vda1" */
	dev_t number; /* of the block device */
	char *spec;   /* name that holds in the capture kernel too: "UUID=...", else the node */
	char **facts; /* that tell it from a copy, see system/disk-facts.h */
	char *fstype; /* as for mount(2) */
	char *mount_options; /* for mount(2); "" for none */
	char *directory;     /* of the target, or the file, below the root of the file system */
	uint64_t free, size; /* bytes of the file system; free is what root may use; 0 for a file */
	uint64_t available;  /* bytes of these that are not kept for root: dumps take no others */
	uint64_t free_files; /* that can be made yet; UINT64_MAX: no limit */

	/* Of device_find_any_target(): */
	char *obstacle; /* why the capture program cannot write there; NULL: it can */
	bool secret;    /* then: it lies on an encrypted volume, or that is not known */
};

void device_done(struct device *d);

/* Makes the directory, with mode 0700, and those above it, if they do not exist. -ENOLINK where a
 * symbolic link on the way leads nowhere. */
int device_make_directory(int root_fd, const char *path);

/* Finds the device of the directory @path. -ENOLINK as above. Fails with the reason when the
 * capture program could not write there: no block device, one that consists of others, a file
 * system mounted read-only. */
int device_find_target(int root_fd, const char *path, struct device *ret);

/* As device_find_target(), but what the capture program cannot set up is no error: then obstacle
 * says why, and path, fstype, number, room and secret are all that is known. */
int device_find_any_target(int root_fd, const char *path, struct device *ret);

/* Fills node, number, spec and facts of the block device @number, which @what names in texts. Fails
 * when the capture program could not set it up. */
int device_find_node(int root_fd, const char *what, dev_t number, struct device *ret);

/* Number and bytes of the block device that /sys/class/block calls @name; @ret_size may be NULL.
 * -ENODEV: there is none. */
int device_read_block(int root_fd, const char *name, dev_t *ret_number, uint64_t *ret_size);

/* Finds the device of the file @path. Fails when the capture program could not read there. */
int device_find_file(int root_fd, const char *path, struct device *ret);
