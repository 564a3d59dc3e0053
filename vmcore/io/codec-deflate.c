// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * codec-deflate.c - pages as zlib streams (RFC 1950) by libdeflate, which packs ordinary pages in a
 * third of zlib's time.
 *
 * What it needs for any page, some 13 us, is more than zlib takes for a page with little in it;
 * those are left to zlib. It also takes that long to find out that noise does not get smaller: a
 * look at how evenly bytes are spread, and an attempt by snappy at finding repetitions, cost a
 * tenth of it.
 */
#include <errno.h>
#include <libdeflate.h>

#include "vmcore/io/codecs.h"

/* Words that are not zero, up to which zlib is faster: measured on pages of 4 KiB. */
#define SPARSE_WORDS 40

/* Bytes looked at, and the sum of the squares of how often each value is among them: of noise it is
 * 1534 on the average, with a deviation of 45. Text and pointers are far above. */
#define SAMPLE_WORDS  64
#define NOISE_SQUARES 1800

struct deflate_scratch {
	struct libdeflate_compressor *compressor;
	void *zlib, *snappy; /* scratch memory of these codecs */
};

static size_t deflate_scratch_size(int level)
{
	return sizeof(struct deflate_scratch);
}

static void deflate_scratch_done(void *scratch)
{
	struct deflate_scratch *d = scratch;

	libdeflate_free_compressor(d->compressor);
	if (d->zlib)
		codec_zlib.scratch_done(d->zlib);
	free(d->zlib);
	free(d->snappy);
}

static int deflate_scratch_init(void *scratch, size_t size, int level)
{
	size_t zlib_size = codec_zlib.scratch_size(level);
	struct deflate_scratch *d = scratch;
	int r = -ENOMEM;

	d->compressor = libdeflate_alloc_compressor(level);
	d->snappy = calloc(1, codec_snappy.scratch_size(0));
	d->zlib = calloc(1, zlib_size);
	if (d->zlib)
		r = codec_zlib.scratch_init(d->zlib, zlib_size, level);
	if (r < 0) {
		free(TAKE_PTR(d->zlib));
	} else if (!d->compressor || !d->snappy) {
		r = -ENOMEM;
	}
	if (r < 0)
		deflate_scratch_done(d);
	return r;
}

static bool is_sparse(const uint8_t *page, size_t len)
{
	size_t words = 0;

	for (size_t i = 0; i + 8 <= len && words <= SPARSE_WORDS; i += 64)
		for (size_t j = i; j < i + 64 && j + 8 <= len; j += 8) {
			uint64_t v;

			memcpy(&v, page + j, sizeof(v));
			words += v != 0;
		}
	return words <= SPARSE_WORDS;
}

static bool looks_like_noise(const uint8_t *page, size_t len)
{
	size_t step = len / SAMPLE_WORDS;
	uint16_t count[256] = {};
	uint32_t squares = 0;

	if (step < 8)
		return false;
	for (size_t i = 0; i < SAMPLE_WORDS; i++)
		for (size_t j = 0; j < 8; j++)
			count[page[i * step + j]]++;
	for (size_t i = 0; i < ARRAY_SIZE(count); i++)
		squares += count[i] * count[i];
	return squares < NOISE_SQUARES;
}

static size_t deflate_compress(void *scratch, const void *in, size_t len, void *out, size_t room)
{
	struct deflate_scratch *d = scratch;

	if (is_sparse(in, len))
		return codec_zlib.compress(d->zlib, in, len, out, room);
	if (looks_like_noise(in, len) && codec_snappy.compress(d->snappy, in, len, out, room) == 0)
		return 0;
	return libdeflate_zlib_compress(d->compressor, in, len, out, room);
}

/* A decompressor is small and made in no time, compared with a page. */
static int deflate_decompress(const void *in, size_t in_len, void *out, size_t len)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	enum libdeflate_result r;

	if (!d)
		return -ENOMEM;
	/* Without a place for the size, other sizes than @len are errors. */
	r = libdeflate_zlib_decompress(d, in, in_len, out, len, NULL);
	libdeflate_free_decompressor(d);
	return r == LIBDEFLATE_SUCCESS ? 0 : -EBADMSG;
}

/* libdeflate has levels up to 12; those of zlib are what settings may say everywhere. */
const struct codec codec_deflate = {
	.name = "zlib",
	.flag = 0x01,
	.min_level = 1,
	.max_level = 9,
	.initial_level = 1,
	.scratch_size = deflate_scratch_size,
	.scratch_init = deflate_scratch_init,
	.scratch_done = deflate_scratch_done,
	.compress = deflate_compress,
	.decompress = deflate_decompress,
};
