// SPDX-License-Identifier: GPL-2.0-or-later
/* decoder.c - gzip, xz and zstd, see decoder.h. */
#include "system/decoder.h"

#include <errno.h>

/* What a stream of xz may want; its largest usual level takes 65 MiB. */
#define XZ_MEMORY MIB(256)

static int gzip_begin(struct decoder *d, bool many)
{
	d->gzip = (z_stream){};
	return inflateInit2(&d->gzip, MAX_WBITS + 16) == Z_OK ? 0 : -ENOMEM;
}

static int gzip_step(struct decoder *d, struct decoder_io *io)
{
	/* Its counters have 32 bits. */
	unsigned in_len = MIN(io->in_len, (size_t)UINT32_MAX);
	unsigned room = MIN(io->room, (size_t)UINT32_MAX);
	z_stream *z = &d->gzip;
	int r;

	if (d->whole && inflateReset(z) != Z_OK)
		return -EBADMSG;
	*z = (z_stream){ .next_in = (void *)io->in,
		         .avail_in = in_len,
		         .next_out = io->out,
		         .avail_out = room,
		         .state = z->state,
		         .zalloc = z->zalloc,
		         .zfree = z->zfree,
		         .opaque = z->opaque };
	r = inflate(z, Z_NO_FLUSH);
	io->in += in_len - z->avail_in;
	io->in_len -= in_len - z->avail_in;
	io->out += room - z->avail_out;
	io->room -= room - z->avail_out;
	d->whole = r == Z_STREAM_END;
	return r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR ? 0 : -EBADMSG;
}

static void gzip_end(struct decoder *d)
{
	inflateEnd(&d->gzip);
}

static int xz_begin(struct decoder *d, bool many)
{
	d->xz = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&d->xz, XZ_MEMORY, many ? LZMA_CONCATENATED : 0) == LZMA_OK
	               ? 0
	               : -ENOMEM;
}

static int xz_step(struct decoder *d, struct decoder_io *io)
{
	lzma_stream *s = &d->xz;
	lzma_ret r;

	s->next_in = io->in;
	s->avail_in = io->in_len;
	s->next_out = io->out;
	s->avail_out = io->room;
	r = lzma_code(s, io->last ? LZMA_FINISH : LZMA_RUN);
	io->in = s->next_in;
	io->in_len = s->avail_in;
	io->out = s->next_out;
	io->room = s->avail_out;
	d->whole = r == LZMA_STREAM_END;
	return r == LZMA_OK || r == LZMA_STREAM_END || r == LZMA_BUF_ERROR ? 0 : -EBADMSG;
}

static void xz_end(struct decoder *d)
{
	lzma_end(&d->xz);
}

static int zstd_begin(struct decoder *d, bool many)
{
	d->zstd = ZSTD_createDStream();
	return d->zstd ? 0 : -ENOMEM;
}

static int zstd_step(struct decoder *d, struct decoder_io *io)
{
	ZSTD_inBuffer in = { .src = io->in, .size = io->in_len };
	ZSTD_outBuffer out = { .dst = io->out, .size = io->room };
	size_t left = ZSTD_decompressStream(d->zstd, &out, &in);

	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->room -= out.pos;
	d->whole = left == 0;
	return ZSTD_isError(left) ? -EBADMSG : 0;
}

static void zstd_end(struct decoder *d)
{
	ZSTD_freeDStream(d->zstd);
}

static const struct decoder_kind kinds[] = {
	{ "\x1f\x8b", 2, "gzip", "zcat", gzip_begin, gzip_step, gzip_end },
	{ "\xfd\x37zXZ", 6, "xz", "xzcat", xz_begin, xz_step, xz_end },
	{ "\x28\xb5\x2f\xfd", 4, "zstd", "zstdcat", zstd_begin, zstd_step, zstd_end },
};

const struct decoder_kind *decoder_find(const void *data, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (len >= kinds[i].magic_len &&
		    memcmp(data, kinds[i].magic, kinds[i].magic_len) == 0)
			return &kinds[i];
	return NULL;
}

int decoder_begin(struct decoder *d, const struct decoder_kind *kind, bool many)
{
	int r;

	*d = (struct decoder){};
	r = kind->begin(d, many);
	if (r == 0)
		d->kind = kind;
	return r;
}

void decoder_done(struct decoder *d)
{
	if (d->kind)
		d->kind->end(d);
	d->kind = NULL;
}

int decoder_step(struct decoder *d, struct decoder_io *io)
{
	return d->kind->step(d, io);
}
