// SPDX-License-Identifier: GPL-2.0-or-later
/* test-huffman.c - codes: complete, without ambiguity, as short as can be and never too long. */
#include "tests/unit/check.h"
#include "vmcore/io/huffman.h"

/* Every sequence of bits starts with exactly one code. */
static void check_codes(const struct huffman *h, size_t n, unsigned max)
{
	static uint8_t starts[1 << HUFFMAN_MAX_BITS];

	memset(starts, 0, sizeof(starts));
	for (size_t i = 0; i < n; i++) {
		unsigned len = h->len[i];

		if (h->freq[i])
			assert_in_range(len, 1, max);
		if (len == 0)
			continue;
		assert_int_equal(h->code[i] >> HUFFMAN_SHIFT, len);
		for (uint32_t bits = h->code[i] & 0xffff; bits < 1U << max; bits += 1U << len)
			starts[bits]++;
	}
	for (size_t i = 0; i < 1U << max; i++)
		assert_int_equal(starts[i], 1);
}

/* Bits of Huffman's code, found the slow way: joining the two lightest over and over. */
static uint64_t least_bits(const struct huffman *h, size_t n)
{
	uint64_t weight[HUFFMAN_MAX_SYMBOLS], bits = 0;
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		if (h->freq[i])
			weight[used++] = h->freq[i];
	while (used > 1) {
		for (int k = 0; k < 2; k++) {
			uint64_t first = weight[k];
			size_t least = k;

			for (size_t i = k; i < used; i++)
				if (weight[i] < weight[least])
					least = i;
			weight[k] = weight[least];
			weight[least] = first;
		}
		weight[0] += weight[1];
		weight[1] = weight[--used];
		bits += weight[0];
	}
	return bits;
}

static void codes_are_as_short_as_can_be(void **state)
{
	static struct huffman h;

	for (uint32_t seed = 1; seed < 200; seed++) {
		size_t n = 2 + seed % 285;
		uint16_t noise[HUFFMAN_MAX_SYMBOLS];

		check_noise(noise, sizeof(noise), seed);
		memset(&h, 0xa5, sizeof(h));
		for (size_t i = 0; i < n; i++)
			h.freq[i] = noise[i] & 1 ? 0 : noise[i] >> (6 + noise[i] / 16 % 10);
		h.freq[0] = h.freq[n - 1] = 1 + seed / 8;
		huffman_make(&h, n, HUFFMAN_MAX_BITS);
		check_codes(&h, n, HUFFMAN_MAX_BITS);
		assert_int_equal(huffman_bits(&h, n), least_bits(&h, n));
	}
}

/* Frequencies like Fibonacci's numbers make the deepest tree. */
static void set_fibonacci(struct huffman *h, size_t n, size_t used)
{
	uint32_t a = 1, b = 1;

	memset(h, 0, sizeof(*h));
	for (size_t i = 0; i < used; i++) {
		h->freq[i * (n / used)] = a;
		b += a;
		a = b - a;
	}
}

static void no_code_is_too_long(void **state)
{
	static const struct {
		size_t n;
		unsigned max;
		size_t most;
	} trees[] = { { 286, 15, 26 }, { 30, 15, 26 }, { 19, 7, 19 } };
	static struct huffman h;

	for (size_t t = 0; t < ARRAY_SIZE(trees); t++)
		for (size_t used = 2; used <= trees[t].most; used++) {
			unsigned longest = 0;

			set_fibonacci(&h, trees[t].n, used);
			huffman_make(&h, trees[t].n, trees[t].max);
			check_codes(&h, trees[t].n, trees[t].max);
			for (size_t i = 0; i < trees[t].n; i++)
				longest = MAX(longest, h.len[i]);
			assert_int_equal(longest, MIN(used - 1, trees[t].max));
		}
}

static void all_symbols_fit_below_the_limit(void **state)
{
	static struct huffman h;

	/* The one that is common can do with no less than the others leave. */
	for (size_t common = 0; common < 19; common++) {
		for (size_t i = 0; i < 19; i++)
			h.freq[i] = i == common ? 100000 : 1 << (i < 8 ? i : 0);
		huffman_make(&h, 19, 7);
		check_codes(&h, 19, 7);
		assert_int_equal(h.len[common], 1);
	}
	for (size_t i = 0; i < HUFFMAN_MAX_SYMBOLS; i++)
		h.freq[i] = 1;
	huffman_make(&h, HUFFMAN_MAX_SYMBOLS, 9);
	check_codes(&h, HUFFMAN_MAX_SYMBOLS, 9);
}

static void two_symbols_have_codes_at_least(void **state)
{
	static struct huffman h;

	for (size_t used = 0; used < 31; used++) {
		unsigned with_code = 0;

		memset(&h, 0, sizeof(h));
		if (used < 30)
			h.freq[used] = 5;
		huffman_make(&h, 30, HUFFMAN_MAX_BITS);
		check_codes(&h, 30, HUFFMAN_MAX_BITS);
		for (size_t i = 0; i < 30; i++)
			with_code += h.len[i] == 1;
		assert_int_equal(with_code, 2);
		assert_int_equal(huffman_bits(&h, 30), used < 30 ? 5 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_as_short_as_can_be),
		cmocka_unit_test(no_code_is_too_long),
		cmocka_unit_test(all_symbols_fit_below_the_limit),
		cmocka_unit_test(two_symbols_have_codes_at_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
