/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pages.h - the dump as a file: which pages it has, and what is known of it beside them.
 */
#pragma once

#include "vmcore/format/dump.h"

/* Pages of RAM. */
struct pages {
	uint64_t total;    /* that there were, as far as the dump tells */
	uint64_t saved;    /* that are in the dump */
	uint64_t left_out; /* on purpose */
	uint64_t lost;     /* that should be there, but could not be read, or are cut off */
};

/* Fails for lack of memory, and when an incomplete dump cannot be read. */
int pages_count(const struct dump *d, struct pages *ret);

/* What whoever opens a dump knows of it. Strings are borrowed, and empty when it is not known. */
#define ORIGIN_COUNTS 16
struct origin {
	const char *path, *codec;
	const char *verify; /* "ok" when it was read back, or what it lacks */
	const char *remark; /* what is wrong with this knowledge */
	uint64_t size;      /* bytes of the file */
	struct origin_count {
		const char *name; /* of a class of pages, for people */
		const char *key;  /* the same for programs */
		uint64_t n;       /* how many there were when the dump was made */
	} counts[ORIGIN_COUNTS];
	size_t n_counts; /* 0: they are not known */
};
