/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selection.h - which pages of a dump go into a new one, and what its header says.
 *
 * The capture program and "kdump-lite convert" both make a dump of a dump: the first of
 * /proc/vmcore, the second of any file. Both open a selection, choose, prepare, and save_as().
 */
#pragma once

#include "vmcore/format/save.h"
#include "vmcore/filter/filter.h"

struct selection {
	const struct dump *dump; /* borrowed */
	struct kspace *ks;       /* NULL when the kernel cannot be found in the dump */
	struct kspace *owned_ks; /* NULL when @ks is borrowed */
	char remark[256]; /* why not, or why not every page was judged; empty when all is well */
	struct bitmap needed[NEEDED_SETS]; /* what readers cannot do without, see filter.h */

	bool is_part; /* of selection_open_touched() */
	bool try_all; /* set it to have pages tried that the file lacks, so that the writing counts
	                 them as unreadable */

	/* Of selection_choose(): */
	struct bitmap keep;            /* the pages to write */
	struct filter_result filtered; /* zeroes when the filter had nothing to do */
	unsigned level;                /* what the result lacks, for its header */
};

/* Finds the kernel of the dump, and the pages that readers need. The dump must outlive the
 * selection. Fails only for lack of memory. */
int selection_open(const struct dump *d, struct selection *ret);

/* Likewise with a kernel that was found before, which is borrowed; NULL when none was. */
int selection_open_with(const struct dump *d, struct kspace *ks, struct selection *ret);
void selection_done(struct selection *s);

/* Opens a selection of few pages: those of @touched, which still notes what is read of the dump,
 * what is needed first (see filter.h), and what leads to the memory map. It is for
 * selection_prepare(), which then has the file marked incomplete and every page excluded that it
 * lacks. A remark says that there were too many. @ks is borrowed. */
int selection_open_touched(const struct dump *d, struct kspace *ks, const struct touched *touched,
                           struct selection *ret);

/* Makes @ret a bitmap of the page frames in the dump; with @lost without those it says are lost. */
int selection_pages(const struct dump *d, bool lost, struct bitmap *ret);

/* Chooses what to keep: what the dump has, without what @level excludes. Of an ELF core, which
 * /proc/vmcore is, pages that must not be touched are excluded at every level. @f is the format to
 * write: one that cannot tell of lost pages does without them. */
int selection_choose(struct selection *s, unsigned level, const struct writer_format *f);

/* Fills in @o what goes into the header, and the order of pages. -EINVAL when the format cannot
 * hold such a dump. @s must outlive @o. */
int selection_prepare(const struct selection *s, const struct writer_format *f,
                      struct save_options *o);
