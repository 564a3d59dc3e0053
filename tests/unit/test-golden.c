// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-golden.c - whole machines of known contents: page by page what is kept, byte by byte what is
 * stored.
 *
 * A machine of each kernel era holds pages of every class, singly and in blocks, and all that is
 * hard to get right. What must become of each page at each of the 32 levels is written down from
 * the rules, without the engine's code, when the page is made.
 */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/filtered.h"
#include "tests/unit/synth.h"
#include "vmcore/format/save.h"
#include "vmcore/filter/filter.h"

#define PAGE   UINT64_C(4096)
#define LEVELS 32

/* Masks of levels: bit n for level n. */
#define NEVER  UINT32_C(0)
#define ALWAYS UINT32_MAX

/* Where things are; all free for tests, but for what is said to be the kernel's. */
#define SINGLES    UINT64_C(0xc00)
#define PAIRS      UINT64_C(0xc20)
#define STACK      UINT64_C(0xc54)
#define BLOCKS     UINT64_C(0xc80)
#define POISONED   UINT64_C(0xd40)
#define BUDDY      UINT64_C(0xd80)
#define HUGETLB    UINT64_C(0xe00)
#define UNACCEPTED UINT64_C(0x800)
#define BIG_BUDDY  SYNTH_HIGH_PFN
#define THP        (SYNTH_HIGH_PFN + 0x400)
#define OFFLINE    (SYNTH_HIGH_PFN + 0x600)
#define BEHIND     SYNTH_GIANT_END /* 0x101 pages, of which ... */
#define UNMAPPED   (BEHIND + 0x40) /* ... these have no struct pages ... */
#define MAPPED     (BEHIND + 0x80)
#define LAST       (BEHIND + 0x100) /* ... and this one ends early */
#define TABLES     SYNTH_IMAGE_END  /* the kernel's: page tables, memory map, log */

static const struct ram_range ram[] = {
	{ SYNTH_LOW_PFN, SYNTH_LOW_END },      { SYNTH_MAIN_PFN, SYNTH_MAIN_END },
	{ SYNTH_HIGH_PFN, SYNTH_HIGH_END },    { SYNTH_GIANT_PFN, SYNTH_GIANT_GAP },
	{ SYNTH_GIANT_MORE, SYNTH_GIANT_RAM },
};

/* Page frames where there is no RAM. */
static const uint64_t no_ram[] = { 0,
	                           SYNTH_LOW_END,
	                           SYNTH_MAIN_PFN - 1,
	                           SYNTH_MAIN_END,
	                           SYNTH_HIGH_PFN - 1,
	                           SYNTH_HIGH_END,
	                           SYNTH_GIANT_GAP,
	                           SYNTH_GIANT_PFN + 0x10000,
	                           SYNTH_GIANT_MORE - 1,
	                           SYNTH_GIANT_RAM,
	                           SYNTH_GIANT_RAM + 1000000 };

/* Any of these bits in the level excludes such pages. @poison: the first page at any level, or all
 * of a hugetlb page, since it does not tell which. */
static const struct {
	unsigned bits;
	enum { SOUND, FIRST, ALL } poison;
} rules[SYNTH_KINDS] = {
	[SYNTH_FREE] = { 16 },
	[SYNTH_CACHE] = { 2 | 4 },
	[SYNTH_PRIVATE_CACHE] = { 4 },
	[SYNTH_SWAP_CACHE] = { 2 | 4 },
	[SYNTH_ANON] = { 8 },
	[SYNTH_KSM] = { 8 },
	[SYNTH_HUGETLB] = { 8 },
	[SYNTH_HWPOISON] = { 0, FIRST },
	[SYNTH_POISONED_ANON] = { 8, FIRST },
	[SYNTH_POISONED_SLAB] = { 0, FIRST },
	[SYNTH_POISONED_FREE] = { 16, FIRST },
	[SYNTH_POISONED_HUGETLB] = { 0, ALL },
	[SYNTH_OFFLINE] = { 0, ALL },
	[SYNTH_UNACCEPTED] = { 0, ALL },
};

