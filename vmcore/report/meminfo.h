/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * meminfo.h - what /proc/meminfo would have said when the kernel crashed.
 *
 * Names and order are those of that file. It is more exact than the file: what CPUs had counted for
 * themselves is in it. Rows that are no count but a constant of the kernel are left out, as are
 * those that it has no count for.
 */
#pragma once

#include "vmcore/report/zones.h"

#define MEMINFO_ROWS 64

struct meminfo {
	struct meminfo_row {
		const char *name;
		uint64_t value; /* KiB, or a number */
		bool number;
	} rows[MEMINFO_ROWS];
	size_t n;
	char remark[256]; /* why there are no rows, or not all */
};

/* Fails for lack of memory only. @z must be of the same kernel. */
int meminfo_read(const struct kview *v, const struct zones *z, struct meminfo *ret);
