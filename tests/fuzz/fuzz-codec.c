// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-codec.c - packed pages, and pages to be packed.
 *
 * The first byte says which codec, and the size of the page in its upper bits.
 */
#include "tests/fuzz/fuzz.h"
#include "vmcore/io/codec.h"

#define MAX_PAGE 65536

static void unpack(const struct codec *codec, const uint8_t *data, size_t size, size_t page_size)
{
	uint8_t *page = malloc(page_size);

	fuzz_check(page);
	codec->decompress(data, size, page, page_size);
	free(page);
}

/* A page of the data, over and over: what comes back is the same. */
static void pack(const struct codec *codec, const uint8_t *data, size_t size, size_t page_size)
{
	uint8_t *page = malloc(page_size), *packed = malloc(page_size), *back = malloc(page_size);
	struct compressor c;
	size_t n;

	fuzz_check(page && packed && back);
	for (size_t i = 0; i < page_size; i++)
		page[i] = size ? data[i % size] + (i / size > 3 ? i / size : 0) : 0;
	fuzz_check(compressor_init(&c, codec, codec->initial_level) == 0);
	n = compressor_page(&c, page, page_size, packed, page_size);
	fuzz_check(n < page_size);
	if (n > 0) {
		fuzz_check(codec->decompress(packed, n, back, page_size) == 0);
		fuzz_check(memcmp(page, back, page_size) == 0);
	}
	compressor_done(&c);
	free(page);
	free(packed);
	free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t sizes[] = { 4096, 16384, 65536, 4096 };
	const struct codec *codec;
	size_t n = 0;

	if (size == 0)
		return 0;
	while (codecs[n + 1])
		n++;
	codec = codecs[1 + data[0] % 16 % n];
	unpack(codec, data + 1, size - 1, sizes[data[0] >> 6]);
	pack(codec, data + 1, size - 1, sizes[data[0] >> 6]);
	return 0;
}