struct golden {
	struct synth m;
	struct dump *dump;
	struct kspace *ks;
	struct bitmap needed[NEEDED_SETS];
	uint64_t unused[16]; /* pages of the memory map that no reader needs */
	size_t n_unused;
	uint32_t excluded[SYNTH_GIANT_RAM]; /* by page frame: the levels that exclude it */
	uint8_t kinds[SYNTH_GIANT_RAM];     /* what its struct page says */
};

static uint32_t levels_with(unsigned bits)
{
	uint32_t mask = 0;

	for (unsigned level = 0; level < LEVELS; level++)
		mask |= level & bits ? UINT32_C(1) << level : 0;
	return mask;
}

static void expect(struct golden *g, uint64_t start, uint64_t end, uint32_t levels)
{
	for (uint64_t pfn = start; pfn < end; pfn++)
		g->excluded[pfn] = levels;
}

static void expect_block(struct golden *g, uint64_t pfn, enum synth_kind kind, unsigned order)
{
	uint64_t end = pfn + (UINT64_C(1) << order);

	memset(g->kinds + pfn, kind, end - pfn);
	expect(g, pfn, end, rules[kind].poison == ALL ? ALWAYS : levels_with(rules[kind].bits));
	if (rules[kind].poison == FIRST)
		g->excluded[pfn] = ALWAYS;
}

/* Makes a block of pages and notes what must become of it. A kind that kernels of this time do not
 * know becomes an ordinary page of the kernel. */
static void put(struct golden *g, uint64_t pfn, enum synth_kind kind, unsigned order)
{
	if (!synth_era_has(g->m.era, kind))
		kind = SYNTH_KERNEL;
	synth_pages(&g->m, &(struct synth_page){ pfn, kind, order }, 1);
	expect_block(g, pfn, kind, order);
}

/* Makes struct pages that lie: what they stand for is needed. */
static void lie(struct golden *g, uint64_t start, uint64_t end, enum synth_kind kind)
{
	for (uint64_t pfn = start; pfn < end; pfn++)
		put(g, pfn, kind, 0);
	expect(g, start, end, NEVER);
}

/* Poison is found in @pfn, within a block that was made before. */
static void poison(struct golden *g, uint64_t pfn)
{
	uint64_t va = synth_page_va(&g->m, pfn);
	uint8_t page[64];

	synth_load(&g->m, va, page, g->m.options.page_size);
	synth_poison(g->m.era, page);
	synth_store(&g->m, va, page, g->m.options.page_size);
	g->excluded[pfn] = ALWAYS;
}

static void put_every_kind(struct golden *g)
{
	for (enum synth_kind kind = 0; kind < SYNTH_KINDS; kind++) {
		bool hugetlb = kind == SYNTH_HUGETLB || kind == SYNTH_POISONED_HUGETLB;

		if (kind == SYNTH_UNACCEPTED)
			continue;
		if (!hugetlb)
			put(g, SINGLES + kind, kind, 0);
		put(g, PAIRS + 2 * kind, kind, 1);
		put(g, BLOCKS + 8 * kind, kind, 3);
	}
	assert_true(PAIRS + 2 * SYNTH_KINDS <= STACK && BLOCKS + 8 * SYNTH_KINDS <= POISONED);
}

static void put_poisoned_blocks(struct golden *g)
{
	put(g, POISONED, SYNTH_SLAB, 4);
	poison(g, POISONED + 5);
	put(g, POISONED + 0x10, SYNTH_ANON, 4);
	poison(g, POISONED + 0x11);
	poison(g, POISONED + 0x1f);
	put(g, POISONED + 0x20, SYNTH_CACHE, 5);
	poison(g, POISONED + 0x3f);
	put(g, BUDDY, SYNTH_POISONED_FREE, 7);
	poison(g, BUDDY + 0x33);
}

