/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * convert.h - what of a dump goes into another one made of it.
 */
#pragma once

#include "vmcore/format/save.h"
#include "vmcore/filter/filter.h"

struct convert {
	struct kspace *ks;    /* NULL: the kernel cannot be found in the dump */
	char remark[256];     /* why so, or why not every page was judged; empty when all is well */
	struct bitmap keep;   /* what is to be written of it */
	struct bitmap needed; /* what readers cannot do without, see filter_needed() */
	struct filter_result filtered;
	unsigned level; /* what the result lacks, for its header */
};

/* Finds out what there is: everything but keep, filtered and level. Fails only for lack of memory.
 * The dump must outlive it. */
int convert_open(const struct dump *d, struct convert *ret);
void convert_done(struct convert *c);

/* The page frames that the dump has; with @lost without those it has lost, as far as it tells. */
int convert_pages(const struct dump *d, bool lost, struct bitmap *ret);

/* Chooses what to keep: excludes what @level does, on top of what the dump lacks already. Of an ELF
 * core, which /proc/vmcore is, also what must not be touched. @f is the format to be written: one
 * that cannot tell of lost pages does without them. */
int convert_choose(const struct dump *d, unsigned level, const struct writer_format *f,
                   struct convert *c);

/* Fills in @o what the header tells about the machine and its crash; @ks may be NULL. */
void convert_header(const struct dump *d, struct kspace *ks, struct save_options *o);

/* Fills in @o what goes into the header and the order of pages. -EINVAL when the format cannot be
 * made of such a dump. */
int convert_prepare(const struct dump *d, const struct convert *c, const struct writer_format *f,
                    struct save_options *o);
