/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * save.h - writes the pages that are kept into a file of one of the formats.
 *
 * The file is marked incomplete until everything is on the disk, so it is usable whenever the
 * writing stops. A stream (sink_flatten()) cannot be marked afterwards: it is complete when it has
 * its end.
 */
#pragma once

#include <stdatomic.h>

#include "base/bitmap.h"
#include "vmcore/format/dump.h"
#include "vmcore/format/kdump-header.h"
#include "vmcore/io/codec.h"
#include "vmcore/io/sink.h"

struct save_options {
	unsigned threads; /* at least 1 */

	/* Of the kdump-compressed format: */
	unsigned level; /* 0..31; its lowest bit stores pages of zeroes once */
	const struct codec *codec;
	int codec_level;

	/* What the header tells about the machine; uts[4], the machine, must be right. */
	char uts[6][KDUMP_UTS_LEN];
	uint64_t crash_time;
	int64_t phys_base;

	/* Pages to write before all others, of those that are kept: what a dump must have even if
	 * it ends early. NULL: none. For formats that take pages in any order, and not for streams,
	 * which are of no use without their end. */
	const struct bitmap *first;

	/* The dump itself lacks pages it should have: what is written stays marked incomplete. */
	bool incomplete;

	/* Ends the writing, with -EINTR, once it is true; may be NULL. */
	atomic_bool *stop;

	/* Called now and then, by one thread at a time; may be NULL. */
	void (*progress)(void *arg, uint64_t pages_done, uint64_t pages_total);
	void *arg;
};

struct save_result {
	uint64_t pages; /* in the file */
	uint64_t zero;  /* of those: pages of zeroes that take no room */
	/* Of those: lost, since they could not be read. The file then stays marked incomplete; ELF
	 * has zeroes in their place. */
	uint64_t unreadable;
	uint64_t file_size; /* bytes */
};

/* Formats that can be written: "kdump" (compressed, what everybody reads) and "elf" (as
 * /proc/vmcore, for gdb and whoever cannot read the other). NULL-terminated. */
struct writer_format;
extern const struct writer_format *const writer_formats[];
const char *writer_format_name(const struct writer_format *f);

/* Whether its pages are compressed, as save_options say. */
bool writer_format_is_compressed(const struct writer_format *f);

/* Whether its readers can tell that a page was lost. */
bool writer_format_tells_lost(const struct writer_format *f);

/* All of a page is zero. */
bool page_is_zero(const uint8_t *page, size_t size);

/* -EINVAL with a text that lists what there is. */
int writer_format_parse(const char *name, const struct writer_format **ret);

/* Writes the pages of @keep, a subset of the dump's RAM, to @sink and syncs it. @ret is filled also
 * when it fails, with what was written until then; the file then says that it is incomplete. */
int save_as(const struct writer_format *f, const struct dump *d, const struct bitmap *keep,
            const struct save_options *o, struct sink *sink, struct save_result *ret);

/* The same as kdump-compressed file. */
int save_kdump(const struct dump *d, const struct bitmap *keep, const struct save_options *o,
               struct sink *sink, struct save_result *ret);
