/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * partition.h - a partition that is there for crashes (config/dumparea.h), as Target= names it.
 *
 * "kdump-lite format" makes it, and refuses whatever may be of use to somebody. A load takes only
 * one that was made so.
 */
#pragma once

#include "loader/system/device.h"

struct partition {
	struct device device; /* spec is "PARTUUID=..." where there is one */
	char *id;             /* of the store in it; NULL: no partition is to be used */
};

void partition_done(struct partition *p);

/* Marks the block device @word, "PARTUUID=..." or a path in /dev. Returns 1, or 0 when it had the
 * mark, and its node in /dev, allocated. -EBUSY: it is in use. -EEXIST: there is something on it,
 * or a crash that was not fetched. */
int partition_format(int root_fd, const char *word, char **ret_node);

/* Takes the partition @word of Target=. A crash in it is moved to the target directory @dir_fd,
 * whose path is @path, and the store is empty then. @remarks as in
 * reserve_fetch(). With @only_look nothing is changed. Fails when
 * there is no such partition, or one that was not made for crashes. */
int partition_prepare(int root_fd, const char *word, int dir_fd, const char *path, bool only_look,
                      char ***remarks, struct partition *ret);
