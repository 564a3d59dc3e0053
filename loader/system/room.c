// SPDX-License-Identifier: GPL-2.0-or-later
/* room.c - free space and free inodes, see room.h. */
#include "loader/system/room.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* Log, report, crash.json and the log of the capture; a log buffer of 1M gives about as much. */
#define ROOM_MIN MIB(1)

/* The crash directory and what is in it, under temporary names too. */
#define FILES_MIN 16

/* ext4 tells root's share as free and not as available, but keeps some clusters even from root
 * (fs/ext4/balloc.c, ext4_has_free_clusters(), 6.12). A cluster is taken to be a block. */
static uint64_t free_blocks(int root_fd, const struct statvfs *st, const struct device *d)
{
	char path[PATH_MAX];
	uint64_t kept;

	if (strncmp(d->fstype, "ext", 3) != 0 || !d->node)
		return st->f_bavail;
	snprintf(path, sizeof(path), "/sys/fs/ext4/%s/reserved_clusters",
	         strrchr(d->node, '/') + 1);
	if (tree_read_u64(root_fd, path, &kept) < 0)
		return st->f_bavail;
	return st->f_bfree - MIN(kept, st->f_bfree);
}

void room_set(int root_fd, const struct statvfs *st, struct device *d)
{
	d->free = free_blocks(root_fd, st, d) * st->f_frsize;
	d->available = (uint64_t)st->f_bavail * st->f_frsize;
	d->size = (uint64_t)st->f_blocks * st->f_frsize;
	/* btrfs and vfat have no such number. */
	d->free_files = st->f_files ? st->f_favail : UINT64_MAX;
}

bool room_is_gone(const struct device *d, char why[static ROOM_WHY_MAX])
{
	char size[TEXT_SIZE_MAX];

	if (d->free < ROOM_MIN)
		snprintf(why, ROOM_WHY_MAX, "only %s are free", text_from_size(d->free, size));
	else if (d->free_files < FILES_MIN)
		snprintf(why, ROOM_WHY_MAX, "only %" PRIu64 " more files can be made",
		         d->free_files);
	else
		return false;
	return true;
}
