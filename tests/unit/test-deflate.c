// SPDX-License-Identifier: GPL-2.0-or-later
/* test-deflate.c - pages packed by our own encoder, by the judgement of zlib. */
#include <zlib.h>

#include "tests/unit/check.h"
#include "vmcore/io/deflate.h"

#define MAX_PAGE 65536

/* Packs into exactly @room bytes, so that a sanitizer sees any byte too many, with scratch memory
 * that starts as @scrap. */
static size_t pack(const uint8_t *page, size_t len, size_t room, int scrap, uint8_t *out)
{
	_cleanup_free_ uint8_t *packed = malloc(room ?: 1), *in = malloc(len ?: 1);
	_cleanup_free_ void *scratch = malloc(deflate_scratch_size());
	size_t n;

	assert_non_null(packed);
	assert_non_null(in);
	assert_non_null(scratch);
	memcpy(in, page, len);
	memset(scratch, scrap, deflate_scratch_size());
	n = deflate_page(scratch, in, len, packed, room);
	assert_in_range(n, 0, room);
	memcpy(out, packed, n);
	return n;
}

/* Gives the size of the packed page, which must be that page for zlib. */
static size_t check_page(const uint8_t *page, size_t len)
{
	static uint8_t packed[MAX_PAGE], again[MAX_PAGE], back[MAX_PAGE + 1];
	size_t n = pack(page, len, len - 1, 0, packed);
	uLong in_len = n;
	uLongf got = len + 1;

	assert_int_equal(pack(page, len, len - 1, 0xa5, again), n);
	assert_memory_equal(again, packed, n);
	if (n == 0)
		return 0;
	memset(back, 0x5a, sizeof(back));
	assert_int_equal(uncompress2(back, &got, packed, &in_len), Z_OK);
	assert_int_equal(got, len);
	assert_int_equal(in_len, n);
	assert_memory_equal(back, page, len);
	return n;
}

static size_t zlib_size(const uint8_t *page, size_t len)
{
	static uint8_t packed[2 * MAX_PAGE];
	uLongf n = sizeof(packed);

	assert_int_equal(compress2(packed, &n, page, len, 1), Z_OK);
	return n;
}

static void put64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void make_zeros(uint8_t *page, size_t len)
{
	memset(page, 0, len);
}

static void make_byte(uint8_t *page, size_t len)
{
	memset(page, 0, len);
	page[len / 3] = 0x42;
}

static void make_words(uint8_t *page, size_t len)
{
	for (size_t i = 0; i + 8 <= len; i += 8)
		put64(page + i, UINT64_C(0xfff1234500000301));
}

/* A list head that points to itself in each of 64 bytes, as many page structures have it. */
static void make_structures(uint8_t *page, size_t len)
{
	memset(page, 0, len);
	for (size_t i = 0; i + 64 <= len; i += 64) {
		put64(page + i, UINT64_C(0x000fffffc0000000));
		put64(page + i + 8, UINT64_C(0xfffeab6900c90008) + i);
		put64(page + i + 16, UINT64_C(0xfffeab6900c90008) + i);
		put64(page + i + 48, UINT64_C(0x00000000ffffffff));
	}
}

static void make_runs(uint8_t *page, size_t len)
{
	for (size_t i = 0, n = 1; i < len; i += n, n = n * 5 / 4 + 1)
		memset(page + i, n, MIN(n, len - i));
}

static void make_text(uint8_t *page, size_t len)
{
	static const char *const words[] = { "page ", "table ", "of ",  "the ",  "kernel, ",
		                             "not ",  "a ",     "bit ", "less\n" };
	uint8_t noise[256];

	check_noise(noise, sizeof(noise), 5);
	for (size_t i = 0, w = 0; i < len; w++)
		for (const char *c = words[noise[w % 256] % ARRAY_SIZE(words)]; *c && i < len; c++)
			page[i++] = *c;
}

static void make_bytes(uint8_t *page, size_t len)
{
	for (size_t i = 0; i < len; i++)
		page[i] = i % 256;
}

/* Each byte value with another frequency, the highest most often. */
static void make_slope(uint8_t *page, size_t len)
{
	uint8_t noise[2];

	for (size_t i = 0; i < len; i++) {
		check_noise(noise, sizeof(noise), i + 1);
		page[i] = MAX(noise[0], noise[1]);
	}
}

/* Frequencies like Fibonacci's numbers, for codes of all lengths. */
static void make_fibonacci(uint8_t *page, size_t len)
{
	uint32_t a = 1, b = 1, noise;
	size_t used = 0;

	for (uint8_t v = 0; used < len; v++) {
		size_t n = MIN(a, len - used);

		memset(page + used, v, n);
		used += n;
		b += a;
		a = b - a;
	}
	for (size_t i = len - 1; i > 0; i--) {
		uint8_t *other, last = page[i];

		check_noise(&noise, sizeof(noise), i);
		other = &page[noise % (i + 1)];
		page[i] = *other;
		*other = last;
	}
}

static void make_half_noise(uint8_t *page, size_t len)
{
	make_text(page, len);
	check_noise(page, len / 2, 7);
}

