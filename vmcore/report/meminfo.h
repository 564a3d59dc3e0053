/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * meminfo.h - what /proc/meminfo would have said when the kernel crashed.
 *
 * Names and order are those of the file. The numbers are more exact: they include what each CPU had
 * counted and not yet added. Rows that are constants of the kernel, or that it does not count, are
 * left out.
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
	char remark[256]; /* why rows are missing */
};

/* Fails for lack of memory only. @z are the zones of the kernel @v. */
int meminfo_read(const struct kview *v, const struct zones *z, struct meminfo *ret);
