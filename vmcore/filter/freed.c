// SPDX-License-Identifier: GPL-2.0-or-later
/* freed.c - parts of the kernel image that the kernel has given back, see freed.h. */
#include "vmcore/filter/freed.h"

#include <errno.h>

#include "base/err.h"

/* Images have some 50 MiB. */
#define MAX_LOOKS (1U << 18)

int freed_init(struct freed *f, struct kspace *ks)
{
	const struct dump *d = ks->dump;
	const struct vmcoreinfo *vi = &d->vmcoreinfo;
	int r;

	*f = (struct freed){ .ks = ks };
	if (!vmcoreinfo_get(vi, "OFFSET", "page.lru", &f->lru) ||
	    !vmcoreinfo_get(vi, "OFFSET", "list_head.next", &f->next) ||
	    !vmcoreinfo_get(vi, "OFFSET", "list_head.prev", &f->prev))
		return errf(-ENODATA, "VMCOREINFO does not tell how blocks of memory are listed");
	r = page_rules_init(&f->rules, vi, d->page_shift, LEVEL_MAX);
	return r < 0 ? r : memmap_init(&f->memmap, ks);
}

/* The list_head at @node is one of a list: those before and behind it lead back to it. */
static bool is_listed(struct freed *f, uint64_t node)
{
	uint64_t next, prev, back, forth;

	return kspace_u64(f->ks, node + f->next, &next) == 0 &&
	       kspace_u64(f->ks, node + f->prev, &prev) == 0 &&
	       kspace_u64(f->ks, next + f->prev, &back) == 0 && back == node &&
	       kspace_u64(f->ks, prev + f->next, &forth) == 0 && forth == node;
}

/* How many page frames the block has that begins with @pfn, when it is free or has come into the
 * hands of a program or the page cache; 0: neither. */
static uint64_t given_back(struct freed *f, uint64_t pfn)
{
	uint8_t pages[2 * MEMMAP_MAX_STRUCT_PAGE], *next = pages + f->memmap.struct_page;
	enum page_class class;
	unsigned order;
	uint64_t va;

	if (memmap_page(&f->memmap, pfn, &va) <= 0)
		return 0;
	if (kspace_read(f->ks, va, pages, 2 * f->memmap.struct_page) < 0) {
		next = NULL;
		if (kspace_read(f->ks, va, pages, f->memmap.struct_page) < 0)
			return 0;
	}
	class = page_classify(&f->rules, pfn, pages, next, &order);
	if (class == PAGE_KEEP || !is_listed(f, va + f->lru))
		return 0;
	return UINT64_C(1) << order;
}

/* A block begins at a multiple of its size, and no other one reaches behind where one was found to
 * begin or not to. */
bool freed_look(struct freed *f, uint64_t pfn, uint64_t *ret_end)
{
	unsigned most = pfn == f->end ? 0 : f->rules.max_order;

	if (f->looks++ >= MAX_LOOKS) {
		*ret_end = UINT64_MAX >> f->ks->dump->page_shift;
		return false;
	}
	if (pfn < f->start || pfn >= f->end) {
		f->freed = false;
		f->start = pfn;
		f->end = pfn + 1;
		for (unsigned order = 0; order <= most && !f->freed; order++) {
			uint64_t head = ALIGN_DOWN(pfn, UINT64_C(1) << order);
			uint64_t n = given_back(f, head);

			if (n > pfn - head) {
				f->freed = true;
				f->start = head;
				f->end = head + n;
			}
		}
	}
	*ret_end = f->end;
	return f->freed;
}
