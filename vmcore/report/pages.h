/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pages.h - which pages of the machine's memory a dump has.
 */
#pragma once

#include "vmcore/filter/filter.h"

/* Pages of RAM. */
struct pages {
	uint64_t total;    /* in the machine, as far as the dump tells */
	uint64_t saved;    /* in the dump */
	uint64_t left_out; /* on purpose */
	uint64_t lost;     /* missing because they could not be read or the dump is cut off */
	uint64_t lacking;  /* added to the machine later, and not in total; see filter/lacking.h */

	/* What pages_classify() finds. */
	bool classified;
	struct pages_class {
		uint64_t total, saved;
	} classes[PAGE_CLASSES];
	char remark[256]; /* why classes are missing or not exact */
};

/* @ks may be NULL. Fails for lack of memory, and when an incomplete dump cannot be read. */
int pages_count(const struct dump *d, struct kspace *ks, struct pages *ret);

/* Counts pages by class, which reads all struct pages and takes time. Struct pages are in a dump of
 * any level. PAGE_KEEP counts the kernel's own and unknown pages. Fails for lack of memory. */
int pages_classify(const struct dump *d, struct kspace *ks, struct pages *p);

/* The names of classes: in the text, and in the JSON. */
struct pages_name {
	const char *name, *key;
};
extern const struct pages_name pages_names[PAGE_CLASSES];
