// SPDX-License-Identifier: GPL-2.0-or-later
/* test-filter.c - which pages of whole machines go into the dump. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/filtered.h"
#include "tests/unit/synth.h"
#include "tests/unit/temptree.h"
#include "vmcore/filter/filter.h"

#define TEST_PFN SYNTH_TEST_PFN
#define HIGH_PFN SYNTH_HIGH_PFN

struct run {
	struct bitmap keep;
	struct filter_result result;
};

static void run_dump(struct dump *d, unsigned level, struct run *r)
{
	struct kspace *ks = synth_kspace(d);

	filtered_pages(d, ks, level, &r->keep, &r->result);
	kspace_free(ks);
}

static void run(struct synth *m, unsigned level, struct run *r)
{
	struct dump *d = synth_dump(m);

	run_dump(d, level, r);
	dump_free(d);
}

static void run_done(struct run *r)
{
	bitmap_done(&r->keep);
}

static bool is_ram(uint64_t pfn)
{
	return (pfn >= SYNTH_LOW_PFN && pfn < SYNTH_LOW_END) ||
	       (pfn >= SYNTH_MAIN_PFN && pfn < SYNTH_MAIN_END) ||
	       (pfn >= SYNTH_HIGH_PFN && pfn < SYNTH_HIGH_END);
}

/* Exactly the pages in @ranges are excluded, and the counts say so. */
static void check_excluded(const struct run *r, const struct ram_range *ranges, size_t n)
{
	uint64_t excluded = 0, counted = 0;

	assert_int_equal(bitmap_count(&r->keep, SYNTH_MAIN_END, SYNTH_HIGH_PFN), 0);
	for (uint64_t pfn = 0; pfn < r->keep.bits; pfn++) {
		bool expected;

		if (pfn == SYNTH_MAIN_END)
			pfn = SYNTH_HIGH_PFN;
		expected = is_ram(pfn);
		for (size_t i = 0; i < n; i++)
			if (pfn >= ranges[i].start && pfn < ranges[i].end)
				expected = false;
		if (bitmap_test(&r->keep, pfn) != expected)
			fail_msg("page %#llx is %s, expected %s", (unsigned long long)pfn,
			         expected ? "excluded" : "kept", expected ? "kept" : "excluded");
		excluded += is_ram(pfn) && !expected;
	}
	for (size_t c = 0; c < PAGE_CLASSES; c++)
		counted += r->result.excluded[c];
	assert_int_equal(r->result.excluded[PAGE_KEEP], 0);
	assert_int_equal(counted, excluded);
	assert_int_equal(r->result.total, SYNTH_PAGES);
}

#define CHECK_EXCLUDED(r, ...)                                                                     \
	do {                                                                                       \
		const struct ram_range ranges_[] = { __VA_ARGS__ };                                \
		check_excluded(r, ranges_, ARRAY_SIZE(ranges_));                                   \
	} while (0)

/* Runs a machine of these pages. */
static void run_pages(const struct synth_options *o, const struct synth_page *pages, size_t n,
                      unsigned level, struct run *r)
{
	struct synth m;

	synth_init(&m, o);
	synth_pages(&m, pages, n);
	run(&m, level, r);
	synth_done(&m);
}

static const struct synth_page one_of_each[] = {
	{ TEST_PFN + 0x00, SYNTH_KERNEL, 0 },        { TEST_PFN + 0x01, SYNTH_ANON, 0 },
	{ TEST_PFN + 0x02, SYNTH_CACHE, 0 },         { TEST_PFN + 0x03, SYNTH_SLAB, 0 },
	{ TEST_PFN + 0x04, SYNTH_PRIVATE_CACHE, 2 }, { TEST_PFN + 0x08, SYNTH_SLAB, 3 },
	{ TEST_PFN + 0x10, SYNTH_FREE, 4 },          { TEST_PFN + 0x20, SYNTH_SWAP_CACHE, 0 },
	{ TEST_PFN + 0x21, SYNTH_CHECKED, 0 },       { TEST_PFN + 0x22, SYNTH_HWPOISON, 0 },
	{ TEST_PFN + 0x23, SYNTH_OFFLINE, 0 },       { TEST_PFN + 0x24, SYNTH_POISONED_ANON, 0 },
	{ TEST_PFN + 0x26, SYNTH_ANON, 1 },          { TEST_PFN + 0x3f, SYNTH_FREE, 0 },
	{ TEST_PFN + 0x40, SYNTH_CACHE, 6 },         { TEST_PFN + 0x200, SYNTH_HUGETLB, 9 },
};

