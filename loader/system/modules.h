/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modules.h - which module files the capture kernel has to load, in which order.
 *
 * There is no modprobe in the capture kernel, and what the kernel asks for by itself finds nobody
 * to answer; so dependencies and soft dependencies (which name what a module will ask for, such as
 * ext4 its crc32c) are all resolved here.
 */
#pragma once

#include "base/base.h"

struct modules {
	char **names; /* as /proc/modules would show them */
	char **paths; /* of the files, below the root; as many */
};

void modules_done(struct modules *m);

/* What to look for. Names and aliases are looked up as modprobe(8) does it. */
struct modules_request {
	int root_fd;
	const char *release;
	char *const *required;      /* not there: an error */
	char *const *optional;      /* not there: passed over */
	const char *const *fstypes; /* that are to be mounted; NULL-terminated */
};

/* Resolves to a list without duplicates, each module behind those that it needs. What is built into
 * the kernel is left out. */
int modules_resolve(const struct modules_request *req, struct modules *ret);

/* The plain module: the kernel itself may not be able to unpack it. Allocated. */
int modules_read(int root_fd, const char *path, void **ret, size_t *ret_len);
