// SPDX-License-Identifier: GPL-2.0-or-later
/* codec-lzo.c - pages as raw LZO1X blocks, without any container. */
#include <errno.h>
#include <lzo/lzo1x.h>

#include "vmcore/io/codecs.h"
#include "vmcore/io/lzo-records.h"

/* The variant with a dictionary of 2^12 entries packs pages as well as lzo1x_1_compress() and has
 * less memory to clear before each. LZO's documentation says how much longer the output may be. */
#define LZO_MAX_PAGE     KIB(64)
#define LZO_MAX_OUT(len) ((len) + (len) / 16 + 64 + 3)

static size_t lzo_scratch_size(int level)
{
	return LZO1X_1_12_MEM_COMPRESS + LZO_MAX_OUT(LZO_MAX_PAGE);
}

static size_t lzo_compress(void *scratch, const void *in, size_t len, void *out, size_t room)
{
	bool fits = room >= LZO_MAX_OUT(len);
	unsigned char *to = fits ? out : (unsigned char *)scratch + LZO1X_1_12_MEM_COMPRESS;
	lzo_uint n;

	if (len > LZO_MAX_PAGE)
		return 0;
	n = lzo_pack_records(in, len, out);
	if (n > 0)
		return n;
	if (lzo1x_1_12_compress(in, len, to, &n, scratch) != LZO_E_OK || n >= len)
		return 0;
	if (!fits)
		memcpy(out, to, n);
	return n;
}

static int lzo_decompress(const void *in, size_t in_len, void *out, size_t len)
{
	lzo_uint got = len;

	return lzo1x_decompress_safe(in, in_len, out, &got, NULL) == LZO_E_OK && got == len
	               ? 0
	               : -EBADMSG;
}

const struct codec codec_lzo = {
	.name = "lzo",
	.flag = 0x02,
	.scratch_size = lzo_scratch_size,
	.compress = lzo_compress,
	.decompress = lzo_decompress,
};
