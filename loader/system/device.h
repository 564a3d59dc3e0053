/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - where the target directory really lies: device, file system, path from its root.
 *
 * The capture kernel sees none of the mounts of the running system, so the directory is traced
 * through /proc/self/mountinfo to a block device, which is then named by its UUID, since device
 * names may come up in another order.
 */
#pragma once

#include <sys/types.h>

#include "base/base.h"

struct device {
	char *path;   /* of the target directory or file, symbolic links followed */
	char *node;   /* "/dev/vda1" */
	dev_t number; /* of the block device */
	char *spec;   /* name that holds in the capture kernel too: "UUID=...", else the node */
	char *fstype; /* as for mount(2) */
	char *mount_options; /* for mount(2); "" for none */
	char *directory;     /* of the target, or the file, below the root of the file system */
	uint64_t free, size; /* bytes of the file system; free is what root may use; 0 for a file */
};

void device_done(struct device *d);

/* Makes the directory and what is above it, if they are not there; the last with mode 0700. */
int device_make_directory(int root_fd, const char *path);

/* Fails with the reason when the capture program could not write there: no block device, one that
 * is put together from others, a file system mounted read-only. */
int device_find_target(int root_fd, const char *path, struct device *ret);

/* Fails likewise when the capture program could not read the file @path there. */
int device_find_file(int root_fd, const char *path, struct device *ret);
