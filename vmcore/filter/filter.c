// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter.c - which pages go into the dump, see filter.h.
 *
 * Goes through the memory map section by section in the order of page frames. The struct pages are
 * judged where they are mapped: one translation per leaf of the page tables, which is 2 MiB of
 * struct pages or 128 MiB of memory.
 */
#include "vmcore/filter/filter.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/filter/memmap.h"
#include "vmcore/filter/survey.h"

#define MEMMAP_WINDOW MIB(2)
/* Where struct pages are read, those behind the first of a large free block need not be. */
#define MEMMAP_READ KIB(64)
/* How many struct pages ahead of its use one is fetched into the CPU's cache. */
#define PREFETCH 32

struct filter {
	const struct dump *dump;
	struct kspace *ks;
	struct reader *reader;
	struct memmap memmap;
	struct page_rules rules;
	const struct bitmap *needed;
	struct bitmap *keep;
	const struct filter_watch *watch; /* NULL: nobody wants to know */
	struct filter_result *result;
	uint64_t section_end; /* first page frame behind the section that is being gone through */
	uint64_t skip_to;     /* page frames before this one were judged with their block's first */

	/* Page frames of one class that were judged last, and are excluded together: neighbours
	 * mostly are of one kind. */
	uint64_t run_start, run_end;
	enum page_class run_class;
};

int filter_all(const struct dump *d, struct bitmap *ret)
{
	int r = dump_bitmap(d, ret);

	if (r < 0)
		return r;
	for (size_t i = 0; i < d->n_ram; i++)
		bitmap_set(ret, d->ram[i].start, d->ram[i].end);
	return 0;
}

/* Pages that must not even be read. */
static bool is_untouchable(enum page_class class)
{
	return class == PAGE_HWPOISON || class == PAGE_OFFLINE || class == PAGE_UNACCEPTED;
}

/* Which page frames of a word of f->keep an exclusion clears. */
static uint64_t filter_clears(const struct filter *f, bool all, uint64_t w)
{
	uint64_t word = bitmap_word(f->keep, w);

	return word && !all ? word & ~bitmap_word(f->needed, w) : word;
}

/* Pages of [start, end) that are about to be cleared. */
static void filter_tell(const struct filter *f, enum page_class class, uint64_t start, uint64_t end)
{
	bool all = is_untouchable(class);
	uint64_t goes = filter_clears(f, all, start / 64);

	for (uint64_t pfn = start; pfn < end; pfn++) {
		if (pfn % 64 == 0)
			goes = filter_clears(f, all, pfn / 64);
		if (goes == UINT64_MAX)
			pfn |= 63;
		if (goes >> (pfn % 64) & 1)
			continue;
		if (pfn > start)
			f->watch->excluded(f->watch->arg, class, start, pfn);
		start = pfn + 1;
	}
	if (end > start)
		f->watch->excluded(f->watch->arg, class, start, end);
}

static void filter_exclude(struct filter *f, enum page_class class, uint64_t start, uint64_t end)
{
	if (f->watch)
		filter_tell(f, class, start, end);
	f->result->excluded[class] += is_untouchable(class)
	                                      ? bitmap_clear(f->keep, start, end)
	                                      : bitmap_clear_except(f->keep, start, end, f->needed);
}

static void filter_end_run(struct filter *f)
{
	if (f->run_end > f->run_start)
		filter_exclude(f, f->run_class, f->run_start, f->run_end);
	f->run_start = f->run_end;
}

/* Where the block up to @end ends for the filter: before a section without struct pages. */
static uint64_t filter_end_of_block(struct filter *f, uint64_t end)
{
	uint64_t pfn = f->section_end, va;

	while (pfn < end && memmap_section(&f->memmap, pfn >> f->memmap.pfn_shift, &va) > 0)
		pfn += UINT64_C(1) << f->memmap.pfn_shift;
	return MIN(pfn, end);
}

static void filter_page(struct filter *f, uint64_t pfn, const uint8_t *page, const uint8_t *next)
{
	unsigned order;
	enum page_class class = page_classify(&f->rules, pfn, page, next, &order);

	if (class == PAGE_KEEP)
		return;
	if (class != f->run_class || pfn != f->run_end) {
		filter_end_run(f);
		f->run_start = pfn;
		f->run_class = class;
	}
	f->skip_to = f->run_end =
		order > 0 ? filter_end_of_block(f, pfn + (UINT64_C(1) << order)) : pfn + 1;
}

/* Judges the pages from @pfn on, whose @n struct pages lie in a row at @page. The last of them is
 * left to the caller, since it takes the one behind it. Returns how many were judged. */
