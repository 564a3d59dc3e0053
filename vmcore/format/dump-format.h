/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dump-format.h - the functions that read one format of dumps; only for the files of vmcore/format.
 */
#pragma once

#include "vmcore/format/dump.h"

/* A reader keeps this many unpacked or copied pages, or fewer when they are large: page tables,
 * lists and searches lead to the same pages again and again. */
#define READER_PAGES 64
#define READER_BYTES KIB(256)

struct reader {
	const struct dump *dump;
	struct window window;        /* page data */
	struct window index;         /* page descriptors, where the format has them */
	size_t hint;                 /* the segment, or unpacked page, used last */
	uint8_t *pages;              /* n_pages unpacked pages */
	uint64_t pfns[READER_PAGES]; /* their page frames; UINT64_MAX: none */
	uint8_t uses[READER_PAGES];  /* how often each was returned to */
	unsigned n_pages, oldest;
};

struct dump_format {
	const char *name;

	/* Looks at d->source. 0: it is of another format; 1: it is of this one, and the fields of
	 * @d are filled; negative: it is broken. close() is called in any case. */
	int (*open)(struct dump *d);
	bool splits; /* open() looks at all of d->parts */
	void (*close)(struct dump *d);

	/* See dump_by_segment(); NULL: the format has no virtual addresses. */
	bool (*by_segment)(const struct dump *d, uint64_t va, uint64_t *ret_pa, uint64_t *ret_len);

	/* See dump_clear_missing(). */
	int (*clear_missing)(const struct dump *d, bool lost, struct bitmap *pages);

	/* See reader_span(). */
	int (*span)(struct reader *r, uint64_t paddr, size_t want, const uint8_t **ret,
	            size_t *ret_len);
};

extern const struct dump_format dump_format_elf, dump_format_kdump;

/* Takes @notes over, a malloc()ed block, and fills the fields of @d that depend on them. */
void dump_set_notes(struct dump *d, uint8_t *notes, size_t len, bool swap);

/* Appends page frames to d->ram, joined with the last range if they touch; they come sorted. */
int dump_add_ram(struct dump *d, uint64_t start_pfn, uint64_t end_pfn);

/* True if the page frame was RAM. */
bool dump_is_ram(const struct dump *d, uint64_t pfn);

/* What reader_span() returns for a page that the dump does not have, with a text. */
int dump_no_page(const struct dump *d, uint64_t pfn);
