// SPDX-License-Identifier: GPL-2.0-or-later
/* test-page.c - what struct pages say, for the kernels of many years and every dump level. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/synth.h"
#include "vmcore/filter/page.h"

#define VA        UINT64_C(0xffffea0000400000)
#define PFN       UINT64_C(0x10000) /* aligned to any order used here */
#define ORDERS    9
#define MAX_ORDER 10

/* What becomes of each kind of page, and the levels of which any one makes it so; at other levels
 * it is poisoned or kept. */
static const struct {
	enum page_class class;
	unsigned levels;
	bool poisoned;
} fate[SYNTH_KINDS] = {
#define ALWAYS UINT32_MAX
	[SYNTH_KERNEL] = { PAGE_KEEP },
	[SYNTH_SLAB] = { PAGE_KEEP },
	[SYNTH_FREE] = { PAGE_FREE, LEVEL_FREE },
	[SYNTH_CACHE] = { PAGE_CACHE, LEVEL_CACHE | LEVEL_PRIVATE_CACHE },
	[SYNTH_PRIVATE_CACHE] = { PAGE_PRIVATE_CACHE, LEVEL_PRIVATE_CACHE },
	[SYNTH_SWAP_CACHE] = { PAGE_CACHE, LEVEL_CACHE | LEVEL_PRIVATE_CACHE },
	[SYNTH_CHECKED] = { PAGE_KEEP },
	[SYNTH_ANON] = { PAGE_USER, LEVEL_USER },
	[SYNTH_HUGETLB] = { PAGE_USER, LEVEL_USER },
	[SYNTH_TYPED] = { PAGE_KEEP },
	[SYNTH_HWPOISON] = { PAGE_HWPOISON, ALWAYS },
	[SYNTH_KSM] = { PAGE_USER, LEVEL_USER },
	[SYNTH_MOVABLE] = { PAGE_KEEP },
	[SYNTH_POISONED_ANON] = { PAGE_USER, LEVEL_USER, true },
	[SYNTH_POISONED_SLAB] = { PAGE_HWPOISON, ALWAYS },
	[SYNTH_POISONED_FREE] = { PAGE_FREE, LEVEL_FREE, true },
	[SYNTH_POISONED_HUGETLB] = { PAGE_USER, LEVEL_USER, true },
	[SYNTH_NEVER] = { PAGE_KEEP },
	[SYNTH_OFFLINE] = { PAGE_OFFLINE, ALWAYS },
	[SYNTH_UNACCEPTED] = { PAGE_UNACCEPTED, ALWAYS },
};

static enum page_class expected_class(enum synth_kind kind, unsigned level)
{
	if (fate[kind].levels == ALWAYS || fate[kind].levels & level)
		return fate[kind].class;
	return fate[kind].poisoned ? PAGE_HWPOISON : PAGE_KEEP;
}

/* Poison is in one page of a block; in which of a hugetlb page, the first one does not tell. */
static unsigned expected_order(enum synth_kind kind, enum page_class class, unsigned order)
{
	if (class == PAGE_HWPOISON && kind != SYNTH_POISONED_HUGETLB)
		return 0;
	return class == PAGE_KEEP ? 0 : kind == SYNTH_UNACCEPTED ? MAX_ORDER : order;
}

/* A block of struct pages of one era, and the rules that were made for it. */
struct block {
	const struct synth_era *era;
	struct synth_info info;
	unsigned page_size;
	struct page_rules rules;
	uint8_t pages[(2 << ORDERS) * 64];
};

static void block_init(struct block *b, const struct synth_era *era, unsigned page_size)
{
	check_case("era %s, struct page of %u bytes", era->name, page_size);
	b->era = era;
	b->page_size = page_size;
	b->info.len = 0;
	synth_era_keys(era, page_size, &b->info);
}

static void block_rules(struct block *b, unsigned level)
{
	struct vmcoreinfo vi = synth_vmcoreinfo(&b->info);

	assert_int_equal(page_rules_init(&b->rules, &vi, 12, level), 0);
}

