// SPDX-License-Identifier: GPL-2.0-or-later
/* test-snappy.c - snappy blocks, element by element, and by the library's judgement. */
#include <dlfcn.h>
#include <errno.h>

#include "tests/unit/check.h"
#include "vmcore/io/codec.h"

#define PAGE 4096

static const struct codec *snappy(void)
{
	return codec_by_flag(0x04);
}

static int unpack(const void *block, size_t len, void *out, size_t out_len)
{
	/* A copy of that size, so that a sanitizer sees any byte too many. */
	_cleanup_free_ uint8_t *copy = malloc(len ?: 1);

	assert_non_null(copy);
	memcpy(copy, block, len);
	return snappy()->decompress(copy, len, out, out_len);
}

/* A block and its length: in a struct of both. */
#define BLOCK(...)     .block = { __VA_ARGS__ }, .len = sizeof((const uint8_t[]){ __VA_ARGS__ })
#define LITERAL(n)     (((n)-1) << 2)
#define COPY1(back, n) ((back) >> 8 << 5 | ((n)-4) << 2 | 1), (back)&0xff
#define COPY2(back, n) (((n)-1) << 2 | 2), (back)&0xff, (back) >> 8
#define COPY4(back, n) (((n)-1) << 2 | 3), (back)&0xff, (back) >> 8, 0, 0

static void each_element_is_understood(void **state)
{
	static const struct {
		uint8_t block[16];
		size_t len;
		const char *out;
	} good[] = {
		{ BLOCK(0), .out = "" },
		{ BLOCK(1, LITERAL(1), 'a'), .out = "a" },
		{ BLOCK(3, 60 << 2, 2, 'a', 'b', 'c'), .out = "abc" },
		{ BLOCK(3, 61 << 2, 2, 0, 'a', 'b', 'c'), .out = "abc" },
		{ BLOCK(3, 62 << 2, 2, 0, 0, 'a', 'b', 'c'), .out = "abc" },
		{ BLOCK(3, 63 << 2, 2, 0, 0, 0, 'a', 'b', 'c'), .out = "abc" },
		{ BLOCK(9, LITERAL(2), 'a', 'b', COPY1(2, 7)), .out = "ababababa" },
		{ BLOCK(5, LITERAL(2), 'a', 'b', COPY2(1, 1), COPY2(3, 2)), .out = "abbab" },
		{ BLOCK(8, LITERAL(4), 'a', 'b', 'c', 'd', COPY4(4, 4)), .out = "abcdabcd" },
		{ BLOCK(0x81, 0x80, 0x00, LITERAL(1), 'a'),
		  "a" }, /* a length that is longer than need be */
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		char out[64];
		size_t len = strlen(good[i].out);

		memset(out, '?', sizeof(out));
		assert_int_equal(unpack(good[i].block, good[i].len, out, len), 0);
		assert_memory_equal(out, good[i].out, len);
		assert_int_equal(out[len], '?');
	}
}

static void blocks_that_cannot_be_are_refused(void **state)
{
	static const struct {
		uint8_t block[16];
		size_t len;
	} bad[] = {
		{ .len = 0 },
		{ BLOCK(0x80) },
		{ BLOCK(4) },
		{ BLOCK(3, LITERAL(3), 'a', 'b', 'c') },           /* another length */
		{ BLOCK(4, LITERAL(3), 'a', 'b', 'c') },           /* too few */
		{ BLOCK(4, LITERAL(5), 'a', 'b', 'c', 'd', 'e') }, /* too many */
		{ BLOCK(4, LITERAL(4), 'a', 'b', 'c') },           /* cut off */
		{ BLOCK(4, 60 << 2) },                             /* in its length */
		{ BLOCK(4, 63 << 2, 3, 0, 0) },
		{ BLOCK(4, 63 << 2, 0xff, 0xff, 0xff, 0xff, 'a') },
		{ BLOCK(4, COPY2(1, 4)) }, /* from before the start */
		{ BLOCK(4, LITERAL(1), 'a', COPY2(2, 3)) },
		{ BLOCK(4, LITERAL(1), 'a', COPY2(0, 3)) },   /* from itself */
		{ BLOCK(4, LITERAL(1), 'a', COPY2(1, 4)) },   /* too many */
		{ BLOCK(4, LITERAL(1), 'a', 2 << 2 | 2, 1) }, /* cut off */
		{ BLOCK(4, LITERAL(1), 'a', 2 << 2 | 1) },
		{ BLOCK(4, LITERAL(1), 'a', 2 << 2 | 3, 1, 0, 0) },
		{ BLOCK(4, LITERAL(4), 'a', 'b', 'c', 'd', LITERAL(1), 'e') }, /* more behind */
		{ BLOCK(0x84, 0x80, 0x80, 0x80, 0x00, LITERAL(4), 'a', 'b', 'c', 'd') },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char out[4];

		assert_int_equal(unpack(bad[i].block, bad[i].len, out, 4), -EBADMSG);
	}
}

/* Pages from nothing but noise to nothing but repetition, of periods long and short. */
static void make_page(uint8_t *page, size_t len, uint32_t seed)
{
	size_t period = seed * 37 % 5000 + 1, noise = seed % 5 * len / 5;

	check_noise(page, MIN(period, len), seed);
	for (size_t i = period; i < len; i++)
		page[i] = page[i - period];
	check_noise(page + len - noise, noise, seed + 1);
}

typedef int (*snappy_fn)(const char *in, size_t in_len, char *out, size_t *out_len);

static snappy_fn library_function(const char *name)
{
	void *lib = dlopen("libsnappy.so.1", RTLD_NOW);

	if (!lib)
		skip();
	return (snappy_fn)dlsym(lib, name);
}

static void the_library_unpacks_what_is_packed(void **state)
{
	snappy_fn uncompress = library_function("snappy_uncompress");
	static const size_t sizes[] = { PAGE, 16384, 65536 };
	static uint8_t page[65536], packed[65536], back[65536];
	struct compressor c;
	unsigned refused = 0;

	assert_int_equal(compressor_init(&c, snappy(), 0), 0);
	for (uint32_t seed = 1; seed < 600; seed++) {
		size_t size = sizes[seed % 3], n, got = size;

		make_page(page, size, seed);
		n = compressor_page(&c, page, size, packed, size);
		refused += n == 0;
		if (n == 0)
			continue;
		assert_int_equal(uncompress((char *)packed, n, (char *)back, &got), 0);
		assert_int_equal(got, size);
		assert_memory_equal(back, page, size);
	}
	assert_in_range(refused, 1, 300);
	compressor_done(&c);
}

static void what_the_library_packs_is_unpacked(void **state)
{
	snappy_fn compress = library_function("snappy_compress");
	static const size_t sizes[] = { PAGE, 16384, 65536, 262144 };
	static uint8_t page[262144], packed[320000], back[262144];

	for (uint32_t seed = 1; seed < 600; seed++) {
		size_t size = sizes[seed % 4], n = sizeof(packed);

		make_page(page, size, seed);
		assert_int_equal(compress((char *)page, size, (char *)packed, &n), 0);
		assert_int_equal(unpack(packed, n, back, size), 0);
		assert_memory_equal(back, page, size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_element_is_understood),
		cmocka_unit_test(blocks_that_cannot_be_are_refused),
		cmocka_unit_test(the_library_unpacks_what_is_packed),
		cmocka_unit_test(what_the_library_packs_is_unpacked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
