/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hidden.h - directories that a mount hides.
 *
 * What was armed before the file system of Path= was mounted saves its crash below the mount, where
 * the path leads nowhere any more.
 */
#pragma once

#include "base/base.h"

struct hidden {
	struct hidden_directory {
		int fd;
		char *device; /* that it lies on, as "/dev/vda" */
	} * list;             /* the one that was mounted last first */
	size_t n;
};

void hidden_done(struct hidden *h);

/* Opens what lies at @path in the file systems below those that are mounted on it or above it. What
 * is not there, or cannot be opened without more privileges, is left out. */
int hidden_open(int root_fd, const char *path, struct hidden *ret);
