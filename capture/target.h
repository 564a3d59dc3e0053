/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target.h - the file system that takes the dump, and the directory of this crash on it. */
#pragma once

#include "capture/os.h"
#include "config/plan.h"

#define TARGET_MOUNT      "/mnt"
#define TARGET_PRODUCTION "/production" /* the files to go back to, where they lie elsewhere */

struct target_mount {
	const char *device; /* as in the plan */
	char *const *facts; /* of it */
	const char *fstype;
	const char *options; /* for mount(2) */
	bool read_only;
	uint64_t timeout; /* seconds to wait for the device */
};

/* Waits for a device and mounts it at @place, which is made. */
int target_mount_at(const struct os *os, const struct target_mount *m, const char *place);

/* Mounts the plan's target at TARGET_MOUNT, once its device is there. */
int target_mount(const struct os *os, const struct plan *plan);

/* Makes and opens the directory of this crash, mode 0700, below the plan's in TARGET_MOUNT. */
int target_make_directory(const struct os *os, const struct plan *plan, const char *name,
                          int *ret_fd);

/* Opens the plan's directory in TARGET_MOUNT, which is made when it is not there. */
int target_open_parent(const struct os *os, const struct plan *plan);

/* Removes the reserve in that directory, so that its blocks can be used. */
int target_drop_reserve(const struct os *os, const struct plan *plan);

/* Opens a directory that was so made, and the plan's that it is in. */
int target_open_directory(const struct os *os, const struct plan *plan, const char *name,
                          int *ret_parent_fd, int *ret_fd);

/* Syncs and unmounts both places. A place that is not mounted is no error. */
int target_unmount(const struct os *os);
