// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * codec-zstd.c - pages as zstd frames.
 *
 * Huffman codes for literals take a third of zstd's time, and gain little on pages with few
 * literals. Negative levels do without them. So at the usual level, pages with few literals are
 * packed at a negative level.
 */
#include <errno.h>
#include <zstd.h>

#include "vmcore/io/codecs.h"
#include "vmcore/io/match.h"

#define USUAL_LEVEL 2 /* on single pages as fast as 1, and smaller */

#define QUICK_LEVEL    (-1)
#define QUICK_HASH_LOG 10 /* a table that stays in the cache; 0 is the level's own size */

/* One of SAMPLED blocks is looked at. No power of two, as sizes of structures often are. */
#define BLOCK   64
#define SAMPLED 7

struct zstd_scratch {
	ZSTD_CCtx *ctx;
	int level;
	bool quick;
};

static size_t zstd_scratch_size(int level)
{
	return sizeof(struct zstd_scratch);
}

static int zstd_scratch_init(void *scratch, size_t size, int level)
{
	struct zstd_scratch *z = scratch;

	z->ctx = ZSTD_createCCtx();
	if (!z->ctx)
		return -ENOMEM;
	z->level = level;
	ZSTD_CCtx_setParameter(z->ctx, ZSTD_c_compressionLevel, level);
	return 0;
}

static void zstd_scratch_done(void *scratch)
{
	struct zstd_scratch *z = scratch;

	ZSTD_freeCCtx(z->ctx);
}

/* True when three of four bytes are 0 or equal that one word or block before: mostly matches. */
static bool has_few_literals(const uint8_t *page, size_t len)
{
	static const uint8_t zeros[BLOCK];
	size_t known = 0, all = 0;

	for (size_t i = BLOCK; i + BLOCK <= len; i += SAMPLED * BLOCK) {
		const uint8_t *p = page + i;

		known += __builtin_popcountll(same_bytes64(p, zeros) | same_bytes64(p, p - 8) |
		                              same_bytes64(p, p - BLOCK));
		all += BLOCK;
	}
	return known * 4 >= all * 3;
}

static void choose_way(struct zstd_scratch *z, const void *page, size_t len)
{
	bool quick = has_few_literals(page, len);

	if (quick == z->quick)
		return;
	ZSTD_CCtx_setParameter(z->ctx, ZSTD_c_compressionLevel, quick ? QUICK_LEVEL : USUAL_LEVEL);
	ZSTD_CCtx_setParameter(z->ctx, ZSTD_c_hashLog, quick ? QUICK_HASH_LOG : 0);
	z->quick = quick;
}

static size_t zstd_compress(void *scratch, const void *in, size_t len, void *out, size_t room)
{
	struct zstd_scratch *z = scratch;
	size_t n;

	if (z->level == USUAL_LEVEL)
		choose_way(z, in, len);
	n = ZSTD_compress2(z->ctx, out, len - 1, in, len);
	return ZSTD_isError(n) ? 0 : n;
}

static int zstd_decompress(const void *in, size_t in_len, void *out, size_t len)
{
	return ZSTD_decompress(out, len, in, in_len) == len ? 0 : -EBADMSG;
}

const struct codec codec_zstd = {
	.name = "zstd",
	.flag = 0x20,
	.min_level = -7,
	.max_level = 19,
	.initial_level = USUAL_LEVEL,
	.scratch_size = zstd_scratch_size,
	.scratch_init = zstd_scratch_init,
	.scratch_done = zstd_scratch_done,
	.compress = zstd_compress,
	.decompress = zstd_decompress,
};
