/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * writer.h - the functions that write one format of dumps; only for the files of vmcore/format.
 *
 * The threads of save.c go through the kept pages. The format puts these into the sink, at once or
 * when a thread's lane has enough of them. Until finish() has succeeded, the file must be marked
 * incomplete, and readers must get the pages that it has so far.
 */
#pragma once

#include <stdatomic.h>

#include "base/err.h"
#include "vmcore/format/save.h"

/* One dump that is being written, shared by all threads. */
struct writer {
	const struct writer_format *format;
	const struct dump *dump;
	const struct bitmap *keep;
	const struct save_options *options;
	struct sink *sink;
	uint64_t n_pages;            /* to write: the bits of keep */
	_Atomic uint64_t end;        /* of the file so far */
	_Atomic uint64_t zero, lost; /* of the pages */
	atomic_flag unwritten;       /* pages were lost since they could not be written, */
	char unwritten_why[ERR_WHY]; /* the first of them for this reason */
	void *private;               /* of the format */
};

struct writer_format {
	const char *name;
	bool compressed;  /* packs pages with options->codec */
	bool tells_lost;  /* marks pages that were lost, where others have zeroes */
	bool any_order;   /* pages need not come in the order of page frames */
	size_t read_size; /* for window_read_size(); 0: the default */

	/* Lays the file out and writes all before the pages. close() is always called. */
	int (*begin)(struct writer *w);
	void (*close)(struct writer *w);

	/* The state of one thread. lane_free() is called for *@ret also when this fails. */
	int (*lane_new)(struct writer *w, void **ret);
	void (*lane_free)(void *lane);

	/* Takes @n consecutive kept pages, which lie at @pages; @index is how many kept pages come
	 * before them. NULL in @pages: they cannot be read. */
	int (*pages)(void *lane, uint64_t index, const uint8_t *pages, unsigned n);

	/* The next page starts a new batch of this lane: other lanes may have the pages before it.
	 * Within a batch pages come in order, and no other lane gets those in between. Or NULL. */
	void (*begin_batch)(void *lane);

	/* Writes the pages that the lane still has; called also after an error, to save them. */
	int (*drain)(void *lane);

	/* Called when all pages are written. Makes the file durable, then marks it complete. */
	int (*finish)(struct writer *w);
};

/* True if the finished file stays marked incomplete: the dump lacked pages before, or some could
 * not be read. With the mark crash warns when it starts, and tells what helps (main.c and
 * diskdump.c of crash 8). crash and libkdumpfile refuse a lost page in any case, but the mark gives
 * the reason. In ELF, where lost pages are zeroes, nothing else tells of them. The header of a
 * stream is written before the pages, so there the mark tells only of pages that the dump lacked
 * before. */
bool writer_is_incomplete(const struct writer *w);

/* Notes that @n pages are lost, since they could not be written for @error, which has a text. */
void writer_lose(struct writer *w, uint64_t n, int error);

extern const struct writer_format writer_kdump, writer_elf;
