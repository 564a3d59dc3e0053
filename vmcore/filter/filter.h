/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter.h - which pages of a machine go into its dump.
 */
#pragma once

#include "base/bitmap.h"
#include "vmcore/kernel/kspace.h"
#include "vmcore/filter/page.h"

struct filter_result {
	uint64_t total;                  /* pages of RAM */
	uint64_t excluded[PAGE_CLASSES]; /* by the class that decided */
	uint64_t unmapped;               /* kept, since their struct pages could not be read */
	char remark[256]; /* why no page, or not every page, could be judged; else empty */
};

/* Makes @ret a bitmap of all page frames of the dump's RAM; free it with bitmap_done(). */
int filter_all(const struct dump *d, struct bitmap *ret);

/* How soon a page that readers need is to be in the file, which may end early. */
enum needed {
	NEEDED_FIRST, /* what tells the kernel's name, its log and the stacks of CPUs */
	NEEDED_SOON,  /* all page tables, tasks, the kernel image and its modules */
	NEEDED_ALL,   /* the memory map too */
	NEEDED_SETS,
};

/* Fills @ret with bitmaps of the pages that readers of the dump cannot do without, see survey.h;
 * each has what the one before has. Some of their bits may stand for no RAM. Free them with
 * needed_done(). With @ks NULL, no kernel, that is the kernel image. -ENOMEM only. */
int filter_find_needed(const struct dump *d, struct kspace *ks,
                       struct bitmap ret[static NEEDED_SETS]);

/* Likewise NEEDED_FIRST alone, of a kernel that was found, without the time that a look at all page
 * tables takes. */
int filter_find_first(const struct dump *d, struct kspace *ks, struct bitmap *ret);
void needed_done(struct bitmap needed[static NEEDED_SETS]);

/* Told of all page frames that are cleared, each once, as it goes. */
struct filter_watch {
	void (*excluded)(void *arg, enum page_class class, uint64_t start, uint64_t end);
	void *arg;
};

/* Clears in @keep the pages that @level excludes, and those that must not be touched. Pages in
 * @needed stay whatever their struct page says, unless they must not be touched. A page that cannot
 * be judged stays; with @ks NULL, no kernel, all do. @watch may be NULL. -ENOMEM only. */
int filter_apply(const struct dump *d, struct kspace *ks, unsigned level,
                 const struct bitmap *needed, struct bitmap *keep, const struct filter_watch *watch,
                 struct filter_result *ret);
