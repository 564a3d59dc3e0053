/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page.h - what a struct page says about its page frame.
 *
 * How struct page looks has changed with nearly every kernel; VMCOREINFO tells where things are.
 * page_rules_init() turns that into one shape, so that page_classify() knows no versions. A fact
 * that is missing, or that contradicts another, makes pages be kept. The rules are those of
 * makedumpfile's __exclude_unnecessary_pages() with the flaws found in it mended; they follow
 * include/linux/page-flags.h and mm_types.h of Linux 4.19 to 7.1.
 */
#pragma once

#include "vmcore/format/vmcoreinfo.h"

enum page_class {
	PAGE_KEEP,          /* kernel memory, or not known */
	PAGE_FREE,          /* in the buddy allocator */
	PAGE_CACHE,         /* page cache without private data */
	PAGE_PRIVATE_CACHE, /* page cache with private data, as file systems' buffers */
	PAGE_USER,          /* anonymous or hugetlb */
	PAGE_HWPOISON,      /* touching it raises a machine check */
	PAGE_OFFLINE,       /* given back to the hypervisor: ballooned or unplugged */
	PAGE_UNACCEPTED, /* confidential guest's, not accepted yet; touching it may end the guest */
	PAGE_CLASSES,
};

const char *page_class_name(enum page_class c);

/* Bits of the dump level, makedumpfile's -d. */
enum {
	LEVEL_ZERO = 1,
	LEVEL_CACHE = 2,
	LEVEL_PRIVATE_CACHE = 4,
	LEVEL_USER = 8,
	LEVEL_FREE = 16,
	LEVEL_MAX = 31,
};

/* A 32-bit value that _mapcount has for pages of some type. */
struct page_type {
	bool known;
	uint32_t value;
};

enum order_era {
	ORDER_UNKNOWN,      /* a compound page is taken for a single one */
	ORDER_SECOND_FLAGS, /* low byte of the second struct page's flags (6.6 on) */
	ORDER_BYTES,        /* bytes at given offsets from the first struct page (4.16 to 6.5) */
};

struct page_rules {
	unsigned level;
	unsigned page_size; /* bytes of a struct page */
	unsigned max_order; /* of a free block */
	unsigned max_folio_order;
	unsigned flags, mapcount, mapping, private, compound; /* offsets */
	unsigned refcount;                                    /* the same; 0: not told */

	/* Masks in flags; 0 when the kernel does not tell. */
	uint64_t lru, private_bit, swapcache, swapbacked, slab_bit, hwpoison, head, hugetlb_bit;
	struct page_type buddy, slab, offline, hugetlb, unaccepted;

	enum order_era order_era;
	unsigned order_offset; /* ORDER_BYTES */
	unsigned dtor_offset;  /* where such kernels mark hugetlb; 0 not told */
	uint64_t hugetlb_dtor;

	/* What the level asks for and the facts allow. */
	bool can_free, can_cache, can_private_cache, can_user;
};

/* -ENODATA with a text when the kernel tells too little to classify any page. @page_shift is the
 * crashed kernel's. */
int page_rules_init(struct page_rules *ret, const struct vmcoreinfo *vi, unsigned page_shift,
                    unsigned level);

/* Says what page frame @pfn is, from its struct page and the one behind it (NULL when that cannot
 * be read), and how many page frames from @pfn on share that: 1 << *ret_order. Everything but
 * PAGE_KEEP is to be excluded at the rules' level. */
enum page_class page_classify(const struct page_rules *rules, uint64_t pfn, const uint8_t *page,
                              const uint8_t *next, unsigned *ret_order);

/* True when nobody can have the page frame: it has no users and is of no type, or its struct page
 * was never initialised. False for tails of compound pages, which have no users of their own. */
bool page_is_unused(const struct page_rules *rules, const uint8_t *page);