static void each_page_is_judged_whatever_the_kernel(void **state)
{
	for (size_t e = 0; e < synth_n_eras; e++)
		for (unsigned shape = 0; shape < 4; shape++) {
			const struct synth_options o = {
				.era = synth_eras[e].name,
				.levels = shape & 1 ? 5 : 4,
				.small_leaves = shape & 1,
				.page_size = shape & 2 ? 56 : 64,
			};
			const unsigned offline = synth_era_has(&synth_eras[e], SYNTH_OFFLINE);
			struct run r;

			check_case("era %s, %u levels of page tables, struct page of %u bytes",
			           o.era, o.levels, o.page_size);
			run_pages(&o, one_of_each, ARRAY_SIZE(one_of_each), LEVEL_MAX, &r);
			CHECK_EXCLUDED(&r, { TEST_PFN + 0x01, TEST_PFN + 0x03 },
			               { TEST_PFN + 0x04, TEST_PFN + 0x08 },
			               { TEST_PFN + 0x10, TEST_PFN + 0x21 },
			               { TEST_PFN + 0x22, TEST_PFN + 0x23 + offline },
			               { TEST_PFN + 0x24, TEST_PFN + 0x25 },
			               { TEST_PFN + 0x26, TEST_PFN + 0x28 },
			               { TEST_PFN + 0x3f, TEST_PFN + 0x80 },
			               { TEST_PFN + 0x200, TEST_PFN + 0x400 });
			assert_int_equal(r.result.excluded[PAGE_FREE], 17);
			assert_int_equal(r.result.excluded[PAGE_CACHE], 1 + 1 + 64);
			assert_int_equal(r.result.excluded[PAGE_PRIVATE_CACHE], 4);
			assert_int_equal(r.result.excluded[PAGE_USER], 1 + 1 + 2 + 512);
			assert_int_equal(r.result.excluded[PAGE_HWPOISON], 1);
			assert_int_equal(r.result.excluded[PAGE_OFFLINE], offline);
			assert_int_equal(r.result.unmapped, 0);
			assert_string_equal(r.result.remark, "");
			run_done(&r);
		}
}

static void level_0_excludes_only_what_must_not_be_touched(void **state)
{
	static const struct synth_page pages[] = {
		{ TEST_PFN, SYNTH_HWPOISON, 0 },          { TEST_PFN + 1, SYNTH_OFFLINE, 0 },
		{ TEST_PFN + 2, SYNTH_POISONED_ANON, 0 }, { TEST_PFN + 3, SYNTH_FREE, 0 },
		{ TEST_PFN + 4, SYNTH_CACHE, 0 },         { TEST_PFN + 5, SYNTH_ANON, 0 },
		{ HIGH_PFN, SYNTH_UNACCEPTED, 10 },
	};
	struct run r;

	run_pages(&(struct synth_options){ .era = "6.16" }, pages, ARRAY_SIZE(pages), 0, &r);
	CHECK_EXCLUDED(&r, { TEST_PFN, TEST_PFN + 3 }, { HIGH_PFN, HIGH_PFN + 1024 });
	assert_int_equal(r.result.excluded[PAGE_HWPOISON], 2);
	assert_int_equal(r.result.excluded[PAGE_UNACCEPTED], 1024);
	run_done(&r);
}