static void block_write(struct block *b, enum synth_kind kind, unsigned order)
{
	synth_block(b->era, b->page_size, b->pages, VA, kind, order);
	/* The struct page behind, which is another's. */
	synth_block(b->era, b->page_size, b->pages + ((size_t)b->page_size << order),
	            VA + ((uint64_t)b->page_size << order), SYNTH_KERNEL, 0);
}

/* Struct page number @i of the block. */
static enum page_class classify(const struct block *b, uint64_t i, unsigned *order)
{
	const uint8_t *page = b->pages + i * b->page_size;

	return page_classify(&b->rules, PFN + i, page, page + b->page_size, order);
}

/* The same for the first one; checks the order too. */
static enum page_class classify_first(struct block *b, enum synth_kind kind, unsigned order)
{
	enum page_class class;
	unsigned got = 99;

	block_write(b, kind, order);
	class = classify(b, 0, &got);
	if (got != expected_order(kind, class, order))
		fail_msg("era %s, %s: order %u, expected %u", b->era->name, synth_kind_name(kind),
		         got, expected_order(kind, class, order));
	return class;
}

#define assert_class(got, expected) check_class(got, expected, __LINE__)
static void check_class(enum page_class got, enum page_class expected, int line)
{
	if (got == expected)
		return;
	print_error("got class %s, expected %s\n", page_class_name(got), page_class_name(expected));
	_fail(__FILE__, line);
}

static bool is_hugetlb(enum synth_kind kind)
{
	return kind == SYNTH_HUGETLB || kind == SYNTH_POISONED_HUGETLB;
}

static void check_era(struct block *b, unsigned level)
{
	static const unsigned orders[] = { 0, 1, ORDERS };

	block_rules(b, level);
	for (enum synth_kind kind = 0; kind < SYNTH_KINDS; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
			enum page_class class, expected = expected_class(kind, level);

			if (!synth_era_has(b->era, kind) || (is_hugetlb(kind) && orders[i] == 0))
				continue;
			class = classify_first(b, kind, orders[i]);
			if (class != expected)
				fail_msg("era %s, level %u, %s of order %u: got %s, expected %s by "
				         "fate[]",
				         b->era->name, level, synth_kind_name(kind), orders[i],
				         page_class_name(class), page_class_name(expected));
		}
}

static void every_kind_of_page_at_every_level_of_every_kernel(void **state)
{
	static struct block b;

	for (size_t e = 0; e < synth_n_eras; e++)
		for (unsigned page_size = 56; page_size <= 64; page_size += 8) {
			block_init(&b, &synth_eras[e], page_size);
			for (unsigned level = 0; level <= LEVEL_MAX; level++)
				check_era(&b, level);
		}
}

static void tails_go_the_way_of_their_head(void **state)
{
	static struct block b;

	for (size_t e = 0; e < synth_n_eras; e++) {
		block_init(&b, &synth_eras[e], 64);
		block_rules(&b, LEVEL_MAX);
		for (enum synth_kind kind = 0; kind < SYNTH_KINDS; kind++) {
			unsigned order;

			if (!synth_era_has(b.era, kind))
				continue;
			block_write(&b, kind, 4);
			for (uint64_t i = 1; i < 16; i++) {
				assert_class(classify(&b, i, &order), PAGE_KEEP);
				assert_int_equal(order, 0);
			}
		}
	}
}

/* Poison is marked on the very page, whether its block is kept or not. */
static void poisoned_tail_is_not_touched(void **state)
{
	static const enum synth_kind kinds[] = { SYNTH_ANON, SYNTH_SLAB, SYNTH_CACHE };
	static struct block b;

	for (size_t e = 0; e < synth_n_eras; e++)
		for (size_t i = 0; i < 2 * ARRAY_SIZE(kinds); i++) {
			unsigned order;

			block_init(&b, &synth_eras[e], 64);
			block_rules(&b, i < ARRAY_SIZE(kinds) ? 0 : LEVEL_MAX);
			block_write(&b, kinds[i % ARRAY_SIZE(kinds)], 4);
			for (uint64_t tail = 1; tail < 16; tail += 2)
				synth_poison(b.era, b.pages + tail * b.page_size);
			for (uint64_t tail = 1; tail < 16; tail++) {
				assert_class(classify(&b, tail, &order),
				             tail & 1 ? PAGE_HWPOISON : PAGE_KEEP);
				assert_int_equal(order, 0);
			}
		}
}

