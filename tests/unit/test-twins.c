// SPDX-License-Identifier: GPL-2.0-or-later
/* test-twins.c - pages that hold the same have the same key and are found again, others are not. */
#include <pthread.h>

#include "tests/unit/check.h"
#include "vmcore/format/twins.h"

#define LARGEST 65536

static struct twin_key key_of(const struct twins *t, const void *page)
{
	struct twin_key key = twins_key(t, page);

	assert_in_range(key.hash, 1, UINT64_C(1) << 61);
	return key;
}

static void copies_have_the_same_key(void **state)
{
	static const size_t sizes[] = { 4096, 16384, LARGEST };
	static uint8_t page[LARGEST], copy[LARGEST + 1];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct twin_key a, b;
		struct twins *t;

		assert_int_equal(twins_new(1000, sizes[i], MIB(1), &t), 0);
		check_noise(page, sizes[i], i);
		memcpy(copy + 1, page, sizes[i]);
		a = key_of(t, page);
		b = key_of(t, copy + 1);
		assert_int_equal(a.hash, b.hash);
		assert_int_equal(a.place, b.place);
		twins_free(t);
	}
}

/* A bit more or less, two words that changed places, the same word elsewhere. */
static void whatever_differs_has_another_hash(void **state)
{
	static uint8_t page[LARGEST];
	struct twins *t;
	uint64_t hash;

	assert_int_equal(twins_new(1000, sizeof(page), MIB(1), &t), 0);
	hash = key_of(t, page).hash;
	for (size_t bit = 0; bit < sizeof(page) * 8; bit++) {
		page[bit / 8] ^= 1 << bit % 8;
		assert_int_not_equal(key_of(t, page).hash, hash);
		page[bit / 8] ^= 1 << bit % 8;
	}
	check_noise(page, sizeof(page), 1);
	hash = key_of(t, page).hash;
	for (size_t at = 0; at + 16 <= sizeof(page); at += 8) {
		uint8_t word[8];

		memcpy(word, page + at, 8);
		memcpy(page + at, page + at + 8, 8);
		memcpy(page + at + 8, word, 8);
		assert_int_not_equal(key_of(t, page).hash, hash);
		memcpy(page + at + 8, page + at, 8);
		memcpy(page + at, word, 8);
	}
	assert_int_equal(key_of(t, page).hash, hash);
	twins_free(t);
}

/* Whoever knew the key could make two pages of one hash. The place has to be known, see twins.h. */
static void hashes_differ_from_table_to_table(void **state)
{
	static uint8_t page[4096];
	struct twin_key before = {};

	check_noise(page, sizeof(page), 3);
	for (unsigned i = 0; i < 16; i++) {
		struct twin_key key;
		struct twins *t;

		assert_int_equal(twins_new(65536, sizeof(page), MIB(1), &t), 0);
		key = key_of(t, page);
		assert_int_not_equal(key.hash, before.hash);
		assert_true(i == 0 || key.place == before.place);
		before = key;
		twins_free(t);
	}
}

/* Of pages that hold little, like most of a kernel's. */
static void places_are_spread(void **state)
{
	static bool taken[65536];
	static uint8_t page[4096];
	unsigned n = 0;
	struct twins *t;

	assert_int_equal(twins_new(65536, sizeof(page), MIB(1), &t), 0);
	for (unsigned i = 0; i < 65536; i++) {
		uint16_t place;

		memset(page, 0, 64);
		page[i % 8 * 8] = i / 8 % 256;
		page[i % 8 * 8 + 1] = i / 8 / 256;
		place = key_of(t, page).place >> 16;
		n += !taken[place];
		taken[place] = true;
	}
	/* 1 - 1/e of them at random. */
	assert_in_range(n, 40000, 65536);
	twins_free(t);
}

static bool finds(const struct twins *t, struct twin_key key, uint64_t offset, uint32_t size)
{
	uint64_t found_offset;
	uint32_t found_size;

	return twins_find(t, &key, &found_offset, &found_size) && found_offset == offset &&
	       found_size == size;
}

static bool finds_any(const struct twins *t, struct twin_key key)
{
	uint64_t offset;
	uint32_t size;

	return twins_find(t, &key, &offset, &size);
}

