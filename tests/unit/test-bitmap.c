// SPDX-License-Identifier: GPL-2.0-or-later
/* test-bitmap.c - one bit per page frame, compared with one byte per page frame. */
#include "tests/unit/check.h"
#include "base/bitmap.h"

#define BITS 200

static void ranges_across_words(void **state)
{
	/* Beginnings and ends in, at and across the borders of words. */
	static const uint64_t edges[] = { 0, 1, 63, 64, 65, 127, 128, 191, 192, 199, 200, 250 };

	for (size_t i = 0; i < ARRAY_SIZE(edges); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(edges); j++) {
			uint64_t start = edges[i], end = edges[j], clipped = MIN(end, BITS);
			uint64_t n = start < clipped ? clipped - start : 0;
			struct bitmap b;

			assert_int_equal(bitmap_init(&b, BITS), 0);
			bitmap_set(&b, start, end);
			for (uint64_t k = 0; k < BITS + 100; k++)
				assert_int_equal(bitmap_test(&b, k), k >= start && k < clipped);
			assert_int_equal(bitmap_count(&b, 0, UINT64_MAX), n);
			assert_int_equal(bitmap_count(&b, start, end), n);
			assert_int_equal(bitmap_next_set(&b, 0), n ? start : BITS);
			assert_int_equal(bitmap_clear(&b, start, end), n);
			assert_int_equal(bitmap_count(&b, 0, BITS), 0);
			bitmap_done(&b);
		}
	}
}

static void clear_counts_only_what_was_set(void **state)
{
	struct bitmap b;

	assert_int_equal(bitmap_init(&b, BITS), 0);
	bitmap_set(&b, 10, 20);
	bitmap_set(&b, 60, 70);
	assert_int_equal(bitmap_clear(&b, 15, 65), 10);
	assert_int_equal(bitmap_count(&b, 0, BITS), 10);
	assert_int_equal(bitmap_clear(&b, 15, 65), 0);
	bitmap_done(&b);
}

static void clear_leaves_what_is_excepted(void **state)
{
	static const uint64_t edges[] = { 0, 1, 60, 63, 64, 65, 130, 191, 192, 199, 250 };

	for (size_t i = 0; i < ARRAY_SIZE(edges); i++)
		for (size_t j = 0; j < ARRAY_SIZE(edges); j++) {
			uint64_t start = edges[i], end = edges[j], n = 0;
			struct bitmap b, except;

			assert_int_equal(bitmap_init(&b, BITS), 0);
			/* Shorter by more than a word. */
			assert_int_equal(bitmap_init(&except, 70), 0);
			bitmap_set(&b, 3, BITS);
			bitmap_set(&except, 0, 10);
			bitmap_set(&except, 62, 66);
			for (uint64_t k = start; k < MIN(end, BITS); k++)
				n += k >= 3 && !bitmap_test(&except, k);
			assert_int_equal(bitmap_clear_except(&b, start, end, &except), n);
			for (uint64_t k = 0; k < BITS; k++)
				assert_int_equal(bitmap_test(&b, k),
				                 k >= 3 && (k < start || k >= end ||
				                            bitmap_test(&except, k)));
			bitmap_done(&except);
			bitmap_done(&b);
		}
}

static void next(void **state)
{
	struct bitmap b;

	assert_int_equal(bitmap_init(&b, BITS), 0);
	bitmap_set(&b, 5, 6);
	bitmap_set(&b, 130, BITS);
	assert_int_equal(bitmap_next_set(&b, 0), 5);
	assert_int_equal(bitmap_next_set(&b, 5), 5);
	assert_int_equal(bitmap_next_set(&b, 6), 130);
	assert_int_equal(bitmap_next_clear(&b, 5), 6);
	assert_int_equal(bitmap_next_clear(&b, 130), BITS);
	assert_int_equal(bitmap_next_set(&b, BITS), BITS);
	bitmap_done(&b);
}

/* Ranges that share words, that are beside each other, and one behind the end. */
static const struct bitmap_range ranges[] = { { 3, 5 },     { 10, 70 },   { 128, 130 },
	                                      { 192, 260 }, { 640, 641 }, { 1000, 2000 } };