/* A first page whose neighbour is no tail contradicts itself. */
static void order_without_a_tail_is_not_believed(void **state)
{
	static struct block b;

	for (size_t e = 0; e < synth_n_eras; e++) {
		unsigned order;

		block_init(&b, &synth_eras[e], 64);
		block_rules(&b, LEVEL_USER);
		block_write(&b, SYNTH_ANON, 9);
		b.pages[b.page_size + b.rules.compound] &= ~1;
		assert_class(classify(&b, 0, &order), PAGE_USER);
		assert_int_equal(order, 0);
	}
}

static void free_block_needs_an_order_within_the_limit(void **state)
{
	static struct block b;
	static const struct {
		const char *length; /* of zone.free_area */
		uint64_t order;
		bool free;
	} blocks[] = {
		{ "11", 10, true },
		{ "11", 11, false },
		{ "11", 64, false },
		{ "11", UINT64_MAX, false },
		{ "11", UINT64_C(1) << 32, false },
		{ "9", 8, true },
		{ "9", 9, false },
		{ "14", 13, true },
		{ "0", 10, true },
		{ "0", 11, false },
		{ "65", 11, false },
		{ NULL, 10, true },
		{ NULL, 11, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		unsigned order;

		block_init(&b, synth_era("6.12"), 64);
		synth_drop(&b.info, "LENGTH(zone.free_area)");
		if (blocks[i].length)
			synth_key(&b.info, "LENGTH(zone.free_area)=%s", blocks[i].length);
		block_rules(&b, LEVEL_FREE);
		block_write(&b, SYNTH_FREE, 0);
		synth_put(b.pages + b.rules.private, blocks[i].order, 8, false);
		assert_class(classify(&b, 0, &order), blocks[i].free ? PAGE_FREE : PAGE_KEEP);
		assert_int_equal(order, blocks[i].free ? blocks[i].order : 0);
	}
}

/* While slab was a flag, a slab page kept numbers of its own where others have their type. */
static void slab_page_with_the_number_of_a_type_is_kept(void **state)
{
	static struct block b;

	for (size_t e = 0; e < synth_n_eras; e++) {
		const struct synth_era *era = &synth_eras[e];
		const int32_t numbers[] = { era->buddy, era->offline };

		for (size_t i = 0; i < ARRAY_SIZE(numbers) && era->slab; i++) {
			unsigned order;

			block_init(&b, era, 64);
			block_rules(&b, LEVEL_MAX);
			block_write(&b, SYNTH_SLAB, 0);
			synth_put(b.pages + b.rules.mapcount, numbers[i], 4, false);
			assert_class(classify(&b, 0, &order), PAGE_KEEP);
		}
	}
}

static void block_that_is_not_aligned_is_not_believed(void **state)
{
	static struct block b;
	unsigned order;

	block_init(&b, synth_era("6.12"), 64);
	block_rules(&b, LEVEL_MAX);
	block_write(&b, SYNTH_FREE, 3);
	assert_class(page_classify(&b.rules, PFN + 4, b.pages, b.pages + 64, &order), PAGE_KEEP);
	assert_class(page_classify(&b.rules, PFN + 8, b.pages, b.pages + 64, &order), PAGE_FREE);
	/* A compound page is then judged by itself. */
	block_write(&b, SYNTH_ANON, 3);
	assert_class(page_classify(&b.rules, PFN + 4, b.pages, b.pages + 64, &order), PAGE_USER);
	assert_int_equal(order, 0);
}

/* With HVO the struct pages of a hugetlb page from the 65th on are the first ones again. */
static void aliases_of_a_hugetlb_head_stand_for_themselves(void **state)
{
	static struct block b;

	for (size_t e = 0; e < synth_n_eras; e++) {
		block_init(&b, &synth_eras[e], 64);
		block_rules(&b, LEVEL_USER);
		block_write(&b, SYNTH_HUGETLB, 9);
		for (uint64_t pfn = PFN + 64; pfn < PFN + 512; pfn += 64) {
			unsigned order;

			page_classify(&b.rules, pfn, b.pages, b.pages + 64, &order);
			assert_int_equal(order, 0);
		}
	}
}

static void order_that_cannot_be_is_not_believed(void **state)
{
	static struct block b;
	static const unsigned orders[] = { 23, 63, 64, 255 };

	for (size_t e = 0; e < synth_n_eras; e++)
		for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
			const struct synth_era *era = &synth_eras[e];
			unsigned order;

			block_init(&b, era, 64);
			block_rules(&b, LEVEL_USER);
			block_write(&b, SYNTH_ANON, 9);
			b.pages[64 + (era->order_key ? era->order_offset : 0)] = orders[i];
			assert_class(page_classify(&b.rules, 0, b.pages, b.pages + 64, &order),
			             PAGE_USER);
			assert_int_equal(order, 0);
		}
}

