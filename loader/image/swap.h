/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap.h - swap partitions that a crash may go to, and the crash fetched before they are used
 * again.
 *
 * The file CRASH_SWAP in the target directory has the id of the store (config/swaparea.h), and the
 * partitions. It is made by a load and removed by the next boot, so nothing that was in the swap
 * area before, and no page of a program in it, is taken for a crash.
 */
#pragma once

#include "loader/system/device.h"

#define CRASH_SWAP ".swap"
#define SWAP_UNIT  "kdump-lite-swap.service" /* fetches it */

#define SWAP_MOST 4 /* partitions */

struct swap_device {
	struct device device; /* node, number, spec and facts */
	uint64_t size;        /* bytes */
};

struct swap {
	struct swap_device list[SWAP_MOST]; /* the largest first */
	size_t n;
	char *id; /* of the store in each; NULL: no swap partition is to be used */
};

void swap_done(struct swap *s);

/* Finds the largest partitions that are used for swap now, and gives them an id, or takes the one
 * that is there. Not files, nor what is made of other devices, such as an encrypted volume. Fails
 * with a text when there is none, or nobody would fetch the crash. @path is the target directory,
 * @dir_fd is of it. With @only_look nothing is changed, and the id is "" when there is none. */
int swap_prepare(int root_fd, int dir_fd, const char *path, bool only_look, struct swap *ret);

/* Looks at all partitions for crashes, and makes each a directory in @path. Waits up to @seconds
 * for the partitions that it would be in. The caller frees @ret_names; @remarks
 * as in reserve_fetch(). Writes to no partition:
 * without the file its contents count for nothing. */
int swap_fetch(int root_fd, const char *path, double seconds, char ***remarks, char ***ret_names);