#define RANGES_BITS 1200

static bool in_ranges(uint64_t bit)
{
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (bit >= ranges[i].start && bit < MIN(ranges[i].end, RANGES_BITS))
			return true;
	return false;
}

static void over_ranges(struct bitmap *b)
{
	assert_int_equal(bitmap_init_over(b, RANGES_BITS, ranges, ARRAY_SIZE(ranges)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		bitmap_set(b, ranges[i].start, ranges[i].end);
}

static void ranges_are_like_a_whole_bitmap(void **state)
{
	struct bitmap b, whole;
	uint64_t set = RANGES_BITS, clear = RANGES_BITS, n = 0;

	over_ranges(&b);
	assert_int_equal(bitmap_init(&whole, RANGES_BITS), 0);
	bitmap_set(&whole, 0, RANGES_BITS);
	assert_int_equal(bitmap_next_set(&b, RANGES_BITS), RANGES_BITS);
	for (uint64_t bit = RANGES_BITS; bit-- > 0;) {
		*(in_ranges(bit) ? &set : &clear) = bit;
		n += in_ranges(bit);
		assert_int_equal(bitmap_test(&b, bit), in_ranges(bit));
		assert_int_equal(bitmap_next_set(&b, bit), set);
		assert_int_equal(bitmap_next_clear(&b, bit), clear);
		assert_int_equal(bitmap_count(&b, bit, UINT64_MAX), n);
	}
	assert_int_equal(bitmap_clear_except(&whole, 0, RANGES_BITS, &b), RANGES_BITS - n);
	bitmap_set(&whole, 0, 20);
	bitmap_clear_others(&whole, &b);
	for (uint64_t bit = 0; bit < RANGES_BITS; bit++)
		assert_int_equal(bitmap_test(&whole, bit), in_ranges(bit));
	bitmap_clear(&b, 65, 193);
	assert_int_equal(bitmap_next_set(&b, 65), 193);
	bitmap_done(&whole);
	bitmap_done(&b);
}

/* What lies between costs neither memory nor time. */
static void holes_are_free(void **state)
{
	const struct bitmap_range far[] = { { 100, 200 }, { (1ULL << 60) - 100, 1ULL << 60 } };
	struct bitmap b;

	assert_int_equal(bitmap_init_over(&b, 1ULL << 60, far, ARRAY_SIZE(far)), 0);
	bitmap_set(&b, 0, UINT64_MAX);
	assert_true(bitmap_count(&b, 0, UINT64_MAX) < 400);
	assert_int_equal(bitmap_next_set(&b, 1000) / 64, ((1ULL << 60) - 100) / 64);
	assert_int_equal(bitmap_next_clear(&b, 1000), 1000);
	bitmap_done(&b);
}

static void is_the_bitmap_of_the_format(void **state)
{
	struct bitmap b;

	assert_int_equal(bitmap_init(&b, BITS), 0);
	bitmap_set(&b, 0, 1);
	bitmap_set(&b, 9, 10);
	if (*(const char *)&(const int){ 1 })
		assert_memory_equal(b.words, "\x01\x02\x00", 3);
	bitmap_done(&b);
}

static void empty(void **state)
{
	struct bitmap b;

	assert_int_equal(bitmap_init(&b, 0), 0);
	bitmap_set(&b, 0, 100);
	assert_int_equal(bitmap_count(&b, 0, 100), 0);
	assert_int_equal(bitmap_next_set(&b, 0), 0);
	assert_false(bitmap_test(&b, 0));
	bitmap_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_across_words),
		cmocka_unit_test(clear_counts_only_what_was_set),
		cmocka_unit_test(clear_leaves_what_is_excepted),
		cmocka_unit_test(next),
		cmocka_unit_test(ranges_are_like_a_whole_bitmap),
		cmocka_unit_test(holes_are_free),
		cmocka_unit_test(is_the_bitmap_of_the_format),
		cmocka_unit_test(empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