static void first_page_alone_tells_no_order(void **state)
{
	static struct block b;

	for (size_t e = 0; e < synth_n_eras; e++) {
		unsigned order;

		block_init(&b, &synth_eras[e], 64);
		block_rules(&b, LEVEL_MAX);
		block_write(&b, SYNTH_ANON, 9);
		assert_class(page_classify(&b.rules, PFN, b.pages, NULL, &order), PAGE_USER);
		assert_int_equal(order, 0);
		/* That it is hugetlb stands in the second, or in the first as a type. */
		block_write(&b, SYNTH_HUGETLB, 9);
		assert_class(page_classify(&b.rules, PFN, b.pages, NULL, &order),
		             b.era->hugetlb_type ? PAGE_USER : PAGE_KEEP);
		assert_int_equal(order, 0);
	}
}

static void struct_pages_that_were_never_written_are_kept(void **state)
{
	static struct block b;

	for (size_t e = 0; e < synth_n_eras; e++)
		for (int byte = 0; byte <= 0xff; byte += 0xff) {
			unsigned order;

			block_init(&b, &synth_eras[e], 64);
			block_rules(&b, LEVEL_MAX);
			memset(b.pages, byte, 128);
			assert_class(classify(&b, 0, &order), PAGE_KEEP);
		}
}

/* Sets of classes. A key about hugetlb pages says nothing of other pages of programs. */
#define CLASS(c) (1U << PAGE_##c)
#define CACHES   (CLASS(CACHE) | CLASS(PRIVATE_CACHE))
#define HUGETLBS (1U << 31)
#define USERS    (CLASS(USER) | HUGETLBS)

static unsigned class_set(enum synth_kind kind)
{
	return is_hugetlb(kind) ? HUGETLBS : 1U << fate[kind].class;
}

