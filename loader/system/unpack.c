// SPDX-License-Identifier: GPL-2.0-or-later
/* unpack.c - gzip, xz and zstd, see unpack.h. */
#include "loader/system/unpack.h"

#include <errno.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/err.h"

/* Output that grows up to a limit. */
struct growing {
	uint8_t *data;
	size_t len, size, max;
};

static void growing_done(struct growing *g)
{
	free(g->data);
}

/* Makes room for more. -EFBIG at the limit. */
static int grow(struct growing *g)
{
	size_t size = MIN(MAX(g->size * 2, KIB(256)), g->max);
	uint8_t *data;

	if (size == g->size)
		return -EFBIG;
	data = realloc(g->data, size + 1);
	if (!data)
		return -ENOMEM;
	g->data = data;
	g->size = size;
	return 0;
}

static int unpack_none(const void *data, size_t len, struct growing *out)
{
	while (out->size < len) {
		int r = grow(out);

		if (r < 0)
			return r;
	}
	memcpy(out->data, data, len);
	out->len = len;
	return 0;
}

static int unpack_gzip(const void *data, size_t len, struct growing *out)
{
	z_stream z = { .next_in = (void *)data, .avail_in = len };
	int r = 0, z_ret = Z_OK;

	if (inflateInit2(&z, MAX_WBITS + 16) != Z_OK)
		return -ENOMEM;
	while (r == 0 && z_ret == Z_OK) {
		if (out->len == out->size)
			r = grow(out);
		if (r < 0)
			break;
		z.next_out = out->data + out->len;
		z.avail_out = out->size - out->len;
		z_ret = inflate(&z, Z_NO_FLUSH);
		out->len = out->size - z.avail_out;
	}
	inflateEnd(&z);
	return r < 0 ? r : z_ret == Z_STREAM_END ? 0 : -EBADMSG;
}

static int unpack_xz(const void *data, size_t len, struct growing *out)
{
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret s_ret = LZMA_OK;
	int r = 0;

	if (lzma_stream_decoder(&s, MIB(256), 0) != LZMA_OK)
		return -ENOMEM;
	s.next_in = data;
	s.avail_in = len;
	while (r == 0 && s_ret == LZMA_OK) {
		if (out->len == out->size)
			r = grow(out);
		if (r < 0)
			break;
		s.next_out = out->data + out->len;
		s.avail_out = out->size - out->len;
		s_ret = lzma_code(&s, LZMA_FINISH);
		out->len = out->size - s.avail_out;
	}
	lzma_end(&s);
	return r < 0 ? r : s_ret == LZMA_STREAM_END ? 0 : -EBADMSG;
}

static int unpack_zstd(const void *data, size_t len, struct growing *out)
{
	ZSTD_inBuffer in = { .src = data, .size = len };
	ZSTD_DStream *z = ZSTD_createDStream();
	size_t left = 1;
	int r = 0;

	if (!z)
		return -ENOMEM;
	while (r == 0 && left != 0) {
		ZSTD_outBuffer buf;
		size_t had = in.pos;

		if (out->len == out->size)
			r = grow(out);
		if (r < 0)
			break;
		buf = (ZSTD_outBuffer){ .dst = out->data, .size = out->size, .pos = out->len };
		left = ZSTD_decompressStream(z, &buf, &in);
		if (ZSTD_isError(left) || (in.pos == had && buf.pos == out->len))
			r = -EBADMSG;
		out->len = buf.pos;
	}
	ZSTD_freeDStream(z);
	return r;
}

/* The last row takes everything. */
static const struct {
	const char *magic;
	size_t magic_len;
	int (*unpack)(const void *data, size_t len, struct growing *out);
} kinds[] = {
	{ "\x1f\x8b", 2, unpack_gzip },
	{ "\xfd\x37zXZ", 6, unpack_xz },
	{ "\x28\xb5\x2f\xfd", 4, unpack_zstd },
	{ "", 0, unpack_none },
};

int unpack(const void *data, size_t len, size_t max, const char *what, void **ret, size_t *ret_len)
{
	_cleanup_(growing_done) struct growing out = { .max = max };
	size_t i = 0;
	int r;

	while (len < kinds[i].magic_len || memcmp(data, kinds[i].magic, kinds[i].magic_len) != 0)
		i++;
	r = grow(&out);
	if (r < 0)
		return r;
	r = kinds[i].unpack(data, len, &out);
	if (r == -ENOMEM)
		return oom("an unpacked file");
	if (r == -EFBIG)
		return errf(r, "%s: unpacks to more than %zu bytes", what, max);
	if (r < 0)
		return errf(r, "%s: its compressed data are damaged", what);
	out.data[out.len] = '\0';
	*ret = TAKE_PTR(out.data);
	*ret_len = out.len;
	return 0;
}
