/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * save.h - writes the kept pages of a dump to a file of one of the formats.
 *
 * The file is marked incomplete until everything is on the disk, so it is usable whenever the
 * writing stops. The header of a stream (sink_flatten()) cannot be changed later: a stream is
 * complete when it has its end.
 */
#pragma once

#include <stdatomic.h>

#include "base/bitmap.h"
#include "base/err.h"
#include "vmcore/format/dump.h"
#include "vmcore/format/kdump-header.h"
#include "vmcore/io/codec.h"
#include "vmcore/io/sink.h"

#define SAVE_SETS 3

struct save_options {
	unsigned threads; /* at least 1 */

	/* Only for the kdump-compressed format: */
	unsigned level; /* 0..31; with the lowest bit, all pages of zeroes share one in the file */
	const struct codec *codec;
	int codec_level;

	/* For the header. uts[4], the machine, must be right. */
	char uts[6][KDUMP_UTS_LEN];
	uint64_t crash_time;
	int64_t phys_base;

	/* Kept pages among these are written first, set by set: a dump must have them even if it
	 * ends early. Each set has what the one before has; behind the last is NULL. Ignored by
	 * formats that need the order of page frames, and for streams. */
	const struct bitmap *first[SAVE_SETS + 1];

	/* Memory is scarce: use less, and put up with a larger file. */
	bool little_memory;
	/* Bytes to map of the dump at a time; 0: as suits pages that lie close together. */
	size_t window;

	/* The dump itself lacks pages that it should have: the file stays marked incomplete. */
	bool incomplete;

	/* Once true, the writing ends with -EINTR; may be NULL. */
	atomic_bool *stop;

	/* Called now and then, by one thread at a time; may be NULL. */
	void (*progress)(void *arg, uint64_t pages_done, uint64_t pages_total);
	void *arg;
};

struct save_result {
	uint64_t pages; /* in the file */
	uint64_t zero;  /* pages of zeroes among these, which take no room */
	/* Pages among these that are lost, since they could not be read, or written. The file then
	 * stays marked incomplete. ELF has zeroes in their place. */
	uint64_t unreadable;
	uint64_t file_size;          /* bytes */
	char unwritten_why[ERR_WHY]; /* of lost pages that could not be written; empty: none */
};

/* Formats that can be written: "kdump", which is compressed, and "elf", for gdb and other programs
 * that cannot read kdump. NULL-terminated. */
struct writer_format;
extern const struct writer_format *const writer_formats[];
const char *writer_format_name(const struct writer_format *f);

/* True if the format compresses pages, by save_options. */
bool writer_format_is_compressed(const struct writer_format *f);

/* True if readers of the format can tell that a page was lost. */
bool writer_format_tells_lost(const struct writer_format *f);

/* True if all bytes of a page are zero. */
bool page_is_zero(const uint8_t *page, size_t size);

/* Finds a format by its name. -EINVAL has a text that lists the formats. */
int writer_format_parse(const char *name, const struct writer_format **ret);

/* Writes the pages of @keep, a subset of the dump's RAM, to @sink and syncs it. On failure @ret is
 * filled too, with what was written until then, and the file stays marked incomplete. */
int save_as(const struct writer_format *f, const struct dump *d, const struct bitmap *keep,
            const struct save_options *o, struct sink *sink, struct save_result *ret);

/* save_as() in the format "kdump". */
int save_kdump(const struct dump *d, const struct bitmap *keep, const struct save_options *o,
               struct sink *sink, struct save_result *ret);