/* The page of the memory map at @va is of no use, since it is not mapped any more or stands for an
 * offline section. */
static void note_unused(struct golden *g, uint64_t va)
{
	uint64_t entry;

	memcpy(&entry, synth_entry(&g->m, va, 1), sizeof(entry));
	assert_true(g->n_unused < ARRAY_SIZE(g->unused));
	g->unused[g->n_unused++] = (entry & UINT64_C(0x000ffffffffff000)) / PAGE;
}

/* Maps @entry in its place. */
static void remap(struct golden *g, uint64_t va, uint64_t entry)
{
	note_unused(g, va);
	synth_put(synth_entry(&g->m, va, 1), entry, 8, false);
}

/* HVO: the struct pages of a hugetlb page but the first 64 are these 64 again. */
static void put_hugetlb(struct golden *g)
{
	uint64_t first;

	put(g, HUGETLB, SYNTH_HUGETLB, 9);
	memcpy(&first, synth_entry(&g->m, synth_page_va(&g->m, HUGETLB), 1), sizeof(first));
	for (uint64_t n = 64; n < 512; n += 64)
		remap(g, synth_page_va(&g->m, HUGETLB + n), first);
	expect_block(g, SYNTH_GIANT_PFN, SYNTH_HUGETLB, 18);
}

static void put_sections(struct golden *g)
{
	put(g, BIG_BUDDY, SYNTH_FREE, 10);
	poison(g, BIG_BUDDY + 0x155);
	put(g, THP, SYNTH_ANON, 9);
	/* Not online: its struct pages mean nothing. */
	put(g, OFFLINE, SYNTH_ANON, 9);
	synth_put(synth_section(&g->m, OFFLINE / SYNTH_SECTION), SYNTH_VMEMMAP_VA | 0x0b, 8, false);
	for (uint64_t n = 0; n < 0x200; n += 64)
		note_unused(g, synth_page_va(&g->m, OFFLINE + n));
	expect(g, OFFLINE, OFFLINE + 0x200, NEVER);
	for (uint64_t pfn = BEHIND; pfn < LAST; pfn++)
		put(g, pfn, SYNTH_ANON, 0);
	remap(g, synth_page_va(&g->m, UNMAPPED), 0);
	expect(g, UNMAPPED, MAPPED, NEVER);
}

/* What readers need, of which struct pages say what they like. */
static void put_kernel(struct golden *g)
{
	struct synth_log log;

	synth_log_init(&log, &g->m, 5, 12);
	for (unsigned i = 0; i < 100; i++)
		synth_log_add(&log, i, "a record that is as long as most of them are ...........",
		              56, SYNTH_FINAL);
	g->m.stacks[0] = SYNTH_DIRECT_VA + (STACK + 1) * PAGE + 0x10;
	put(g, STACK, SYNTH_ANON, 0);
	lie(g, STACK + 1, STACK + 4, SYNTH_ANON);
	lie(g, SYNTH_IMAGE_PFN, SYNTH_IMAGE_END, SYNTH_CACHE);
	put(g, SYNTH_IMAGE_PFN + 0x10, SYNTH_HWPOISON, 0);
	lie(g, TABLES, ALIGN_UP(g->m.next_free, PAGE) / PAGE, SYNTH_ANON);
	for (size_t i = 0; i < g->n_unused; i++)
		put(g, g->unused[i], SYNTH_FREE, 0);
	assert_true(g->m.next_free <= UNACCEPTED * PAGE);
	put(g, UNACCEPTED, g->m.era->unaccepted ? SYNTH_UNACCEPTED : SYNTH_FREE, 10);
}

