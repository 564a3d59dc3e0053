/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * estimate.h - how large a dump would be, at each dump level.
 *
 * Pages are counted by what they hold, in one pass of the filter; of each class some hundred,
 * spread evenly, are read and compressed to see what the others would come to.
 */
#pragma once

#include "vmcore/format/save.h"
#include "vmcore/filter/filter.h"

struct estimate_class {
	uint64_t pages;
	double zero;   /* part of them that are all zero, 0 to 1 */
	double bytes;  /* that one page comes to */
	double shared; /* the same when pages of zeroes are stored once */
};

struct estimate {
	unsigned page_shift;
	uint64_t pages;                              /* of all classes */
	uint64_t header;                             /* bytes in front of the page descriptors */
	struct estimate_class classes[PAGE_CLASSES]; /* PAGE_KEEP: what no level excludes */
	char remark[256]; /* why no page, or not every page, could be judged; else empty */
};

/* Looks at the pages that are set in @pages, which is used up; @needed as in filter_apply().
 * @codec NULL stands for a format without compression. Fails only for lack of memory. */
int estimate_run(const struct dump *d, struct kspace *ks, const struct bitmap *needed,
                 struct bitmap *pages, const struct codec *codec, int codec_level,
                 struct estimate *ret);

/* True when dumps of @level are without the pages of @class. */
bool estimate_excludes(unsigned level, enum page_class class);

/* What a dump of @level would have: pages, those of zeroes among them, and about how many bytes. */
struct estimate_size {
	uint64_t pages, zero, bytes;
};
struct estimate_size estimate_level(const struct estimate *e, unsigned level);
