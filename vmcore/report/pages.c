// SPDX-License-Identifier: GPL-2.0-or-later
/* pages.c - which pages a dump has, see pages.h. */
#include "vmcore/report/pages.h"

#include <stdio.h>

#include "vmcore/filter/lacking.h"

const struct pages_name pages_names[PAGE_CLASSES] = {
	[PAGE_KEEP] = { "kernel", "kernel" },
	[PAGE_FREE] = { "free", "free" },
	[PAGE_CACHE] = { "page cache", "cache" },
	[PAGE_PRIVATE_CACHE] = { "private cache", "private_cache" },
	[PAGE_USER] = { "programs", "user" },
	[PAGE_HWPOISON] = { "broken", "hwpoison" },
	[PAGE_OFFLINE] = { "offline", "offline" },
	[PAGE_UNACCEPTED] = { "unaccepted", "unaccepted" },
};

int pages_count(const struct dump *d, struct kspace *ks, struct pages *ret)
{
	_cleanup_(bitmap_done) struct bitmap pages = {};
	struct pages n = {};
	int r = filter_all(d, &pages);

	if (r < 0)
		return r;
	n.total = bitmap_count(&pages, 0, pages.bits);
	r = dump_clear_missing(d, false, &pages);
	if (r < 0)
		return r;
	n.left_out = n.total - bitmap_count(&pages, 0, pages.bits);
	r = dump_clear_missing(d, true, &pages);
	if (r < 0)
		return r;
	n.saved = bitmap_count(&pages, 0, pages.bits);
	n.lost = n.total - n.left_out - n.saved;
	n.lacking = ks ? lacking_memory(ks) >> d->page_shift : 0;
	*ret = n;
	return 0;
}

struct counting {
	struct pages *pages;
	const struct bitmap *saved;
};

/* A filter_watch. */
static void count(void *arg, enum page_class class, uint64_t start, uint64_t end)
{
	const struct counting *c = arg;

	c->pages->classes[class].total += end - start;
	c->pages->classes[class].saved += bitmap_count(c->saved, start, end);
}

int pages_classify(const struct dump *d, struct kspace *ks, struct pages *p)
{
	_cleanup_(bitmap_done) struct bitmap all = {}, saved = {};
	struct counting counting = { .pages = p, .saved = &saved };
	const struct filter_watch watch = { .excluded = count, .arg = &counting };
	const struct bitmap none = {};
	struct pages_class *kernel = &p->classes[PAGE_KEEP];
	struct filter_result result;
	int r;

	if ((r = filter_all(d, &all)) < 0 || (r = filter_all(d, &saved)) < 0 ||
	    (r = dump_clear_missing(d, true, &saved)) < 0)
		return r;
	memset(p->classes, 0, sizeof(p->classes));
	r = filter_apply(d, ks, LEVEL_MAX, &none, &all, &watch, &result);
	if (r < 0)
		return r;
	/* The pages that no class has taken. */
	kernel->total = bitmap_count(&all, 0, all.bits);
	bitmap_clear_others(&all, &saved);
	kernel->saved = bitmap_count(&all, 0, all.bits);
	/* Some pages without a struct page do not make the other counts wrong. */
	p->classified =
		result.remark[0] == '\0' || (result.unmapped > 0 && result.unmapped < result.total);
	snprintf(p->remark, sizeof(p->remark), "%s", result.remark);
	return 0;
}
