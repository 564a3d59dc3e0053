// SPDX-License-Identifier: GPL-2.0-or-later
/* test-zstd.c - which of its ways zstd packs a page, seen in the frames (RFC 8878). */
#include "tests/unit/check.h"
#include "vmcore/io/codec.h"

#define PAGE 4096

/* Records of 64 bytes that differ in a few letters from the one before. */
static void make_records(uint8_t *page)
{
	uint8_t noise[PAGE / 64 * 4];

	check_noise(noise, sizeof(noise), 3);
	memset(page, 0x11, PAGE);
	for (size_t i = 0; i < sizeof(noise); i++)
		page[i / 4 * 64 + i % 4 * 8] = 'a' + noise[i] % 8;
}

/* Letters without much in common, in more than a quarter of the page. */
static void make_letters(uint8_t *page)
{
	memset(page, 0, PAGE);
	check_noise(page, PAGE / 3, 5);
	for (size_t i = 0; i < PAGE / 3; i++)
		page[i] = 'a' + page[i] % 16;
}

/* Zeros and a few numbers, none of them a word or a block behind another one. */
static void make_numbers(uint8_t *page)
{
	memset(page, 0, PAGE);
	for (size_t i = 0; i < PAGE; i += 13)
		page[i] = 1 + i % 251;
}

enum { PLAIN = 0, HUFFMAN = 2 };

/* How the literals of a frame's first block are written. Before it are the magic number, a byte
 * that says what follows, here a size in two bytes, and the block's header in three. */
static int kind_of_literals(const uint8_t *frame)
{
	assert_memory_equal(frame, "\x28\xb5\x2f\xfd\x60", 5);
	return frame[10] & 3;
}

static size_t pack(struct compressor *c, const uint8_t *page, uint8_t *out)
{
	size_t n = compressor_page(c, page, PAGE, out, PAGE);

	assert_in_range(n, 20, PAGE - 1);
	return n;
}

static int way_at(int level, void (*make)(uint8_t *page))
{
	uint8_t page[PAGE], out[PAGE];
	struct compressor c;

	make(page);
	assert_int_equal(compressor_init(&c, codec_by_flag(0x20), level), 0);
	pack(&c, page, out);
	compressor_done(&c);
	return kind_of_literals(out);
}

static void usual_level_takes_the_way_that_suits_a_page(void **state)
{
	int usual = codec_by_flag(0x20)->initial_level;

	assert_int_equal(way_at(usual, make_records), PLAIN);
	assert_int_equal(way_at(usual, make_numbers), PLAIN);
	assert_int_equal(way_at(usual, make_letters), HUFFMAN);
}

static void other_levels_are_what_they_are(void **state)
{
	assert_int_equal(way_at(1, make_records), HUFFMAN);
	assert_int_equal(way_at(3, make_records), HUFFMAN);
	assert_int_equal(way_at(-1, make_letters), PLAIN);
}

static void pages_before_change_nothing(void **state)
{
	void (*const make[])(uint8_t *) = { make_records, make_letters, make_numbers };
	static const uint8_t order[] = { 0, 0, 1, 1, 2, 2, 0, 2, 1, 0 }; /* each behind each */
	int usual = codec_by_flag(0x20)->initial_level;
	uint8_t page[PAGE], alone[PAGE], out[PAGE];
	struct compressor c, fresh;

	assert_int_equal(compressor_init(&c, codec_by_flag(0x20), usual), 0);
	for (size_t i = 0; i < sizeof(order); i++) {
		size_t n;

		make[order[i]](page);
		assert_int_equal(compressor_init(&fresh, codec_by_flag(0x20), usual), 0);
		n = pack(&fresh, page, alone);
		compressor_done(&fresh);
		assert_int_equal(pack(&c, page, out), n);
		assert_memory_equal(out, alone, n);
	}
	compressor_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_level_takes_the_way_that_suits_a_page),
		cmocka_unit_test(other_levels_are_what_they_are),
		cmocka_unit_test(pages_before_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
