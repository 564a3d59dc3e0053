// SPDX-License-Identifier: GPL-2.0-or-later
/* codec-zlib.c - pages as zlib streams (RFC 1950): at level 1 by deflate.h, else by zlib. */
#include <errno.h>
#include <zlib.h>

#include "vmcore/io/codecs.h"
#include "vmcore/io/deflate.h"

/* Scratch memory; that of deflate_page() follows. */
struct zlib_scratch {
	int level;
	z_stream z; /* at levels above 1 */
	max_align_t own[];
};

static size_t zlib_scratch_size(int level)
{
	return sizeof(struct zlib_scratch) + (level == 1 ? deflate_scratch_size() : 0);
}

static int zlib_scratch_init(void *scratch, size_t size, int level)
{
	struct zlib_scratch *s = scratch;

	s->level = level;
	return level == 1 || deflateInit(&s->z, level) == Z_OK ? 0 : -ENOMEM;
}

static void zlib_scratch_done(void *scratch)
{
	struct zlib_scratch *s = scratch;

	if (s->level > 1)
		deflateEnd(&s->z);
}

static size_t zlib_compress(void *scratch, const void *in, size_t len, void *out, size_t room)
{
	struct zlib_scratch *s = scratch;
	z_stream *z = &s->z;
	int r;

	if (s->level == 1)
		return deflate_page(s->own, in, len, out, len - 1);
	z->next_in = (Bytef *)in;
	z->avail_in = len;
	z->next_out = out;
	z->avail_out = len - 1;
	r = deflate(z, Z_FINISH);
	deflateReset(z);
	return r == Z_STREAM_END ? len - 1 - z->avail_out : 0;
}

/* A new inflate state per page costs little time, and so readers need not keep one. */
static int zlib_decompress(const void *in, size_t in_len, void *out, size_t len)
{
	uLongf got = len;

	return uncompress(out, &got, in, in_len) == Z_OK && got == len ? 0 : -EBADMSG;
}

const struct codec codec_zlib = {
	.name = "zlib",
	.flag = 0x01,
	.min_level = 1,
	.max_level = 9,
	.initial_level = 1,
	.scratch_size = zlib_scratch_size,
	.scratch_init = zlib_scratch_init,
	.scratch_done = zlib_scratch_done,
	.compress = zlib_compress,
	.decompress = zlib_decompress,
};
