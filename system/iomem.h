/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iomem.h - the map of physical addresses, /proc/iomem.
 *
 * Those who may not know addresses see zeroes (kernel/resource.c, 6.12).
 */
#pragma once

#include <limits.h>

#include "base/base.h"

struct iomem_range {
	uint64_t start, end; /* bytes, [start, end) */
};

#define IOMEM_ANY UINT_MAX

/* The entries called @name at @depth (0: not within another; IOMEM_ANY). "System RAM" at depth 0 is
 * the memory that the firmware told of and what was plugged in since; memory that belongs to a
 * driver has the driver's name behind: "System RAM (kmem)". @ret is allocated, sorted as the file
 * is. -EACCES when all addresses are zero. */
int iomem_read(int root_fd, const char *name, unsigned depth, struct iomem_range **ret,
               size_t *ret_n);
