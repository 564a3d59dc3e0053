/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * freed.h - parts of the kernel image that the kernel has given back.
 *
 * Init code and data, and what lies between the sections of the image, are ordinary free memory
 * after boot (free_init_pages() in arch/x86/mm/init.c, Linux 6.12), some 10 MiB. The image is what
 * readers need most, and a kernel that crashed may have overwritten the struct pages of it; so a
 * block counts as free only when its neighbours in the list of free blocks say so too.
 */
#pragma once

#include "vmcore/filter/memmap.h"
#include "vmcore/filter/page.h"

struct freed {
	struct kspace *ks;
	struct memmap memmap;
	struct page_rules rules;
	uint64_t lru, next, prev; /* offsets: struct page's list_head, and its members */

	/* What was found last: the free block or the page in use, and where it ends. */
	uint64_t start, end; /* page frames */
	bool free;
	unsigned looks;
};

/* -ENODATA with a text when VMCOREINFO tells too little. */
int freed_init(struct freed *f, struct kspace *ks);

/* True when page frame @pfn is free, false when it is in use; all page frames up to @ret_end are as
 * it is. Limited: after more calls than any image needs, everything is said to be in use. */
bool freed_look(struct freed *f, uint64_t pfn, uint64_t *ret_end);