static void blocks_reach_across_sections(void **state)
{
	static const struct synth_page pages[] = {
		{ TEST_PFN, SYNTH_FREE, 10 },    /* two sections */
		{ HIGH_PFN, SYNTH_HUGETLB, 11 }, /* four */
	};

	for (int small = 0; small < 2; small++) {
		struct run r;

		run_pages(&(struct synth_options){ .small_leaves = small }, pages,
		          ARRAY_SIZE(pages), LEVEL_FREE | LEVEL_USER, &r);
		CHECK_EXCLUDED(&r, { TEST_PFN, TEST_PFN + 0x400 }, { HIGH_PFN, HIGH_PFN + 0x800 });
		assert_int_equal(r.result.excluded[PAGE_FREE], 0x400);
		assert_int_equal(r.result.excluded[PAGE_USER], 0x800);
		run_done(&r);
	}
}

static void kept_compound_pages_keep_all_their_pages(void **state)
{
	static const struct synth_page pages[] = {
		{ TEST_PFN, SYNTH_SLAB, 3 },
		{ TEST_PFN + 0x200, SYNTH_HUGETLB, 9 },
		{ HIGH_PFN, SYNTH_ANON, 9 },
		{ HIGH_PFN + 0x400, SYNTH_CACHE, 5 },
	};
	struct run r;

	run_pages(NULL, pages, ARRAY_SIZE(pages), LEVEL_FREE, &r);
	check_excluded(&r, NULL, 0);
	run_done(&r);
}

/* With 56 bytes a struct page and its neighbour often lie in different pages, and those apart. */
static void neighbours_across_a_border_are_found(void **state)
{
	struct synth_page pages[0x400];

	for (unsigned order = 0; order < 3; order++) {
		const unsigned step = 2 << order;
		struct ram_range excluded[ARRAY_SIZE(pages)];
		struct run r;
		size_t n = 0;

		for (uint64_t pfn = TEST_PFN; pfn < SYNTH_MAIN_END; pfn += step, n++) {
			pages[n] = (struct synth_page){ pfn, SYNTH_ANON, order };
			excluded[n] = (struct ram_range){ pfn, pfn + (1 << order) };
		}
		run_pages(&(struct synth_options){ .page_size = 56, .small_leaves = true }, pages,
		          n, LEVEL_USER, &r);
		check_excluded(&r, excluded, n);
		run_done(&r);
	}
}

static void blocks_end_with_memory(void **state)
{
	static const struct synth_page pages[] = {
		{ 0x80, SYNTH_FREE, 6 }, /* memory ends at 0xa0 */
		{ SYNTH_HIGH_END - 0x200, SYNTH_HUGETLB, 9 },
	};
	struct run r;

	run_pages(NULL, pages, ARRAY_SIZE(pages), LEVEL_MAX, &r);
	CHECK_EXCLUDED(&r, { 0x80, 0xa0 }, { SYNTH_HIGH_END - 0x200, SYNTH_HIGH_END });
	assert_int_equal(r.result.excluded[PAGE_FREE], 0x20);
	run_done(&r);
}

static void kernel_image_stays_whatever_its_struct_pages_say(void **state)
{
	static const struct synth_page inside[] = {
		{ SYNTH_IMAGE_PFN, SYNTH_ANON, 0 },
		{ SYNTH_IMAGE_PFN + 0x40, SYNTH_CACHE, 4 },
		{ SYNTH_IMAGE_END - 1, SYNTH_FREE, 0 },
	};
	struct run r;

	run_pages(NULL, inside, ARRAY_SIZE(inside), LEVEL_MAX, &r);
	check_excluded(&r, NULL, 0);
	run_done(&r);
}

