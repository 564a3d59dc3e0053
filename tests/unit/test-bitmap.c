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
		cmocka_unit_test(is_the_bitmap_of_the_format),
		cmocka_unit_test(empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
