/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modules.h - which module files the capture kernel has to load, in which order.
 *
 * The capture kernel has no modprobe, so no request of the kernel for a module is answered. So all
 * dependencies are resolved here, and so are soft dependencies, which name what a module will ask
 * for, such as crc32c for ext4.
 */
#pragma once

#include "base/base.h"

struct modules {
	char **names;   /* as /proc/modules would show them */
	char **paths;   /* of the files, below the root; as many */
	char **options; /* "virtio_blk.num_request_queues=1": those of modprobe.d(5) */
};

void modules_done(struct modules *m);

/* What to look for. Names and aliases are looked up as modprobe(8) does. */
struct modules_request {
	int root_fd;
	const char *release;
	bool running;               /* it runs now, so /sys/module tells what is built in */
	char *const *required;      /* drivers; not there: an error */
	char *const *named;         /* by Modules=; likewise */
	char *const *first;         /* to be loaded before all others; not there: ignored */
	char *const *optional;      /* not there: ignored */
	const char *const *fstypes; /* that are to be mounted; NULL-terminated */
};

/* Lists each module once, behind those that it needs, without what is built in. */
int modules_resolve(const struct modules_request *req, struct modules *ret);

/* Reads a module and unpacks it, since the kernel may not be able to. Allocated. */
int modules_read(int root_fd, const char *path, void **ret, size_t *ret_len);