/* Puts struct pages into a list of free blocks in this order. */
static void list_blocks(struct synth *m, const uint64_t *pfns, size_t n)
{
	uint64_t head = SYNTH_DIRECT_VA + synth_alloc(m, 16, 16);
	uint64_t nodes[8] = { head };

	for (size_t i = 0; i < n; i++)
		nodes[i + 1] = synth_page_va(m, pfns[i]) + SYNTH_PAGE_LRU;
	for (size_t i = 0; i <= n; i++) {
		const uint64_t links[] = { nodes[(i + 1) % (n + 1)], nodes[(i + n) % (n + 1)] };

		synth_store(m, nodes[i], links, sizeof(links));
	}
}

/* What the kernel frees of its image after boot: two blocks in a row, some that programs and files
 * have since then, and two that are in no list. */
static void freed_parts_of_the_image_are_like_other_memory(void **state)
{
	static const struct synth_page pages[] = {
		{ SYNTH_IMAGE_PFN + 0x40, SYNTH_FREE, 4 },
		{ SYNTH_IMAGE_PFN + 0x50, SYNTH_FREE, 2 },
		{ SYNTH_IMAGE_PFN + 0x80, SYNTH_FREE, 5 },
		{ SYNTH_IMAGE_PFN + 0xc0, SYNTH_CACHE, 2 },
		{ SYNTH_IMAGE_PFN + 0x60, SYNTH_CACHE, 2 },
		{ SYNTH_IMAGE_PFN + 0x70, SYNTH_ANON, 0 },
	};
	static const uint64_t listed[] = { SYNTH_IMAGE_PFN + 0x50, TEST_PFN, SYNTH_IMAGE_PFN + 0x60,
		                           SYNTH_IMAGE_PFN + 0x70, SYNTH_IMAGE_PFN + 0x40 };

	for (int small = 0; small < 2; small++) {
		struct synth m;
		struct run r;

		synth_init(&m, &(struct synth_options){ .small_leaves = small });
		synth_pages(&m, pages, ARRAY_SIZE(pages));
		list_blocks(&m, listed, ARRAY_SIZE(listed));
		run(&m, LEVEL_MAX, &r);
		CHECK_EXCLUDED(&r, { SYNTH_IMAGE_PFN + 0x40, SYNTH_IMAGE_PFN + 0x54 },
		               { SYNTH_IMAGE_PFN + 0x60, SYNTH_IMAGE_PFN + 0x64 },
		               { SYNTH_IMAGE_PFN + 0x70, SYNTH_IMAGE_PFN + 0x71 });
		run_done(&r);
		run(&m, LEVEL_CACHE, &r);
		CHECK_EXCLUDED(&r, { SYNTH_IMAGE_PFN + 0x60, SYNTH_IMAGE_PFN + 0x64 });
		run_done(&r);
		synth_drop(&m.info, "OFFSET(page.lru)");
		run(&m, LEVEL_MAX, &r);
		check_excluded(&r, NULL, 0);
		run_done(&r);
		synth_done(&m);
	}
}

/* Below the image blocks that are free, then one that claims the image and what was put behind it:
 * page tables, sections and, with small leaves, the memory map. */
static void what_readers_need_stays_whatever_its_struct_pages_say(void **state)
{
	static const struct synth_page pages[] = {
		{ 0x1, SYNTH_FREE, 0 },
		{ 0x100, SYNTH_FREE, 8 },
		{ 0x200, SYNTH_FREE, 9 },
		{ 0x400, SYNTH_FREE, 10 },
	};

	for (int small = 0; small < 2; small++) {
		uint64_t end_of_tables;
		struct synth m;
		struct run r;

		synth_init(&m, &(struct synth_options){ .small_leaves = small });
		synth_pages(&m, pages, ARRAY_SIZE(pages));
		end_of_tables = ALIGN_UP(m.next_free, 4096) >> 12;
		run(&m, LEVEL_MAX, &r);
		CHECK_EXCLUDED(&r, { 0x1, 0x2 }, { 0x100, SYNTH_IMAGE_PFN },
		               { end_of_tables, 0x800 });
		assert_true(end_of_tables > SYNTH_IMAGE_END + 5);
		run_done(&r);
		synth_done(&m);
	}
}

