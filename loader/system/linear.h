/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linear.h - where the bytes of a plain LVM volume are on its disk.
 *
 * Device mapper tells the table of a volume, a line for each segment. Those of type "linear" say
 * "START LENGTH linear MAJOR:MINOR OFFSET", in sectors of 512 bytes (drivers/md/dm-linear.c, Linux
 * 6.12). All other types change data, or where they are, as time goes by.
 */
#pragma once

#include "loader/system/device.h"

/* Reads the table of the volume @number, as "dmsetup table" prints it; allocated. */
typedef int (*linear_table_fn)(int root_fd, dev_t number, char **ret);

/* By DM_TABLE_STATUS (include/uapi/linux/dm-ioctl.h). Needs CAP_SYS_ADMIN. */
int linear_table(int root_fd, dev_t number, char **ret);

struct linear_segment {
	uint64_t start, size; /* bytes of the volume */
	dev_t disk;
	uint64_t offset; /* on it, bytes */
};

struct linear {
	struct linear_segment *list;
	size_t n;
};

void linear_done(struct linear *l);

/* -EOPNOTSUPP with a text when a segment is not linear. */
int linear_parse(const char *table, struct linear *ret);

/* Replaces extents "OFFSET+SIZE" of the volume by those on the disk, which is found as well. Fails
 * when they lie on several, or not at whole blocks. On failure @extents stay as they are. */
int linear_translate(int root_fd, const struct linear *l, char ***extents, struct device *ret_disk);
