// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-deflate.c - pages to be packed: what zlib makes of the result is the page.
 *
 * The input is the page, once as it is and once as the start of one of 4096 bytes or a multiple.
 */
#include <zlib.h>

#include "tests/fuzz/fuzz.h"
#include "vmcore/io/codec.h"
#include "vmcore/io/deflate.h"

static void check_page(const uint8_t *page, size_t len)
{
	static uint8_t scratch[KIB(256)] __attribute__((aligned(64)));
	uint8_t *packed = malloc(len), *back = malloc(len);
	uLongf got = len;
	uLong used;
	size_t n, less;

	fuzz_check(packed && back && deflate_scratch_size() <= sizeof(scratch));
	n = deflate_page(scratch, page, len, packed, len);
	used = n;
	fuzz_check(n <= len);
	if (n > 0) {
		fuzz_check(uncompress2(back, &got, packed, &used) == Z_OK);
		fuzz_check(got == len && used == n && memcmp(page, back, len) == 0);
		less = deflate_page(scratch, page, len, back, n - 1);
		fuzz_check(less == 0);
	}
	free(packed);
	free(back);
}

static void check_codec(const uint8_t *page, size_t len)
{
	const struct codec *codec = codec_by_flag(0x01);
	uint8_t *packed = malloc(len), *back = malloc(len);
	struct compressor c;
	size_t n;

	fuzz_check(packed && back && compressor_init(&c, codec, codec->initial_level) == 0);
	n = compressor_page(&c, page, len, packed, len);
	fuzz_check(n < len);
	if (n > 0) {
		fuzz_check(codec->decompress(packed, n, back, len) == 0);
		fuzz_check(memcmp(page, back, len) == 0);
	}
	compressor_done(&c);
	free(packed);
	free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = (size + 4095) / 4096 * 4096;
	uint8_t *page;

	if (size == 0 || len > DEFLATE_MAX_PAGE)
		return 0;
	check_page(data, size);
	page = calloc(1, len);
	fuzz_check(page);
	memcpy(page, data, size);
	check_page(page, len);
	check_codec(page, len);
	free(page);
	return 0;
}