/* Contents that differ from page to page: zeroes, text, what shrinks and what does not. */
static void fill(struct golden *g, uint64_t start, uint64_t end)
{
	for (uint64_t pfn = start; pfn < end; pfn++) {
		uint64_t pa = pfn * PAGE + (pfn == SYNTH_GIANT_MORE ? KIB(2) : 0);
		uint8_t *page = synth_at(&g->m, pa);
		size_t size = pfn == SYNTH_LOW_END - 1     ? 0xc00
		              : pfn == SYNTH_GIANT_MORE    ? KIB(2)
		              : pfn == SYNTH_GIANT_RAM - 1 ? KIB(1)
		                                           : PAGE;

		if (pfn * 5 % 13 % 4 == 0)
			continue;
		if (pfn % 61 == 0)
			check_noise(page, size, pfn);
		else
			memset(page, pfn % 255 + 1, size / 2);
		memcpy(page + size - 8, &pfn, 8);
	}
}

static void golden_init(struct golden *g, const struct synth_era *era)
{
	*g = (struct golden){};
	synth_init(&g->m, &(struct synth_options){
				  .era = era->name, .small_leaves = true, .giant = true });
	put_every_kind(g);
	put_poisoned_blocks(g);
	put_hugetlb(g);
	put_sections(g);
	put(g, 0x80, SYNTH_FREE, 4);
	put_kernel(g);
	fill(g, SYNTH_LOW_PFN, SYNTH_LOW_END);
	fill(g, SYNTH_MAIN_PFN, SYNTH_IMAGE_PFN);
	fill(g, UNACCEPTED, SYNTH_MAIN_END);
	for (size_t i = 2; i < ARRAY_SIZE(ram); i++)
		fill(g, ram[i].start, ram[i].end);
	g->dump = synth_dump(&g->m);
	g->ks = synth_kspace(g->dump);
	assert_int_equal(filter_find_needed(g->dump, g->ks, g->needed), 0);
}

static void golden_done(struct golden *g)
{
	needed_done(g->needed);
	g->ks = kspace_free(g->ks);
	g->dump = dump_free(g->dump);
	synth_done(&g->m);
}

/* True if a page must be in the dump. */
static bool kept(const struct golden *g, uint64_t pfn, unsigned level)
{
	return !(g->excluded[pfn] >> level & 1);
}

/* Filters at @level and checks the verdict on every page. */
static void check_kept(struct golden *g, unsigned level, struct bitmap *keep)
{
	uint64_t excluded = 0, counted = 0, in_ram = 0;
	struct filter_result result;

	filtered_pages(g->dump, g->ks, level, keep, &result);
	for (size_t i = 0; i < ARRAY_SIZE(ram); i++)
		for (uint64_t pfn = ram[i].start; pfn < ram[i].end; pfn++) {
			if (bitmap_test(keep, pfn) != kept(g, pfn, level))
				fail_msg("era %s, level %u, %s: page %#llx is %s, expected %s by "
				         "rules[]",
				         g->m.era->name, level, synth_kind_name(g->kinds[pfn]),
				         (unsigned long long)pfn,
				         kept(g, pfn, level) ? "excluded" : "kept",
				         kept(g, pfn, level) ? "kept" : "excluded");
			excluded += !kept(g, pfn, level);
			in_ram++;
		}
	for (enum page_class c = 0; c < PAGE_CLASSES; c++)
		counted += result.excluded[c];
	assert_int_equal(result.total, in_ram);
	assert_int_equal(counted, excluded);
	assert_int_equal(bitmap_count(keep, 0, keep->bits), in_ram - excluded);
	assert_int_equal(result.unmapped, 0x200 + (MAPPED - UNMAPPED));
}

/* A page as it must be in the file: what no segment covers is zero. */
static void expected_page(struct golden *g, uint64_t pfn, uint8_t *page)
{
	memset(page, 0, PAGE);
	for (size_t i = 0; i < g->m.n_ram; i++) {
		uint64_t start = MAX(g->m.ram[i].start, pfn * PAGE);
		uint64_t end = MIN(g->m.ram[i].end, (pfn + 1) * PAGE);

		if (start < end)
			memcpy(page + start % PAGE, synth_at(&g->m, start), end - start);
	}
}

