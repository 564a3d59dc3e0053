// SPDX-License-Identifier: GPL-2.0-or-later
/* test-lzo-records.c - pages of records packed by our own encoder, by the judgement of liblzo2. */
#include <lzo/lzo1x.h>

#include "tests/unit/check.h"
#include "vmcore/io/lzo-records.h"
#include "vmcore/io/match.h"

#define MAX_PAGE 65536
#define RECORD   64

static const size_t sizes[] = { 1024, 4096, 16384, MAX_PAGE };

/* Packs a page and gives its size; for liblzo2 it must be that page. What is read and written lies
 * in memory of just the size that it may have, so that a sanitizer sees any byte too many. */
static size_t check_page(const uint8_t *page, size_t len)
{
	_cleanup_free_ uint8_t *in = malloc(len ?: 1), *packed = malloc(len ?: 1),
			       *back = malloc(len ?: 1);
	lzo_uint got = len;
	size_t n;

	assert_non_null(in);
	assert_non_null(packed);
	assert_non_null(back);
	memcpy(in, page, len);
	n = lzo_pack_records(in, len, packed);
	if (n == 0)
		return 0;
	assert_in_range(n, 1, len / 4 + 3 * RECORD);
	memset(back, 0x5a, len);
	assert_int_equal(lzo1x_decompress_safe(packed, n, back, &got, NULL), LZO_E_OK);
	assert_int_equal(got, len);
	assert_memory_equal(back, page, len);
	return n;
}

static size_t lzo_size(const uint8_t *page, size_t len)
{
	_cleanup_free_ void *scratch = malloc(LZO1X_1_12_MEM_COMPRESS);
	_cleanup_free_ uint8_t *packed = malloc(2 * len);
	lzo_uint n;

	assert_non_null(scratch);
	assert_non_null(packed);
	assert_int_equal(lzo1x_1_12_compress(page, len, packed, &n, scratch), LZO_E_OK);
	return n;
}

static uint32_t random32(uint32_t *seed)
{
	uint32_t v;

	check_noise(&v, sizeof(v), ++*seed);
	return v;
}

/* Records of which each is the one before but for up to @changes bytes. */
static void make_records(uint8_t *page, size_t len, size_t changes, uint32_t seed)
{
	check_noise(page, RECORD, seed);
	for (size_t i = RECORD; i < len; i += RECORD) {
		memcpy(page + i, page + i - RECORD, RECORD);
		for (size_t k = 0; k < changes; k++) {
			uint32_t v = random32(&seed);

			page[i + v % RECORD] = v >> 24;
		}
	}
}

/* The structures of free pages: of a list each points to the next one and to the last. */
static void make_page_structures(uint8_t *page, size_t len)
{
	uint64_t at = UINT64_C(0xffffea0004210000);
	uint32_t seed = 1;

	for (size_t i = 0; i < len; i += RECORD) {
		const uint64_t page_structure[RECORD / 8] = {
			UINT64_C(0x000fffffc0000000),
			at + random32(&seed) % 1024 * RECORD + 8,
			at + random32(&seed) % 1024 * RECORD + 8,
			0,
			i / RECORD,
			0,
			UINT64_C(0x00000000ffffffff),
			0,
		};

		memcpy(page + i, page_structure, RECORD);
	}
}

static void page_structures_become_smaller_than_with_lzo(void **state)
{
	static uint8_t page[MAX_PAGE];

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		make_page_structures(page, sizes[s]);
		assert_in_range(check_page(page, sizes[s]), 1, lzo_size(page, sizes[s]) - 1);
	}
}

static void same_records_are_one_match(void **state)
{
	static uint8_t page[MAX_PAGE];

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		make_records(page, sizes[s], 0, 3);
		assert_in_range(check_page(page, sizes[s]), 1, RECORD + sizes[s] / 255 + 8);
	}
}

/* Literals and matches of all lengths, until no page is worth while any more. */
static void records_with_more_and_more_changes_come_back_or_are_refused(void **state)
{
	static uint8_t page[MAX_PAGE];
	size_t packed = 0, refused = 0;

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++)
		for (uint32_t changes = 0; changes < 40; changes++)
			for (uint32_t seed = 1; seed < 6; seed++) {
				bool is_packed;

				make_records(page, sizes[s], changes, seed * 1000);
				is_packed = check_page(page, sizes[s]) > 0;
				packed += is_packed;
				refused += !is_packed;
				assert_true(is_packed || changes > 2);
				assert_true(!is_packed || changes < 20);
			}
	assert_true(packed > 50 && refused > 50);
}

/* A stretch of noise anywhere, in records that are all the same. */
static void one_stretch_of_literals_may_be_anywhere(void **state)
{
	uint8_t page[4096];

	for (size_t n = 1; n < 600; n += n < 70 ? 1 : 29)
		for (size_t at = 0; at + n <= sizeof(page); at += 131) {
			size_t size;

			make_records(page, sizeof(page), 0, 9);
			check_noise(page + at, n, n + at);
			size = check_page(page, sizeof(page));
			/* Near the start little is there yet to make up for it. */
			assert_true(size > 0 || n > RECORD / 2);
			assert_true(size > 0 || at < sizeof(page) / 2);
		}
}

static void what_is_no_record_is_left_to_lzo(void **state)
{
	static uint8_t page[MAX_PAGE];

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		check_noise(page, sizes[s], 11);
		assert_int_equal(check_page(page, sizes[s]), 0);
		for (size_t i = 0; i < sizes[s]; i++)
			page[i] = "of 24 bytes, all the same"[i % 24];
		assert_int_equal(check_page(page, sizes[s]), 0);
	}
}

static void odd_and_small_pages_are_left_to_lzo(void **state)
{
	uint8_t page[4096 + RECORD] = {};

	for (size_t len = 0; len <= sizeof(page); len++)
		assert_int_equal(check_page(page, len) > 0, len >= 1024 && len % RECORD == 0);
}

static void bytes_are_compared_alike_in_both_ways(void **state)
{
	uint8_t a[RECORD], b[RECORD];

	for (uint32_t seed = 1; seed < 2000; seed++) {
		uint64_t same = 0, words = 0;

		check_noise(a, sizeof(a), seed);
		memcpy(b, a, sizeof(b));
		for (size_t i = 0; i < seed % RECORD; i++)
			b[a[i] % RECORD] ^= 1U << i % 8;
		for (size_t i = 0; i < RECORD; i++)
			same |= (uint64_t)(a[i] == b[i]) << i;
		for (size_t i = 0; i < RECORD; i += 8)
			words |= same_bytes8(a + i, b + i) << i;
		assert_int_equal(same_bytes64(a, b), same);
		assert_int_equal(words, same);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_structures_become_smaller_than_with_lzo),
		cmocka_unit_test(same_records_are_one_match),
		cmocka_unit_test(records_with_more_and_more_changes_come_back_or_are_refused),
		cmocka_unit_test(one_stretch_of_literals_may_be_anywhere),
		cmocka_unit_test(what_is_no_record_is_left_to_lzo),
		cmocka_unit_test(odd_and_small_pages_are_left_to_lzo),
		cmocka_unit_test(bytes_are_compared_alike_in_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
