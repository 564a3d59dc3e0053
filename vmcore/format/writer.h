/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * writer.h - what a format must bring to be written; only for the files of vmcore/format.
 *
 * save.c goes through the pages that are kept with all its threads, and the format puts them into
 * the sink, at once or when a thread's lane has enough of them.
 *
 * Whatever happens in between, the file must be recognised as incomplete until finish() is through,
 * and give what it holds.
 */
#pragma once

#include <stdatomic.h>

#include "vmcore/format/save.h"

/* What is written, shared by all threads. */
struct writer {
	const struct writer_format *format;
	const struct dump *dump;
	const struct bitmap *keep;
	const struct save_options *options;
	struct sink *sink;
	uint64_t n_pages;            /* to write: the bits of keep */
	_Atomic uint64_t end;        /* of the file so far */
	_Atomic uint64_t zero, lost; /* of the pages */
	void *private;               /* of the format */
};

struct writer_format {
	const char *name;
	bool compressed;  /* packs pages with options->codec */
	bool tells_lost;  /* has something else than zeroes for pages that were lost */
	bool any_order;   /* pages need not come in the order of page frames */
	size_t read_size; /* bytes it would have at a time, see window_read_size(); 0: as usual */

	/* Lays the file out and writes what comes before the pages. What was allocated is freed by
	 * close() in any case. */
	int (*begin)(struct writer *w);
	void (*close)(struct writer *w);

	/* What one thread works with. @ret is freed by lane_free() also when this fails. */
	int (*lane_new)(struct writer *w, void **ret);
	void (*lane_free)(void *lane);

	/* Takes @n pages that lie in a row at @pages, the first of them number @index of all that
	 * are kept; NULL: they cannot be read. */
	int (*pages)(void *lane, uint64_t index, const uint8_t *pages, unsigned n);

	/* What the lane is given next may have pages of other lanes before it; from one turn to the
	 * next, pages come in their order, and those left out in between are nobody's in this pass.
	 * NULL: it does not matter. */
	void (*turn)(void *lane);

	/* Writes what the lane still holds; called also after an error, for what can be saved. */
	int (*drain)(void *lane);

	/* All pages are written: makes the file durable, then complete. */
	int (*finish)(struct writer *w);
};

/* Whether the finished file stays marked incomplete: the dump lacked pages before, or some were
 * lost on the way here. A reader that comes to such a page has an error to show and with the mark
 * its reason: crash warns of a marked dump when it starts and tells what helps (main.c and
 * diskdump.c of crash 8; it and libkdumpfile refuse the page, marked or not). In ELF, where lost
 * pages are zeroes, nothing else tells of them. The header of a stream is gone by then, so there
 * the mark is only about what was missing before. */
bool writer_is_incomplete(const struct writer *w);

extern const struct writer_format writer_kdump, writer_elf;
