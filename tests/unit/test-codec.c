// SPDX-License-Identifier: GPL-2.0-or-later
/* test-codec.c - compression of pages, there and back. */
#include <errno.h>

#include "tests/unit/check.h"
#include "vmcore/io/codec.h"

#define MAX_PAGE 65536

enum { ZEROES, ONES, TEXT, RAMP, HALF_NOISE, PATTERNS };

static const char *const pattern_names[PATTERNS] = {
	[ZEROES] = "zeroes",         [ONES] = "ones", [TEXT] = "text", [RAMP] = "a ramp",
	[HALF_NOISE] = "half noise",
};

static void make_page(uint8_t *page, size_t len, int pattern)
{
	static const char text[] = "The quick brown fox jumps over the lazy dog. ";

	memset(page, pattern == ONES ? 0xff : 0, len);
	for (size_t i = 0; i < len && pattern == TEXT; i++)
		page[i] = text[i % (sizeof(text) - 1)];
	for (size_t i = 0; i < len && pattern == RAMP; i++)
		page[i] = i / 16;
	if (pattern == HALF_NOISE)
		check_noise(page, len / 2, 7);
}

/* Packs a page and gives its size; the page must come back. */
static size_t check_page(const struct codec *codec, struct compressor *c, const uint8_t *page,
                         size_t len)
{
	uint8_t *packed = malloc(len), *back = malloc(len), *ample = malloc(2 * len);
	size_t n;

	assert_non_null(packed);
	assert_non_null(back);
	assert_non_null(ample);
	n = compressor_page(c, page, len, packed, len);
	assert_int_equal(compressor_page(c, page, len, ample, 2 * len), n);
	assert_memory_equal(packed, ample, n);
	free(ample);
	if (n > 0) {
		assert_in_range(n, 1, len - 1);
		/* Behind exactly these bytes nothing may be read. */
		packed = realloc(packed, n);
		memset(back, 0x5a, len);
		assert_int_equal(codec->decompress(packed, n, back, len), 0);
		assert_memory_equal(back, page, len);
	}
	free(packed);
	free(back);
	return n;
}

/* Calls @check with each codec at a few of its levels. */
static void for_all(void (*check)(const struct codec *codec, struct compressor *c))
{
	for (size_t i = 1; codecs[i]; i++) {
		const struct codec *codec = codecs[i];
		const int levels[] = { codec->min_level, codec->initial_level,
			               (codec->min_level + codec->max_level) / 2,
			               codec->max_level };

		for (size_t l = 0; l < ARRAY_SIZE(levels); l++) {
			struct compressor c;

			check_case("codec %s, level %d", codec->name, levels[l]);
			assert_int_equal(compressor_init(&c, codec, levels[l]), 0);
			check(codec, &c);
			compressor_done(&c);
		}
	}
}

static void round_trip(const struct codec *codec, struct compressor *c)
{
	static const size_t sizes[] = { 4096, 16384, MAX_PAGE };
	static uint8_t page[MAX_PAGE];

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++)
		for (int p = 0; p < PATTERNS; p++) {
			size_t most = p == HALF_NOISE ? sizes[s] * 3 / 4 : sizes[s] / 2, n;

			make_page(page, sizes[s], p);
			n = check_page(codec, c, page, sizes[s]);
			if (n < 1 || n > most)
				fail_msg("codec %s: %zu bytes of %s are packed into %zu%s, "
				         "expected 1 to %zu",
				         codec->name, sizes[s], pattern_names[p], n,
				         n == 0 ? " (refused)" : "", most);
		}
}

static void every_codec_and_level_gives_the_page_back(void **state)
{
	for_all(round_trip);
}

static void refuse_noise(const struct codec *codec, struct compressor *c)
{
	uint8_t page[4096], text[4096];

	make_page(text, sizeof(text), TEXT);
	for (uint32_t seed = 1; seed < 20; seed++) {
		check_noise(page, sizeof(page), seed);
		assert_int_equal(check_page(codec, c, page, sizeof(page)), 0);
		/* The compressor is as good as new after that. */
		assert_in_range(check_page(codec, c, text, sizeof(text)), 1, 1024);
	}
}

static void incompressible_pages_are_refused(void **state)
{
	for_all(refuse_noise);
}

/* From a bit less than a page to a bit more than nothing: at some point the result does not fit. */
static void barely_fit(const struct codec *codec, struct compressor *c)
{
	uint8_t page[4096] = {};
	size_t fits = 0, refused = 0;

	for (size_t noise = 3900; noise <= sizeof(page); noise++) {
		check_noise(page, noise, noise);
		if (check_page(codec, c, page, sizeof(page)) > 0)
			fits++;
		else
			refused++;
	}
	assert_true(fits > 0 && refused > 0);
}

static void result_never_reaches_the_size_of_the_page(void **state)
{
	for_all(barely_fit);
}

static void refuse_cut_off(const struct codec *codec, struct compressor *c)
{
	uint8_t page[4096], packed[4096], back[4096];
	size_t n;

	make_page(page, sizeof(page), HALF_NOISE);
	n = compressor_page(c, page, sizeof(page), packed, sizeof(page));
	assert_int_not_equal(n, 0);
	for (size_t len = 0; len < n; len += len < 32 ? 1 : 61) {
		uint8_t *cut = malloc(len ?: 1);

		assert_non_null(cut);
		memcpy(cut, packed, len);
		assert_int_equal(codec->decompress(cut, len, back, sizeof(back)), -EBADMSG);
		free(cut);
	}
}

