/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ranges.h - a set of ranges of physical addresses.
 */
#pragma once

#include "system/iomem.h"

struct ranges {
	struct iomem_range *list; /* once sorted: ascending, none touches another */
	size_t n;
};

void ranges_done(struct ranges *r);

/* Appends [start, end). An empty one is left out. */
int ranges_add(struct ranges *r, uint64_t start, uint64_t end);

/* Sorts the ranges, and makes one of those that touch. */
void ranges_sort(struct ranges *r);

/* Takes away what @hole has; both are sorted. -ENOMEM leaves @r as it was. */
int ranges_subtract(struct ranges *r, const struct ranges *hole);