static void missing_keys_keep_pages(void **state)
{
	static struct block b;
	static const struct {
		const char *era, *key;
		unsigned kept;   /* classes that are kept without the key, but not with it */
		unsigned single; /* classes of which only the first page is excluded without it */
	} missing[] = {
		{ "6.12", "NUMBER(PG_lru)", CACHES },
		{ "6.12", "NUMBER(PG_swapcache)", CACHES },
		{ "6.12", "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)", CACHES | USERS },
		{ "5.10", "NUMBER(PG_slab)", CACHES | USERS },
		{ "6.12", "NUMBER(PG_hwpoison)", CLASS(HWPOISON) },
		{ "6.12", "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", CLASS(FREE) },
		{ "6.12", "OFFSET(page.private)", CLASS(FREE) },
		{ "6.12", "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)", CLASS(OFFLINE) },
		{ "6.16", "NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)", CLASS(UNACCEPTED) },
		{ "6.12", "NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)", HUGETLBS, CLASS(USER) | CACHES },
		{ "6.6", "NUMBER(PG_hugetlb)", HUGETLBS, CLASS(USER) | CACHES },
		{ "6.3", "NUMBER(HUGETLB_PAGE_DTOR)", HUGETLBS },
		{ "6.3", "OFFSET(folio._folio_order)", 0, CLASS(USER) | HUGETLBS | CACHES },
		{ "6.3", "OFFSET(folio._folio_dtor)", HUGETLBS },
		{ "5.10", "OFFSET(page.compound_order)", 0, CLASS(USER) | HUGETLBS | CACHES },
		{ "5.10", "OFFSET(page.compound_dtor)", HUGETLBS },
		{ "5.10", "NUMBER(PG_head_mask)", HUGETLBS, CLASS(USER) | CACHES },
		{ "6.12", "NUMBER(PG_head_mask)", 0, CLASS(USER) | HUGETLBS | CACHES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		block_init(&b, synth_era(missing[i].era), 64);
		synth_drop(&b.info, missing[i].key);
		block_rules(&b, LEVEL_MAX);
		for (enum synth_kind kind = 0; kind < SYNTH_KINDS; kind++) {
			bool kept = missing[i].kept & class_set(kind),
			     single = missing[i].single & class_set(kind);
			enum page_class class, expected;
			unsigned order;

			if (!synth_era_has(b.era, kind))
				continue;
			block_write(&b, kind, 4);
			class = classify(&b, 0, &order);
			expected = !kept                 ? expected_class(kind, LEVEL_MAX)
			           : fate[kind].poisoned ? PAGE_HWPOISON
			                                 : PAGE_KEEP;
			if (class != expected)
				fail_msg("era %s without %s, %s: got %s, expected %s by missing[]",
				         b.era->name, missing[i].key, synth_kind_name(kind),
				         page_class_name(class), page_class_name(expected));
			if (single && order != 0)
				fail_msg("era %s without %s, %s: got order %u, expected 0 by "
				         "missing[]",
				         b.era->name, missing[i].key, synth_kind_name(kind), order);
		}
	}
}

static void private_cache_cannot_be_told_apart_without_its_bit(void **state)
{
	static struct block b;

	block_init(&b, synth_era("6.12"), 64);
	synth_drop(&b.info, "NUMBER(PG_private)");
	block_rules(&b, LEVEL_CACHE);
	assert_class(classify_first(&b, SYNTH_CACHE, 0), PAGE_KEEP);
	assert_class(classify_first(&b, SYNTH_PRIVATE_CACHE, 0), PAGE_KEEP);
}

/* Before 4.10 there was no PG_swapbacked to be told of. */
static void swap_cache_needs_no_more_than_the_kernel_tells(void **state)
{
	static struct block b;

	block_init(&b, synth_era("5.10"), 64);
	synth_drop(&b.info, "NUMBER(PG_swapbacked)");
	block_rules(&b, LEVEL_CACHE);
	assert_class(classify_first(&b, SYNTH_CHECKED, 0), PAGE_CACHE);
}

static void without_the_layout_of_struct_page_nothing_is_judged(void **state)
{
	static struct block b;
	static const char *const keys[] = {
		"SIZE(page)",           "OFFSET(page.flags)",         "OFFSET(page._mapcount)",
		"OFFSET(page.mapping)", "OFFSET(page.compound_head)",
	};
	static const char *const errors[] = {
		"VMCOREINFO has no SIZE(page)",
		"does not describe struct page",
		"does not describe struct page",
		"does not describe struct page",
		"has neither OFFSET(page.compound_head) nor OFFSET(page.compound_info)",
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct page_rules rules = { .level = 99 };
		struct vmcoreinfo vi;

		block_init(&b, synth_era("6.12"), 64);
		synth_drop(&b.info, keys[i]);
		vi = synth_vmcoreinfo(&b.info);
		assert_fails(page_rules_init(&rules, &vi, 12, LEVEL_MAX), -ENODATA, errors[i]);
		assert_int_equal(rules.level, 99);
	}
}

/* A member that does not lie in struct page would be read from elsewhere. */
static void members_outside_of_struct_page_are_as_good_as_missing(void **state)
{
	static struct block b;
	static const uint64_t offsets[] = {
		57, 61, 64, 1 << 20, UINT64_C(1) << 32, UINT64_MAX, UINT64_MAX - 3, UINT64_MAX - 7
	};
	static const char *const keys[] = {
		"OFFSET(page.flags)",         "OFFSET(page.mapping)", "OFFSET(page._mapcount)",
		"OFFSET(page.compound_head)", "OFFSET(page.private)",
	};

	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		for (size_t i = k == 2 ? 1 : 0; i < ARRAY_SIZE(offsets); i++) {
			struct vmcoreinfo vi;

			block_init(&b, synth_era("6.12"), 64);
			synth_drop(&b.info, keys[k]);
			synth_key(&b.info, "%s=%llu", keys[k], (unsigned long long)offsets[i]);
			vi = synth_vmcoreinfo(&b.info);
			if (streq(keys[k], "OFFSET(page.private)")) {
				block_rules(&b, LEVEL_MAX);
				assert_class(classify_first(&b, SYNTH_FREE, 0), PAGE_KEEP);
			} else {
				assert_int_equal(page_rules_init(&b.rules, &vi, 12, 31), -ENODATA);
			}
		}
}

static void order_and_destructor_must_lie_in_the_second_struct_page(void **state)
{
	static struct block b;
	static const uint64_t offsets[] = { 0, 63, 128, 1 << 20, UINT64_MAX };
	static const char *const keys[] = { "OFFSET(folio._folio_order)",
		                            "OFFSET(folio._folio_dtor)" };

	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
			unsigned order;

			block_init(&b, synth_era("6.3"), 64);
			synth_drop(&b.info, keys[k]);
			synth_key(&b.info, "%s=%llu", keys[k], (unsigned long long)offsets[i]);
			block_rules(&b, LEVEL_MAX);
			block_write(&b, SYNTH_ANON, 9);
			assert_class(classify(&b, 0, &order), PAGE_USER);
			assert_int_equal(order, k == 0 ? 0 : 9);
			block_write(&b, SYNTH_HUGETLB, 9);
			assert_class(classify(&b, 0, &order), k == 0 ? PAGE_USER : PAGE_KEEP);
			assert_int_equal(order, 0);
		}
}