static uint64_t filter_run_of_pages(struct filter *f, uint64_t pfn, const uint8_t *page, uint64_t n)
{
	uint64_t judged = 0;

	while (judged + 1 < n) {
		/* A CPU does not do this by itself across pages. What is not there is harmless. */
		__builtin_prefetch(page + (judged + PREFETCH) * f->rules.page_size);
		if (pfn + judged >= f->skip_to)
			filter_page(f, pfn + judged, page + judged * f->rules.page_size,
			            page + (judged + 1) * f->rules.page_size);
		judged++;
		if (f->skip_to > pfn + judged)
			judged = MIN(n - 1, f->skip_to - pfn);
	}
	return judged;
}

/* Maps up to @want struct pages at @va as far as they lie in a row, and returns how many do. */
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

/* Judges one page, whose struct page at @va, or the one behind that, lies across a border. @page is
 * where it is mapped, NULL when it is not. Maps up to @want struct pages behind it. */
static int filter_one_page(struct filter *f, uint64_t pfn, uint64_t va, const uint8_t *page,
                           uint64_t want)
{
	uint8_t pair[2 * MEMMAP_MAX_STRUCT_PAGE];
	size_t size = f->memmap.struct_page;
	const uint8_t *next;
	int r = 0;

	if (page)
		memcpy(pair, page, size);
	else
		r = kspace_read(f->ks, va, pair, size);
	if (r < 0)
		return r;
	if (filter_map(f, va + size, want, &next) == 0) {
		r = kspace_read(f->ks, va + size, pair + size, size);
		next = r < 0 ? NULL : pair + size;
	}
	filter_page(f, pfn, pair, next);
	return 0;
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
			else if (filter_one_page(f, pfn, va, n ? page : NULL, end - pfn) == 0)
				n = 1;
			else {
				/* No struct page: keep what this page of them stands for. */
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

/* True when page frames [pfn, end) lie in a section that is offline, and nobody has any of them. */
static bool filter_is_offline(struct filter *f, uint64_t pfn, uint64_t end)
{
	uint64_t nr = pfn >> f->memmap.pfn_shift, va, n;
	const uint8_t *page;

	if (memmap_offline_section(&f->memmap, nr, &va) <= 0)
		return false;
	va += (pfn - (nr << f->memmap.pfn_shift)) * f->memmap.struct_page;
	for (; pfn < end; pfn += n) {
		n = filter_map(f, va, end - pfn, &page);
		if (n == 0)
			return false;
		for (uint64_t i = 0; i < n; i++)
			if (!page_is_unused(&f->rules, page + i * f->memmap.struct_page))
				return false;
		va += n * f->memmap.struct_page;
	}
	return true;
}

static void filter_ram(struct filter *f, const struct ram_range *ram)
{
	uint64_t per_section = UINT64_C(1) << f->memmap.pfn_shift;

	for (uint64_t pfn = ram->start; pfn < ram->end;) {
		uint64_t nr = pfn >> f->memmap.pfn_shift;
		uint64_t end = MIN(ram->end, (nr + 1) * per_section);
		uint64_t va;

		f->section_end = (nr + 1) * per_section;
		if (memmap_page(&f->memmap, pfn, &va) > 0)
			filter_section(f, va, pfn, end);
		else if (!filter_is_offline(f, pfn, end))
			f->result->unmapped += end - pfn;
		else if (f->rules.can_free)
			filter_exclude(f, PAGE_FREE, pfn, end);
		pfn = end;
	}
}

void needed_done(struct bitmap needed[static NEEDED_SETS])
{
	for (enum needed set = 0; set < NEEDED_SETS; set++)
		bitmap_done(&needed[set]);
}

struct finder {
	struct kspace *ks;
	struct bitmap sets[NEEDED_SETS];
};

static void finder_done(struct finder *f)
{
	needed_done(f->sets);
}

static void finder_add(struct finder *f, enum needed set, uint64_t pa, uint64_t size)
{
	unsigned shift = f->ks->dump->page_shift;

	for (; set < NEEDED_SETS; set++)
		bitmap_set(&f->sets[set], pa >> shift, ((pa + size - 1) >> shift) + 1);
}

/* The tables that lead to @va. */
static void finder_add_tables(struct finder *f, uint64_t va)
{
	const struct pagetable *pt = &f->ks->tables;
	uint64_t table = pt->root, entry;

	for (unsigned level = pt->levels; level > 0; level--) {
		uint64_t index =
			va >> pagetable_shift(pt, level) & (pagetable_entries(pt, level) - 1);

		finder_add(f, NEEDED_FIRST, table, UINT64_C(8) << pt->index_bits);
		if (reader_read(f->ks->reader, table + index * 8, &entry, sizeof(entry)) < 0 ||
		    pt->arch->entry(pt, level, le64toh(entry), va, &table) != ENTRY_IS_TABLE)
			break;
	}
}

/* Takes note of a stretch of memory; struct survey's pages. */
static void finder_pages(void *arg, enum survey_part part, uint64_t va, uint64_t pa, uint64_t size)
{
	static const enum needed sets[SURVEY_PARTS] = {
		[SURVEY_TABLES] = NEEDED_SOON,  [SURVEY_LOG] = NEEDED_FIRST,
		[SURVEY_STACKS] = NEEDED_FIRST, [SURVEY_TASKS] = NEEDED_SOON,
		[SURVEY_IMAGE] = NEEDED_SOON,   [SURVEY_MODULES] = NEEDED_SOON,
		[SURVEY_MEMMAP] = NEEDED_ALL,
	};
	struct finder *f = arg;

	/* The log is read in small pieces: those of a page that is known have the same tables. */
	if (sets[part] == NEEDED_FIRST &&
	    !bitmap_test(&f->sets[NEEDED_FIRST], pa >> f->ks->dump->page_shift))
		finder_add_tables(f, va);
	finder_add(f, sets[part], pa, size);
}

/* By its name a kernel is known again. Called for what is read of it. */
static void finder_name(void *arg, uint64_t va, uint64_t pa, uint64_t size)
{
	finder_pages(arg, SURVEY_LOG, va, pa, size);
}

/* @parts: as in struct survey. */
static int find_needed(const struct dump *d, struct kspace *ks, unsigned parts,
                       struct bitmap ret[static NEEDED_SETS])
{
	_cleanup_(finder_done) struct finder f = { .ks = ks };
	struct survey survey = { .ks = ks, .parts = parts, .pages = finder_pages, .arg = &f };
	struct kspace_uts uts;
	int r = 0;

	for (enum needed set = 0; set < NEEDED_SETS && r == 0; set++)
		r = dump_bitmap(d, &f.sets[set]);
	if (r < 0)
		return r;
	if (ks) {
		r = survey_run(&survey);
		if (r < 0)
			return r;
		ks->touch = finder_name;
		ks->touch_arg = &f;
		kspace_uts(ks, &uts);
		ks->touch = NULL;
	} else {
		for (enum needed set = 0; set < NEEDED_SETS; set++)
			bitmap_set(&f.sets[set], d->image.start, d->image.end);
	}
	for (enum needed set = 0; set < NEEDED_SETS; set++)
		ret[set] = TAKE_STRUCT(f.sets[set]);
	return 0;
}

int filter_find_needed(const struct dump *d, struct kspace *ks,
                       struct bitmap ret[static NEEDED_SETS])
{
	return find_needed(d, ks, 0, ret);
}

int filter_find_first(const struct dump *d, struct kspace *ks, struct bitmap *ret)
{
	struct bitmap sets[NEEDED_SETS] = {};
	int r = find_needed(d, ks, 1 << SURVEY_LOG | 1 << SURVEY_STACKS, sets);

	if (r == 0)
		*ret = TAKE_STRUCT(sets[NEEDED_FIRST]);
	needed_done(sets);
	return r;
}

/* Sets up all that classifies pages. */
static int filter_init(struct filter *f, struct kspace *ks, unsigned level, struct reader **ret)
{
	const struct dump *d = f->dump;
	unsigned largest;
	int r;

	if (!ks)
		return errf(-ENODATA, "the kernel's memory cannot be read");
	if ((r = page_rules_init(&f->rules, &d->vmcoreinfo, d->page_shift, level)) < 0 ||
	    (r = memmap_init(&f->memmap, ks)) < 0 || (r = reader_new(d, MEMMAP_WINDOW, ret)) < 0)
		return r;
	reader_read_size(*ret, MEMMAP_READ);
	reader_prefer_map(*ret);
	largest = ks->tables.arch->largest_folio_bits - d->page_shift;
	f->rules.max_folio_order = MIN(f->rules.max_folio_order, largest);
	return 0;
}

int filter_apply(const struct dump *d, struct kspace *ks, unsigned level,
                 const struct bitmap *needed, struct bitmap *keep, const struct filter_watch *watch,
                 struct filter_result *ret)
{
	struct filter f = {
		.dump = d,
		.ks = ks,
		.needed = needed,
		.keep = keep,
		.watch = watch,
		.result = ret,
	};
	_cleanup_(reader_freep) struct reader *reader = NULL;
	int r;

	*ret = (struct filter_result){ .total = bitmap_count(keep, 0, keep->bits) };
	r = filter_init(&f, ks, level, &reader);
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
	filter_end_run(&f);
	if (ret->unmapped > 0)
		snprintf(ret->remark, sizeof(ret->remark),
		         "%llu pages have no struct page and are kept",
		         (unsigned long long)ret->unmapped);
	return 0;
}