static void struct_pages_that_are_not_mapped_keep_their_pages(void **state)
{
	static const struct synth_page pages[] = {
		{ TEST_PFN, SYNTH_ANON, 6 },
		{ TEST_PFN + 0x40, SYNTH_ANON, 6 },
		{ TEST_PFN + 0x80, SYNTH_ANON, 6 },
		{ TEST_PFN + 0x100, SYNTH_FREE, 8 },
	};
	struct synth m;
	struct run r;

	synth_init(&m, &(struct synth_options){ .small_leaves = true });
	synth_pages(&m, pages, ARRAY_SIZE(pages));
	/* One within, and one that belongs to a block whose first struct page is there. */
	synth_put(synth_entry(&m, synth_page_va(&m, TEST_PFN + 0x40), 1), 0, 8, false);
	synth_put(synth_entry(&m, synth_page_va(&m, TEST_PFN + 0x140), 1), 0, 8, false);
	run(&m, LEVEL_MAX, &r);
	CHECK_EXCLUDED(&r, { TEST_PFN, TEST_PFN + 0x40 }, { TEST_PFN + 0x80, TEST_PFN + 0xc0 },
	               { TEST_PFN + 0x100, TEST_PFN + 0x200 });
	assert_int_equal(r.result.unmapped, 64);
	assert_string_equal(r.result.remark, "64 pages have no struct page and are kept");
	run_done(&r);
	synth_done(&m);
}

/* A page of memory map that is missing takes with it the struct pages that reach into it. */
static void struct_pages_that_are_partly_mapped_keep_their_pages(void **state)
{
	struct synth_page pages[0x200];
	uint64_t va, first, last;
	struct synth m;
	struct run r;

	synth_init(&m, &(struct synth_options){ .small_leaves = true, .page_size = 56 });
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = (struct synth_page){ TEST_PFN + i, SYNTH_ANON, 0 };
	synth_pages(&m, pages, ARRAY_SIZE(pages));
	va = ALIGN_DOWN(synth_page_va(&m, TEST_PFN + 0x80), 4096);
	synth_put(synth_entry(&m, va, 1), 0, 8, false);
	first = (va - SYNTH_VMEMMAP_VA) / 56;
	last = (va + 4096 - 1 - SYNTH_VMEMMAP_VA) / 56;
	run(&m, LEVEL_MAX, &r);
	CHECK_EXCLUDED(&r, { TEST_PFN, first }, { last + 1, TEST_PFN + 0x200 });
	assert_int_equal(r.result.unmapped, last + 1 - first);
	run_done(&r);
	synth_done(&m);
}

/* HVO frees the struct pages of a hugetlb page but the first 64, and maps those again and again. */
static void hugetlb_page_with_shared_struct_pages_is_one(void **state)
{
	static const unsigned levels[] = { LEVEL_USER, LEVEL_MAX, LEVEL_FREE, 0 };

	for (size_t e = 0; e < synth_n_eras; e++)
		for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
			struct synth m;
			struct run r;

			check_case("era %s, level %u", synth_eras[e].name, levels[i]);
			synth_init(&m, &(struct synth_options){ .era = synth_eras[e].name,
			                                        .small_leaves = true });
			synth_pages(&m, &(struct synth_page){ TEST_PFN, SYNTH_HUGETLB, 9 }, 1);
			for (uint64_t n = 1; n < 8; n++)
				memcpy(synth_entry(&m, synth_page_va(&m, TEST_PFN + n * 64), 1),
				       synth_entry(&m, synth_page_va(&m, TEST_PFN), 1), 8);
			run(&m, levels[i], &r);
			CHECK_EXCLUDED(
				&r, { TEST_PFN, TEST_PFN + (levels[i] & LEVEL_USER ? 0x200 : 0) });
			run_done(&r);
			synth_done(&m);
		}
}