static void newest_takes_the_place(void **state)
{
	struct twin_key a = { 5, 7 }, b = { 6, 7 }, elsewhere = { 5, 1U << 31 };
	const uint64_t last = (UINT64_C(1) << 46) - 1;
	struct twins *t;

	assert_int_equal(twins_new(1000, 4096, MIB(1), &t), 0);
	assert_false(finds_any(t, a));
	twins_add(t, &a, 0x123456789abc, 4096);
	assert_true(finds(t, a, 0x123456789abc, 4096));
	assert_false(finds_any(t, b));
	assert_false(finds_any(t, elsewhere));
	twins_add(t, &b, last, 131071);
	assert_true(finds(t, b, last, 131071));
	assert_false(finds_any(t, a));
	twins_free(t);
}

static void what_cannot_be_told_is_forgotten(void **state)
{
	struct twin_key a = { 5, 7 };
	struct twins *t;

	assert_int_equal(twins_new(1000, 4096, MIB(1), &t), 0);
	twins_add(t, &a, UINT64_C(1) << 46, 1);
	twins_add(t, &a, 1, 131072);
	assert_false(finds_any(t, a));
	twins_free(t);
}

/* Of twice as many pages as there are places for half are found. */
static void table_is_as_large_as_promised(void **state)
{
	static const struct {
		uint64_t n_pages;
		size_t room;
		unsigned bits; /* of the number of places, which take 16 bytes each */
	} cases[] = {
		{ 1, MIB(1), 1 },
		{ 4096, MIB(1), 11 },
		{ UINT64_C(1) << 20, MIB(4), 18 },
		{ UINT64_C(1) << 40, MIB(8), 19 },
		{ UINT64_C(1) << 40, MIB(8) - 1, 18 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct twins *t;
		unsigned n = 0;

		assert_int_equal(twins_new(cases[i].n_pages, 4096, cases[i].room, &t), 0);
		for (uint32_t k = 0; k < 2U << cases[i].bits; k++)
			twins_add(t, &(struct twin_key){ k + 1, k << (31 - cases[i].bits) }, 1, 1);
		for (uint32_t k = 0; k < 2U << cases[i].bits; k++)
			n += finds_any(t, (struct twin_key){ k + 1, k << (31 - cases[i].bits) });
		assert_int_equal(n, 1U << cases[i].bits);
		twins_free(t);
	}
}

#define THREADS 4
#define TURNS   200000

static uint64_t offset_of(uint64_t hash)
{
	return hash * UINT64_C(0x9e3779b97f4a7c15) >> 20;
}

/* All in one place: a mixture of two entries would have a wrong offset or size. */
static void *add_and_find(void *arg)
{
	struct twins *t = arg;

	for (uint64_t i = 0; i < TURNS; i++) {
		struct twin_key key = { UINT64_C(0x0123456789abcdef) + i % 7, 3 };
		uint64_t offset = 0;
		uint32_t size = 0;

		twins_add(t, &key, offset_of(key.hash), key.hash % 4096);
		key.hash = UINT64_C(0x0123456789abcdef) + i % 5;
		if (twins_find(t, &key, &offset, &size) &&
		    (offset != offset_of(key.hash) || size != key.hash % 4096))
			return "mixed";
	}
	return NULL;
}

static void threads_share_a_table(void **state)
{
	pthread_t threads[THREADS];
	struct twins *t;

	assert_int_equal(twins_new(1000, 4096, MIB(1), &t), 0);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_and_find, t), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		void *fault;

		assert_int_equal(pthread_join(threads[i], &fault), 0);
		assert_null(fault);
	}
	twins_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_have_the_same_key),
		cmocka_unit_test(whatever_differs_has_another_hash),
		cmocka_unit_test(hashes_differ_from_table_to_table),
		cmocka_unit_test(places_are_spread),
		cmocka_unit_test(newest_takes_the_place),
		cmocka_unit_test(what_cannot_be_told_is_forgotten),
		cmocka_unit_test(table_is_as_large_as_promised),
		cmocka_unit_test(threads_share_a_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
