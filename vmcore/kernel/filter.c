// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter.c - which pages go into the dump, see filter.h.
 *
 * Goes through the memory map section by section in the order of page frames. The struct pages are
 * judged where they are mapped: one translation per leaf of the page tables, which is 2 MiB of
 * struct pages or 128 MiB of memory.
 */
#include "vmcore/kernel/filter.h"

#include <errno.h>
#include <stdio.h>

#include "vmcore/base/err.h"
#include "vmcore/kernel/memmap.h"

#define MEMMAP_WINDOW MIB(2)

struct filter {
	const struct dump *dump;
	struct kspace *ks;
	struct reader *reader;
	struct memmap memmap;
	struct page_rules rules;
	struct bitmap *keep;
	struct filter_result *result;
	uint64_t
		skip_to; /* page frames before this one have been judged with their block's first */
};

int filter_all(const struct dump *d, struct bitmap *ret)
{
	int r;

	r = bitmap_init(ret, d->max_pfn);
	for (size_t i = 0; i < d->n_ram && r == 0; i++)
		bitmap_set(ret, d->ram[i].start, d->ram[i].end);
	return r;
}

/* Pages that must not even be read. */
static bool is_untouchable(enum page_class class)
{
	return class == PAGE_HWPOISON || class == PAGE_OFFLINE || class == PAGE_UNACCEPTED;
}

/* The kernel image stays, whatever its struct pages say: no reader can do without it. */
static void filter_exclude(struct filter *f, enum page_class class, uint64_t start, uint64_t end)
{
	struct ram_range image = is_untouchable(class) ? (struct ram_range){} : f->dump->image;
	uint64_t *count = &f->result->excluded[class];

	*count += bitmap_clear(f->keep, start, MIN(end, MAX(start, image.start)));
	*count += bitmap_clear(f->keep, MAX(start, MIN(end, image.end)), end);
}

static void filter_judge(struct filter *f, uint64_t pfn, const uint8_t *page, const uint8_t *next)
{
	unsigned order;
	enum page_class class = page_classify(&f->rules, pfn, page, next, &order);

	if (class == PAGE_KEEP)
		return;
	f->skip_to = pfn + (UINT64_C(1) << order);
	filter_exclude(f, class, pfn, f->skip_to);
}

/* Judges pages from @pfn on whose struct pages lie at @page, @n of them in a row; the last one's
 * neighbour is not there, so it is left to the caller unless it is the only one. Returns how many
 * were judged. */
static uint64_t filter_run_of_pages(struct filter *f, uint64_t pfn, const uint8_t *page, uint64_t n)
{
	uint64_t judged = 0;

	while (judged + 1 < n) {
		if (pfn + judged >= f->skip_to)
			filter_judge(f, pfn + judged, page + judged * f->rules.page_size,
			             page + (judged + 1) * f->rules.page_size);
		judged++;
		if (f->skip_to > pfn + judged)
			judged = MIN(n - 1, f->skip_to - pfn);
	}
	return judged;
}

/* The same for one page whose struct page, or the one behind it, lies across a border. */
static int filter_one_page(struct filter *f, uint64_t pfn, uint64_t va)
{
	uint8_t pair[2 * MEMMAP_MAX_STRUCT_PAGE];
	size_t size = f->memmap.struct_page;
	bool has_next;
	int r;

	if (pfn < f->skip_to)
		return 0;
	r = kspace_read(f->ks, va, pair, size);
	if (r < 0)
		return r;
	has_next = kspace_read(f->ks, va + size, pair + size, size) == 0;
	filter_judge(f, pfn, pair, has_next ? pair + size : NULL);
	return 0;
}

/* Maps the struct pages at @va as far as they lie in a row; 0 when not even two do. */
static uint64_t filter_map(struct filter *f, uint64_t va, uint64_t want, const uint8_t **ret)
{
	struct leaf leaf;
	size_t len;

	if (kspace_leaf(f->ks, va, &leaf) < 0)
		return 0;
	len = MIN(want * f->memmap.struct_page, leaf.size - (va - leaf.va));
	if (reader_span(f->reader, leaf.pa + (va - leaf.va), len, ret, &len) < 0)
		return 0;
	return len / f->memmap.struct_page;
}

/* Page frames [pfn, end) of one section, whose first struct page is at @va. */
static void filter_section(struct filter *f, uint64_t va, uint64_t pfn, uint64_t end)
{
	while (pfn < end) {
		const uint8_t *page;
		uint64_t n;

		if (pfn < f->skip_to) {
			n = MIN(end, f->skip_to) - pfn;
		} else {
			n = filter_map(f, va, end - pfn, &page);
			if (n >= 2)
				n = filter_run_of_pages(f, pfn, page, n);
			else if (filter_one_page(f, pfn, va) == 0)
				n = 1;
			else {
				/* No struct page: keep what it stands for, up to the next page of
				 * struct pages. */
				n = MIN(end - pfn,
				        (dump_page_size(f->dump) - va % dump_page_size(f->dump) +
				         f->memmap.struct_page - 1) /
				                f->memmap.struct_page);
				f->result->unmapped += n;
			}
		}
		va += n * f->memmap.struct_page;
		pfn += n;
	}
}

static void filter_ram(struct filter *f, const struct ram_range *ram)
{
	uint64_t per_section = UINT64_C(1) << f->memmap.pfn_shift;

	for (uint64_t pfn = ram->start; pfn < ram->end;) {
		uint64_t nr = pfn >> f->memmap.pfn_shift;
		uint64_t end = MIN(ram->end, (nr + 1) * per_section);
		uint64_t va;

		if (memmap_section(&f->memmap, nr, &va) > 0)
			filter_section(f, va + (pfn - nr * per_section) * f->memmap.struct_page,
			               pfn, end);
		else
			f->result->unmapped += end - pfn;
		pfn = end;
	}
}

int filter_run(const struct dump *d, struct kspace *ks, unsigned level, struct bitmap *keep,
               struct filter_result *ret)
{
	struct filter f = { .dump = d, .ks = ks, .keep = keep, .result = ret };
	_cleanup_(reader_freep) struct reader *reader = NULL;
	int r;

	*ret = (struct filter_result){ .total = bitmap_count(keep, 0, keep->bits) };
	r = ks ? page_rules_init(&f.rules, &d->vmcoreinfo, d->page_shift, level)
	       : errf(-ENODATA, "the kernel's memory cannot be read");
	if (r == 0)
		r = memmap_init(&f.memmap, ks);
	if (r == 0)
		r = reader_new(d, MEMMAP_WINDOW, &reader);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		snprintf(ret->remark, sizeof(ret->remark), "%.200s: all pages are kept",
		         err_text(r));
		return 0;
	}
	f.reader = reader;
	for (size_t i = 0; i < d->n_ram; i++)
		filter_ram(&f, &d->ram[i]);
	if (ret->unmapped > 0)
		snprintf(ret->remark, sizeof(ret->remark),
		         "%llu pages have no struct page and are kept",
		         (unsigned long long)ret->unmapped);
	return 0;
}