static void set_flags(struct synth *m, uint64_t nr, uint64_t flags)
{
	synth_put(synth_section(m, nr), flags ? SYNTH_VMEMMAP_VA | flags : 0, 8, false);
}

static void sections_that_are_not_online_are_kept(void **state)
{
	static const struct synth_page pages[] = {
		{ TEST_PFN, SYNTH_FREE, 9 },
		{ TEST_PFN + 0x200, SYNTH_ANON, 9 },
		{ HIGH_PFN, SYNTH_ANON, 9 },
		{ HIGH_PFN + 0x200, SYNTH_ANON, 9 },
	};
	struct synth m;
	struct run r;

	synth_init(&m, NULL);
	synth_pages(&m, pages, ARRAY_SIZE(pages));
	set_flags(&m, TEST_PFN / SYNTH_SECTION, 0x0b);     /* offline */
	set_flags(&m, TEST_PFN / SYNTH_SECTION + 1, 0);    /* removed */
	set_flags(&m, HIGH_PFN / SYNTH_SECTION, 0x2f);     /* prepared early */
	set_flags(&m, HIGH_PFN / SYNTH_SECTION + 1, 0x0e); /* not present */
	run(&m, LEVEL_MAX, &r);
	CHECK_EXCLUDED(&r, { HIGH_PFN, HIGH_PFN + 0x200 });
	assert_int_equal(r.result.unmapped, 3 * SYNTH_SECTION);
	assert_string_equal(r.result.remark, "1536 pages have no struct page and are kept");
	run_done(&r);
	synth_done(&m);
}

/* As the kernel leaves a block of memory that it takes offline. */
static void offlined_blocks_are_free_memory(void **state)
{
	const uint32_t users = 0;
	struct synth m;
	struct run r;

	synth_init(&m, NULL);
	set_flags(&m, HIGH_PFN / SYNTH_SECTION, 0x0b);
	set_flags(&m, HIGH_PFN / SYNTH_SECTION + 1, 0x0b);
	for (uint64_t pfn = HIGH_PFN; pfn < HIGH_PFN + 2 * SYNTH_SECTION - 1; pfn++)
		synth_store(&m, synth_page_va(&m, pfn) + SYNTH_PAGE_REFCOUNT, &users, 4);
	run(&m, LEVEL_FREE, &r);
	CHECK_EXCLUDED(&r, { HIGH_PFN, HIGH_PFN + SYNTH_SECTION });
	assert_int_equal(r.result.excluded[PAGE_FREE], SYNTH_SECTION);
	/* The last page of the other one has a user: it was not taken offline. */
	assert_int_equal(r.result.unmapped, SYNTH_SECTION);
	run_done(&r);
	run(&m, LEVEL_CACHE, &r);
	check_excluded(&r, NULL, 0);
	run_done(&r);
	synth_done(&m);
}

/* A hugetlb page cannot reach into memory that has no struct pages. */
static void blocks_end_before_a_section_without_struct_pages(void **state)
{
	struct synth m;
	struct run r;

	synth_init(&m, NULL);
	synth_pages(&m, &(struct synth_page){ HIGH_PFN, SYNTH_HUGETLB, 11 }, 1);
	set_flags(&m, HIGH_PFN / SYNTH_SECTION + 2, 0x0b);
	run(&m, LEVEL_MAX, &r);
	CHECK_EXCLUDED(&r, { HIGH_PFN, HIGH_PFN + 2 * SYNTH_SECTION });
	assert_int_equal(r.result.unmapped, SYNTH_SECTION);
	run_done(&r);
	synth_done(&m);
}

static void without_a_kernel_everything_is_kept(void **state)
{
	struct synth m;
	struct dump *d;
	struct run r;

	synth_init(&m, NULL);
	synth_pages(&m, one_of_each, ARRAY_SIZE(one_of_each));
	m.no_vmcoreinfo = true;
	d = synth_dump(&m);
	filtered_pages(d, NULL, LEVEL_MAX, &r.keep, &r.result);
	check_excluded(&r, NULL, 0);
	assert_string_equal(r.result.remark,
	                    "the kernel's memory cannot be read: all pages are kept");
	run_done(&r);
	dump_free(d);
	synth_done(&m);
}