/* Kinds, and how many per cent of zlib's size they may have. */
static const struct {
	const char *name;
	void (*make)(uint8_t *page, size_t len);
	unsigned percent;
} kinds[] = {
	{ "zeros", make_zeros, 110 },         { "a byte", make_byte, 110 },
	{ "words", make_words, 110 },         { "structures", make_structures, 103 },
	{ "runs", make_runs, 120 },           { "text", make_text, 130 },
	{ "bytes", make_bytes, 103 },         { "slope", make_slope, 103 },
	{ "Fibonacci", make_fibonacci, 120 }, { "half noise", make_half_noise, 115 },
};

static void pages_of_every_kind_come_back(void **state)
{
	static const size_t sizes[] = { 4096, 8192, 16384, 32768, MAX_PAGE };
	static uint8_t page[MAX_PAGE];

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
			size_t n, most;

			kinds[k].make(page, sizes[s]);
			n = check_page(page, sizes[s]);
			most = zlib_size(page, sizes[s]) * kinds[k].percent / 100;
			if (n == 0 || n > most)
				fail_msg("%s, %zu bytes: %zu instead of up to %zu", kinds[k].name,
				         sizes[s], n, most);
		}
}

static void any_length_comes_back(void **state)
{
	static uint8_t page[MAX_PAGE];

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (size_t len = 1; len < 700; len++) {
			kinds[k].make(page, len);
			check_page(page, len);
		}
}

static void noise_is_refused(void **state)
{
	static uint8_t page[MAX_PAGE];

	for (size_t len = 4096; len <= MAX_PAGE; len *= 2)
		for (uint32_t seed = 1; seed < 20; seed++) {
			check_noise(page, len, seed);
			assert_int_equal(check_page(page, len), 0);
		}
}

/* From noise to order: wherever it begins to pay, nothing breaks. */
static void what_barely_shrinks_comes_back(void **state)
{
	uint8_t page[4096];
	size_t fits = 0, refused = 0;

	for (size_t noise = 3500; noise <= sizeof(page); noise++) {
		make_text(page, sizeof(page));
		check_noise(page, noise, noise);
		if (check_page(page, sizeof(page)) > 0)
			fits++;
		else
			refused++;
	}
	assert_true(fits > 100 && refused > 0);
	for (unsigned mask = 1; mask < 255; mask = mask * 2 + 1) {
		check_noise(page, sizeof(page), mask);
		for (size_t i = 0; i < sizeof(page); i++)
			page[i] &= mask;
		assert_in_range(check_page(page, sizeof(page)), 1,
		                zlib_size(page, sizeof(page)) * 13 / 10);
	}
}

static void matches_of_every_length_come_back(void **state)
{
	uint8_t page[4096];

	for (size_t len = 1; len < 1100; len++) {
		check_noise(page, sizeof(page), len);
		memset(page, 'x', len);
		memset(page + sizeof(page) - len, 'y', len);
		memset(page + 1200, 0, 1000);
		assert_in_range(check_page(page, sizeof(page)), 1, 4095);
	}
}

/* The same noise again, @dist bytes later; zeros between, and ones behind. */
static size_t noise_again(size_t dist)
{
	static uint8_t page[MAX_PAGE];

	memset(page, 0, sizeof(page));
	check_noise(page, 256, 3);
	check_noise(page + dist, 256, 3);
	memset(page + dist + 256, 1, sizeof(page) - dist - 256);
	return check_page(page, sizeof(page));
}

static void matches_of_every_distance_come_back(void **state)
{
	for (size_t dist = 256; dist < 1024; dist++)
		assert_in_range(noise_again(dist), 256, 450);
	for (size_t dist = 1024; dist <= 32768; dist *= 2)
		for (size_t d = dist - 2; d <= dist; d++)
			assert_in_range(noise_again(d), 256, 450);
	/* Further back than the standard has distances for. */
	for (size_t dist = 32769; dist < 32800; dist++)
		assert_in_range(noise_again(dist), 600, 750);
	assert_in_range(noise_again(MAX_PAGE - 256), 600, 750);
}

static void room_is_never_exceeded(void **state)
{
	static uint8_t page[4096], whole[4096], packed[2 * 4096];

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		size_t n;

		kinds[k].make(page, sizeof(page));
		n = pack(page, sizeof(page), sizeof(page) - 1, 0, whole);
		assert_true(n > 0);
		for (size_t room = 0; room < n; room++)
			assert_int_equal(pack(page, sizeof(page), room, 0, packed), 0);
		for (size_t room = n; room < sizeof(page); room += room < n + 20 ? 1 : 97) {
			assert_int_equal(pack(page, sizeof(page), room, 0, packed), n);
			assert_memory_equal(packed, whole, n);
		}
	}
}

static void nothing_and_too_much_are_refused(void **state)
{
	static uint8_t page[MAX_PAGE + 1], packed[MAX_PAGE + 1];

	assert_int_equal(pack(page, 0, sizeof(packed), 0, packed), 0);
	assert_int_equal(pack(page, MAX_PAGE + 1, sizeof(packed), 0, packed), 0);
	assert_in_range(pack(page, MAX_PAGE, sizeof(packed), 0, packed), 1, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_of_every_kind_come_back),
		cmocka_unit_test(any_length_comes_back),
		cmocka_unit_test(noise_is_refused),
		cmocka_unit_test(what_barely_shrinks_comes_back),
		cmocka_unit_test(matches_of_every_length_come_back),
		cmocka_unit_test(matches_of_every_distance_come_back),
		cmocka_unit_test(room_is_never_exceeded),
		cmocka_unit_test(nothing_and_too_much_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