static void cut_off_input_is_broken(void **state)
{
	for_all(refuse_cut_off);
}

static void refuse_other_size(const struct codec *codec, struct compressor *c)
{
	uint8_t page[4096], packed[4096], back[4097];
	size_t n;

	make_page(page, sizeof(page), TEXT);
	n = compressor_page(c, page, sizeof(page), packed, sizeof(page));
	assert_int_not_equal(n, 0);
	assert_int_equal(codec->decompress(packed, n, back, 4095), -EBADMSG);
	assert_int_equal(codec->decompress(packed, n, back, 4097), -EBADMSG);
	assert_int_equal(codec->decompress(packed, n, back, 4096), 0);
}

static void input_of_another_size_than_a_page_is_broken(void **state)
{
	for_all(refuse_other_size);
}

static void refuse_garbage(const struct codec *codec, struct compressor *c)
{
	uint8_t garbage[512], back[4096];

	for (uint32_t seed = 1; seed < 200; seed++) {
		check_noise(garbage, sizeof(garbage), seed);
		assert_int_equal(codec->decompress(garbage, sizeof(garbage), back, sizeof(back)),
		                 -EBADMSG);
	}
	memset(garbage, 0xff, sizeof(garbage));
	assert_int_equal(codec->decompress(garbage, sizeof(garbage), back, sizeof(back)), -EBADMSG);
}

static void garbage_is_broken(void **state)
{
	for_all(refuse_garbage);
}

static void page_too_large_for_lzo_is_stored_as_it_is(void **state)
{
	static uint8_t page[4 * MAX_PAGE], packed[4 * MAX_PAGE];
	struct compressor c;
	const struct codec *lzo;
	int level;

	assert_int_equal(codec_parse("lzo", &lzo, &level), 0);
	assert_int_equal(compressor_init(&c, lzo, level), 0);
	assert_int_equal(compressor_page(&c, page, sizeof(page), packed, sizeof(page)), 0);
	compressor_done(&c);
}

static void none_stores_every_page_as_it_is(void **state)
{
	uint8_t page[4096] = {}, packed[4096];
	const struct codec *none;
	struct compressor c;
	int level;

	assert_int_equal(codec_parse("none", &none, &level), 0);
	assert_int_equal(none->flag, 0);
	assert_int_equal(compressor_init(&c, none, level), 0);
	assert_int_equal(compressor_page(&c, page, sizeof(page), packed, sizeof(page)), 0);
	compressor_done(&c);
}

static void names_and_levels_are_understood(void **state)
{
	static const struct {
		const char *text, *name;
		int level;
	} good[] = {
		{ "none", "none", 0 },     { "zlib", "zlib", 1 },   { "zlib:9", "zlib", 9 },
		{ "lzo", "lzo", 0 },       { "zstd", "zstd", 2 },   { "zstd:-7", "zstd", -7 },
		{ "zstd:19", "zstd", 19 }, { "zlib:1", "zlib", 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		const struct codec *c = NULL;
		int level = 99;

		assert_int_equal(codec_parse(good[i].text, &c, &level), 0);
		assert_string_equal(c->name, good[i].name);
		assert_int_equal(level, good[i].level);
	}
}

static void wrong_names_and_levels_are_explained(void **state)
{
	static const struct {
		const char *text, *error;
	} bad[] = {
		{ "gzip",
		  "\"gzip\" is not a compression: use one of none, zlib, lzo, snappy, zstd, " },
		{ "", "use one of" },
		{ "zli", "use one of" },
		{ "zlibx", "use one of" },
		{ "ZLIB", "use one of" },
		{ ":1", "use one of" },
		{ "zlib:", "\"\" is not a level of zlib: use 1 to 9" },
		{ "zlib:0", "use 1 to 9" },
		{ "zlib:10", "use 1 to 9" },
		{ "zlib:1x", "use 1 to 9" },
		{ "zstd:20", "use -7 to 19" },
		{ "zstd:99999999999999999999", "use -7 to 19" },
		{ "lzo:1", "lzo has no levels: use just lzo" },
		{ "none:0", "none has no levels: use just none" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct codec *c = NULL;
		int level = 99;

		assert_fails(codec_parse(bad[i].text, &c, &level), -EINVAL, bad[i].error);
		assert_null(c);
		assert_int_equal(level, 99);
	}
}

static void flags_are_those_of_the_format(void **state)
{
	assert_string_equal(codec_by_flag(0x01)->name, "zlib");
	assert_string_equal(codec_by_flag(0x02)->name, "lzo");
	assert_string_equal(codec_by_flag(0x20)->name, "zstd");
	assert_null(codec_by_flag(0));
	assert_null(codec_by_flag(0x03));
	assert_string_equal(codec_by_flag(0x04)->name, "snappy");
	assert_null(codec_by_flag(0x08));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_codec_and_level_gives_the_page_back),
		cmocka_unit_test(incompressible_pages_are_refused),
		cmocka_unit_test(result_never_reaches_the_size_of_the_page),
		cmocka_unit_test(cut_off_input_is_broken),
		cmocka_unit_test(input_of_another_size_than_a_page_is_broken),
		cmocka_unit_test(garbage_is_broken),
		cmocka_unit_test(page_too_large_for_lzo_is_stored_as_it_is),
		cmocka_unit_test(none_stores_every_page_as_it_is),
		cmocka_unit_test(names_and_levels_are_understood),
		cmocka_unit_test(wrong_names_and_levels_are_explained),
		cmocka_unit_test(flags_are_those_of_the_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