static void without_the_facts_everything_is_kept(void **state)
{
	static const struct {
		const char *key, *remark;
	} missing[] = {
		{ "SIZE(page)", "VMCOREINFO has no SIZE(page): all pages are kept" },
		{ "OFFSET(page.flags)",
		  "VMCOREINFO does not describe struct page: all pages are kept" },
		{ "SYMBOL(mem_section)",
		  "VMCOREINFO does not tell where the struct pages are: all pages are kept" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		struct synth m;
		struct run r;

		synth_init(&m, NULL);
		synth_pages(&m, one_of_each, ARRAY_SIZE(one_of_each));
		synth_drop(&m.info, missing[i].key);
		run(&m, LEVEL_MAX, &r);
		check_excluded(&r, NULL, 0);
		assert_string_equal(r.result.remark, missing[i].remark);
		run_done(&r);
		synth_done(&m);
	}
}

static void file_gives_the_same_as_memory(void **state)
{
	for (int small = 0; small < 2; small++) {
		struct temptree tree;
		struct source *s;
		struct run r, again;
		struct synth m;
		struct dump *d;
		char path[128];

		synth_init(&m, &(struct synth_options){ .small_leaves = small });
		synth_pages(&m, one_of_each, ARRAY_SIZE(one_of_each));
		synth_pages(&m, &(struct synth_page){ HIGH_PFN, SYNTH_HUGETLB, 11 }, 1);
		run(&m, LEVEL_MAX, &r);

		temptree_make(&tree);
		temptree_bytes(&tree, "vmcore", m.core, m.core_len);
		snprintf(path, sizeof(path), "%s/vmcore", tree.path);
		assert_int_equal(source_open(path, &s), 0);
		assert_int_equal(dump_open(s, &d), 0);
		run_dump(d, LEVEL_MAX, &again);
		assert_memory_equal(&again.result, &r.result, sizeof(r.result));
		assert_int_equal(again.keep.bits, r.keep.bits);
		for (uint64_t w = 0; w <= r.keep.bits / 64; w++)
			assert_int_equal(bitmap_word(&again.keep, w), bitmap_word(&r.keep, w));
		run_done(&again);
		run_done(&r);
		dump_free(d);
		temptree_remove(&tree);
		synth_done(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_page_is_judged_whatever_the_kernel),
		cmocka_unit_test(level_0_excludes_only_what_must_not_be_touched),
		cmocka_unit_test(blocks_reach_across_sections),
		cmocka_unit_test(kept_compound_pages_keep_all_their_pages),
		cmocka_unit_test(neighbours_across_a_border_are_found),
		cmocka_unit_test(blocks_end_with_memory),
		cmocka_unit_test(kernel_image_stays_whatever_its_struct_pages_say),
		cmocka_unit_test(freed_parts_of_the_image_are_like_other_memory),
		cmocka_unit_test(what_readers_need_stays_whatever_its_struct_pages_say),
		cmocka_unit_test(struct_pages_that_are_not_mapped_keep_their_pages),
		cmocka_unit_test(struct_pages_that_are_partly_mapped_keep_their_pages),
		cmocka_unit_test(hugetlb_page_with_shared_struct_pages_is_one),
		cmocka_unit_test(sections_that_are_not_online_are_kept),
		cmocka_unit_test(offlined_blocks_are_free_memory),
		cmocka_unit_test(blocks_end_before_a_section_without_struct_pages),
		cmocka_unit_test(without_a_kernel_everything_is_kept),
		cmocka_unit_test(without_the_facts_everything_is_kept),
		cmocka_unit_test(file_gives_the_same_as_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
