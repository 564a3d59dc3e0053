// SPDX-License-Identifier: GPL-2.0-or-later
/* codec-zstd.c - pages as zstd frames. */
#include <errno.h>
#include <zstd.h>

#include "vmcore/io/codecs.h"

struct zstd_scratch {
	ZSTD_CCtx *ctx;
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
	ZSTD_CCtx_setParameter(z->ctx, ZSTD_c_compressionLevel, level);
	return 0;
}

static void zstd_scratch_done(void *scratch)
{
	struct zstd_scratch *z = scratch;

	ZSTD_freeCCtx(z->ctx);
}

static size_t zstd_compress(void *scratch, const void *in, size_t len, void *out, size_t room)
{
	struct zstd_scratch *z = scratch;
	size_t n = ZSTD_compress2(z->ctx, out, len - 1, in, len);

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
	.initial_level = 2, /* not slower than 1 with so little, and smaller */
	.scratch_size = zstd_scratch_size,
	.scratch_init = zstd_scratch_init,
	.scratch_done = zstd_scratch_done,
	.compress = zstd_compress,
	.decompress = zstd_decompress,
};
