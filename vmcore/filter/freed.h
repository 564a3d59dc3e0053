/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * freed.h - parts of the kernel image that the kernel has given back.
 *
 * Init code and data, and what lies between the sections of the image, are ordinary memory after
 * boot (free_init_pages() in arch/x86/mm/init.c, Linux 6.12), some 10 MiB: free, or in the hands of
 * programs and the page cache. The image is what readers need most, and a kernel that crashed may
 * have overwritten the struct pages of it; so a block counts as given back only when its neighbours
 * in the list of such blocks say so too.
 */
#pragma once

#include "vmcore/filter/memmap.h"
#include "vmcore/filter/page.h"

struct freed {
	struct kspace *ks;
	struct memmap memmap;
	struct page_rules rules;
	uint64_t lru, next, prev; /* offsets: struct page's list_head, and its members */

	/* What was found last: the block given back or the page of the image, and its end. */
	uint64_t start, end; /* page frames */
	bool freed;
	unsigned looks;
};

/* -ENODATA with a text when VMCOREINFO tells too little. */
int freed_init(struct freed *f, struct kspace *ks);

/* True when page frame @pfn was given back, false when it is the image's; all page frames up to
 * @ret_end are as it is. Limited: after more calls than any image needs, all is the image's. */
bool freed_look(struct freed *f, uint64_t pfn, uint64_t *ret_end);
