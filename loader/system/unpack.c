// SPDX-License-Identifier: GPL-2.0-or-later
/* unpack.c - gzip, xz and zstd, see unpack.h. */
#include "loader/system/unpack.h"

#include <errno.h>

#include "base/err.h"
#include "system/decoder.h"

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

/* What is behind the first stream is padding, or for others. */
static int unpack_stream(const struct decoder_kind *kind, const void *data, size_t len,
                         struct growing *out)
{
	struct decoder_io io = { .in = data, .in_len = len, .last = true };
	_cleanup_(decoder_done) struct decoder d = {};
	int r = decoder_begin(&d, kind, false);

	while (r == 0 && !d.whole) {
		size_t had = io.in_len, n;

		if (out->len == out->size && (r = grow(out)) < 0)
			break;
		io.out = out->data + out->len;
		io.room = out->size - out->len;
		r = decoder_step(&d, &io);
		n = out->size - io.room - out->len;
		if (n == 0 && io.in_len == had && !d.whole)
			r = -EBADMSG;
		out->len += n;
	}
	return r;
}

int unpack(const void *data, size_t len, size_t max, const char *what, void **ret, size_t *ret_len)
{
	_cleanup_(growing_done) struct growing out = { .max = max };
	const struct decoder_kind *kind = decoder_find(data, len);
	int r = grow(&out);

	if (r < 0)
		return r;
	r = kind ? unpack_stream(kind, data, len, &out) : unpack_none(data, len, &out);
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
