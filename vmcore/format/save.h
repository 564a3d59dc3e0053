/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * save.h - writes the pages that are kept as a kdump-compressed file.
 *
 * Threads take batches of kept pages, compress each into a buffer of their own, reserve their
 * stretch of the file by one atomic addition and write data first, descriptors after it. Since the
 * order of data in the file is free, nobody waits for anybody. The header says "incomplete" until
 * everything is on the disk, and a descriptor never points at data that was not written, so the
 * file is usable whenever the writing stops.
 */
#pragma once

#include "vmcore/base/bitmap.h"
#include "vmcore/format/dump.h"
#include "vmcore/format/kdump-header.h"
#include "vmcore/io/codec.h"
#include "vmcore/io/sink.h"

struct save_options {
	unsigned level; /* 0..31; its lowest bit stores pages of zeroes once */
	const struct codec *codec;
	int codec_level;
	unsigned threads; /* at least 1 */

	/* What the header tells about the machine; uts[4], the machine, must be right. */
	char uts[6][KDUMP_UTS_LEN];
	uint64_t crash_time;
	int64_t phys_base;

	/* Called now and then, by one thread at a time; may be NULL. */
	void (*progress)(void *arg, uint64_t pages_done, uint64_t pages_total);
	void *arg;
};

struct save_result {
	uint64_t pages;      /* in the file */
	uint64_t zero;       /* of those: pages of zeroes */
	uint64_t unreadable; /* of those: lost, since they could not be read */
	uint64_t file_size;  /* bytes */
};

/* Writes the pages of @keep, a subset of the dump's RAM, to @sink and syncs it. @ret is filled also
 * when it fails, with what was written until then; the file then says that it is incomplete. */
int save_kdump(const struct dump *d, const struct bitmap *keep, const struct save_options *o,
               struct sink *sink, struct save_result *ret);
