// SPDX-License-Identifier: GPL-2.0-or-later
/* test-twins.c - pages that hold the same have the same hash and place, others have not. */
#include "tests/unit/check.h"
#include "vmcore/format/twins.h"

#define LARGEST 65536

static uint64_t look(struct twins *t, const void *page, struct twin **ret)
{
	uint64_t hash = 0;

	*ret = twins_look(t, page, &hash);
	assert_non_null(*ret);
	assert_int_not_equal(hash, 0);
	assert_in_range(hash, 1, UINT64_C(1) << 61);
	return hash;
}

static void copies_have_the_same_hash_and_place(void **state)
{
	static const size_t sizes[] = { 4096, 16384, LARGEST };
	static uint8_t page[LARGEST], copy[LARGEST + 1];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct twin *a, *b;
		struct twins *t;

		assert_int_equal(twins_new(1000, sizes[i], &t), 0);
		check_noise(page, sizes[i], i);
		memcpy(copy + 1, page, sizes[i]);
		assert_int_equal(look(t, page, &a), look(t, copy + 1, &b));
		assert_ptr_equal(a, b);
		assert_int_equal(a->hash, 0);
		twins_free(t);
	}
}

/* A bit more or less, two words that changed places, the same word elsewhere. */
static void whatever_differs_has_another_hash(void **state)
{
	static uint8_t page[LARGEST];
	struct twin *place;
	struct twins *t;
	uint64_t hash;

	assert_int_equal(twins_new(1000, sizeof(page), &t), 0);
	hash = look(t, page, &place);
	for (size_t bit = 0; bit < sizeof(page) * 8; bit++) {
		page[bit / 8] ^= 1 << bit % 8;
		assert_int_not_equal(look(t, page, &place), hash);
		page[bit / 8] ^= 1 << bit % 8;
	}
	check_noise(page, sizeof(page), 1);
	hash = look(t, page, &place);
	for (size_t at = 0; at + 16 <= sizeof(page); at += 8) {
		uint8_t word[8];

		memcpy(word, page + at, 8);
		memcpy(page + at, page + at + 8, 8);
		memcpy(page + at + 8, word, 8);
		assert_int_not_equal(look(t, page, &place), hash);
		memcpy(page + at + 8, page + at, 8);
		memcpy(page + at, word, 8);
	}
	assert_int_equal(look(t, page, &place), hash);
	twins_free(t);
}

/* Whoever knew the key could make two pages of one hash. The place has to be known, see twins.h. */
static void hashes_differ_from_table_to_table(void **state)
{
	static uint8_t page[4096];
	uint64_t before = 0;
	long place = -1;

	check_noise(page, sizeof(page), 3);
	for (unsigned i = 0; i < 16; i++) {
		static uint8_t other[4096];
		struct twin *a, *b;
		struct twins *t;
		uint64_t hash;

		assert_int_equal(twins_new(65536, sizeof(page), &t), 0);
		hash = look(t, page, &a);
		look(t, other, &b);
		assert_int_not_equal(hash, before);
		assert_true(i == 0 || a - b == place);
		before = hash;
		place = a - b;
		twins_free(t);
	}
}

/* Of pages that hold little, like most of a kernel's. */
static void places_are_spread(void **state)
{
	static bool taken[65536];
	static uint8_t page[4096];
	struct twin *first, *place;
	unsigned n = 0;
	struct twins *t;

	assert_int_equal(twins_new(65536, sizeof(page), &t), 0);
	look(t, page, &first);
	for (unsigned i = 0; i < 65536; i++) {
		memset(page, 0, 64);
		page[i % 8 * 8] = i / 8 % 256;
		page[i % 8 * 8 + 1] = i / 8 / 256;
		look(t, page, &place);
		n += !taken[(place - first) & 0xffff];
		taken[(place - first) & 0xffff] = true;
	}
	/* 1 - 1/e of them at random. */
	assert_in_range(n, 40000, 65536);
	twins_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_have_the_same_hash_and_place),
		cmocka_unit_test(whatever_differs_has_another_hash),
		cmocka_unit_test(hashes_differ_from_table_to_table),
		cmocka_unit_test(places_are_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