static void classes_have_names(void **state)
{
	for (enum page_class c = 0; c < PAGE_CLASSES; c++)
		assert_non_null(page_class_name(c));
	assert_string_equal(page_class_name(PAGE_PRIVATE_CACHE), "private-cache");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_page_at_every_level_of_every_kernel),
		cmocka_unit_test(tails_go_the_way_of_their_head),
		cmocka_unit_test(poisoned_tail_is_not_touched),
		cmocka_unit_test(order_without_a_tail_is_not_believed),
		cmocka_unit_test(free_block_needs_an_order_within_the_limit),
		cmocka_unit_test(slab_page_with_the_number_of_a_type_is_kept),
		cmocka_unit_test(block_that_is_not_aligned_is_not_believed),
		cmocka_unit_test(aliases_of_a_hugetlb_head_stand_for_themselves),
		cmocka_unit_test(order_that_cannot_be_is_not_believed),
		cmocka_unit_test(first_page_alone_tells_no_order),
		cmocka_unit_test(struct_pages_that_were_never_written_are_kept),
		cmocka_unit_test(missing_keys_keep_pages),
		cmocka_unit_test(private_cache_cannot_be_told_apart_without_its_bit),
		cmocka_unit_test(swap_cache_needs_no_more_than_the_kernel_tells),
		cmocka_unit_test(without_the_layout_of_struct_page_nothing_is_judged),
		cmocka_unit_test(members_outside_of_struct_page_are_as_good_as_missing),
		cmocka_unit_test(order_and_destructor_must_lie_in_the_second_struct_page),
		cmocka_unit_test(classes_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
