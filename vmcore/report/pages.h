/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pages.h - which pages of the machine's memory a dump has.
 */
#pragma once

#include "vmcore/filter/filter.h"

/* Pages of RAM. */
struct pages {
	uint64_t total;    /* that there were, as far as the dump tells */
	uint64_t saved;    /* that are in the dump */
	uint64_t left_out; /* on purpose */
	uint64_t lost;     /* that should be there, but could not be read, or are cut off */

	/* What pages_classify() finds. */
	bool classified;
	struct pages_class {
		uint64_t total, saved;
	} classes[PAGE_CLASSES];
	char remark[256]; /* why not all could be told */
};

/* Fails for lack of memory, and when an incomplete dump cannot be read. */
int pages_count(const struct dump *d, struct pages *ret);

/* Counts pages by what the kernel has in its struct pages, which takes time: the dump's level
 * leaves none of these out. Those of PAGE_KEEP are the kernel's own and what is not known. Fails
 * for lack of memory. */
int pages_classify(const struct dump *d, struct kspace *ks, struct pages *p);

/* What classes are called, for people and for programs. */
struct pages_name {
	const char *name, *key;
};
extern const struct pages_name pages_names[PAGE_CLASSES];