/* Reads the file back; returns how many of its pages are zero. */
static uint64_t check_contents(struct golden *g, unsigned level, const struct dump *d)
{
	static const uint8_t zeroes[PAGE];
	_cleanup_(reader_freep) struct reader *r = NULL;
	uint8_t got[PAGE], expected[PAGE];
	uint64_t zero = 0;

	assert_int_equal(reader_new(d, MIB(1), &r), 0);
	for (size_t i = 0; i < ARRAY_SIZE(no_ram); i++)
		assert_int_equal(reader_read(r, no_ram[i] * PAGE, got, 1), -ENXIO);
	for (size_t i = 0; i < ARRAY_SIZE(ram); i++)
		for (uint64_t pfn = ram[i].start; pfn < ram[i].end; pfn++) {
			int e = reader_read(r, pfn * PAGE, got, PAGE);

			if (!kept(g, pfn, level)) {
				assert_int_equal(e, -ENODATA);
				continue;
			}
			expected_page(g, pfn, expected);
			if (e < 0 || memcmp(got, expected, PAGE) != 0)
				fail_msg("era %s, level %u, %s: page %#llx is read back %s (%d), "
				         "expected as it was in memory",
				         g->m.era->name, level, synth_kind_name(g->kinds[pfn]),
				         (unsigned long long)pfn,
				         e < 0 ? "not at all" : "otherwise", e);
			zero += memcmp(expected, zeroes, PAGE) == 0;
		}
	return zero;
}

static void check_saved(struct golden *g, unsigned level, unsigned threads,
                        const struct bitmap *keep)
{
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_(dump_freep) struct dump *d = NULL;
	struct save_options o = {
		.level = level,
		.threads = threads,
		.first = { level % 4 ? &g->needed[NEEDED_FIRST] : NULL, &g->needed[NEEDED_SOON],
		           &g->needed[NEEDED_ALL] },
		.uts = { "Linux", "synth", SYNTH_RELEASE, "#1", "x86_64", "" },
	};
	struct save_result result;
	const void *file;
	uint64_t zero;
	size_t size;

	assert_int_equal(codec_parse(level % 3 ? "lzo" : "zstd", &o.codec, &o.codec_level), 0);
	assert_int_equal(sink_to_memory(&sink), 0);
	assert_int_equal(save_kdump(g->dump, keep, &o, sink, &result), 0);
	file = sink_memory(sink, &size);
	assert_int_equal(synth_open(file, size, &d), 0);
	assert_int_equal(d->state, DUMP_COMPLETE);
	zero = check_contents(g, level, d);
	assert_int_equal(result.pages, bitmap_count(keep, 0, keep->bits));
	assert_int_equal(result.zero, level & 1 ? zero : 0);
	assert_int_equal(result.unreadable, 0);
}

/* The verdicts at all levels for each kernel; the contents at each level with one, two and eight
 * threads, by turns for one kernel or another. */
static void dumps_hold_what_they_must(void **state)
{
	static const unsigned threads[] = { 1, 2, 8 };
	static struct golden g;

	for (size_t e = 0; e < synth_n_eras; e++) {
		golden_init(&g, &synth_eras[e]);
		for (unsigned level = 0; level < LEVELS; level++) {
			struct bitmap keep;

			check_case("era %s, level %u", synth_eras[e].name, level);
			check_kept(&g, level, &keep);
			for (size_t t = 0; t < ARRAY_SIZE(threads); t++)
				if ((level * ARRAY_SIZE(threads) + t) % synth_n_eras == e)
					check_saved(&g, level, threads[t], &keep);
			bitmap_done(&keep);
		}
		golden_done(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dumps_hold_what_they_must),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
