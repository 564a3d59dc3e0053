// SPDX-License-Identifier: GPL-2.0-or-later
/* packed.c - gzip, xz and zstd, one buffer after the other, see packed.h. */
#include "loader/crashes/packed.h"

#include <errno.h>
#include <lzma.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/err.h"
#include "system/file.h"

#define BUFFER_SIZE KIB(256)

/* What a decoder may take and where it may put something; it moves both on. */
struct piece {
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t room;
	bool last; /* of the file */
};

/* A decoder of one kind. Streams may follow each other in a file. */
struct decoder {
	union {
		z_stream gzip;
		lzma_stream xz;
		ZSTD_DStream *zstd;
	};
	bool whole; /* a stream has ended, and no other has begun */
};

static int gzip_begin(struct decoder *d)
{
	d->gzip = (z_stream){};
	return inflateInit2(&d->gzip, MAX_WBITS + 16) == Z_OK ? 0 : -ENOMEM;
}

static int gzip_step(struct decoder *d, struct piece *p)
{
	z_stream *z = &d->gzip;
	int r;

	if (d->whole && inflateReset(z) != Z_OK)
		return -EBADMSG;
	*z = (z_stream){ .next_in = (void *)p->in,
		         .avail_in = p->in_len,
		         .next_out = p->out,
		         .avail_out = p->room,
		         .state = z->state,
		         .zalloc = z->zalloc,
		         .zfree = z->zfree,
		         .opaque = z->opaque };
	r = inflate(z, Z_NO_FLUSH);
	p->in += p->in_len - z->avail_in;
	p->in_len = z->avail_in;
	p->out += p->room - z->avail_out;
	p->room = z->avail_out;
	d->whole = r == Z_STREAM_END;
	return r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR ? 0 : -EBADMSG;
}

static void gzip_end(struct decoder *d)
{
	inflateEnd(&d->gzip);
}

static int xz_begin(struct decoder *d)
{
	d->xz = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&d->xz, MIB(256), LZMA_CONCATENATED) == LZMA_OK ? 0 : -ENOMEM;
}

static int xz_step(struct decoder *d, struct piece *p)
{
	lzma_stream *s = &d->xz;
	lzma_ret r;

	s->next_in = p->in;
	s->avail_in = p->in_len;
	s->next_out = p->out;
	s->avail_out = p->room;
	r = lzma_code(s, p->last ? LZMA_FINISH : LZMA_RUN);
	p->in = s->next_in;
	p->in_len = s->avail_in;
	p->out = s->next_out;
	p->room = s->avail_out;
	d->whole = r == LZMA_STREAM_END;
	return r == LZMA_OK || r == LZMA_STREAM_END || r == LZMA_BUF_ERROR ? 0 : -EBADMSG;
}

static void xz_end(struct decoder *d)
{
	lzma_end(&d->xz);
}

static int zstd_begin(struct decoder *d)
{
	d->zstd = ZSTD_createDStream();
	return d->zstd ? 0 : -ENOMEM;
}

static int zstd_step(struct decoder *d, struct piece *p)
{
	ZSTD_inBuffer in = { .src = p->in, .size = p->in_len };
	ZSTD_outBuffer out = { .dst = p->out, .size = p->room };
	size_t left = ZSTD_decompressStream(d->zstd, &out, &in);

	p->in += in.pos;
	p->in_len -= in.pos;
	p->out += out.pos;
	p->room -= out.pos;
	d->whole = left == 0;
	return ZSTD_isError(left) ? -EBADMSG : 0;
}

static void zstd_end(struct decoder *d)
{
	ZSTD_freeDStream(d->zstd);
}

static const struct kind {
	const char *magic;
	size_t magic_len;
	const char *name, *tool;
	int (*begin)(struct decoder *d);
	int (*step)(struct decoder *d, struct piece *p);
	void (*end)(struct decoder *d);
} kinds[] = {
	{ "\x1f\x8b", 2, "gzip", "zcat", gzip_begin, gzip_step, gzip_end },
	{ "\xfd\x37zXZ", 6, "xz", "xzcat", xz_begin, xz_step, xz_end },
	{ "\x28\xb5\x2f\xfd", 4, "zstd", "zstdcat", zstd_begin, zstd_step, zstd_end },
};

static const struct kind *find_kind(int fd)
{
	char head[8] = {};

	if (pread(fd, head, sizeof(head), 0) < 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (memcmp(head, kinds[i].magic, kinds[i].magic_len) == 0)
			return &kinds[i];
	return NULL;
}

bool packed_is(int fd)
{
	return find_kind(fd) != NULL;
}

/* Returns the bytes written. -ENODATA: it ends within a stream. */
static int64_t copy(const struct kind *k, struct decoder *d, int from, int to, uint64_t max)
{
	_cleanup_free_ uint8_t *buf = malloc(2 * BUFFER_SIZE);
	struct piece p = {};
	uint64_t at = 0, written = 0;

	if (!buf)
		return -ENOMEM;
	for (;;) {
		size_t n;
		int r;

		if (p.in_len == 0 && !p.last) {
			ssize_t got = pread(from, buf, BUFFER_SIZE, at);

			if (got < 0)
				return -errno;
			p.in = buf;
			p.in_len = got;
			p.last = got == 0;
			at += got;
		}
		if (p.last && d->whole)
			return written;
		p.out = buf + BUFFER_SIZE;
		p.room = BUFFER_SIZE;
		r = k->step(d, &p);
		n = BUFFER_SIZE - p.room;
		if (n > max - written)
			return -EFBIG;
		if (r == 0)
			r = file_write(to, buf + BUFFER_SIZE, n);
		if (r < 0)
			return r;
		written += n;
		if (p.last && n == 0 && !d->whole)
			return -ENODATA;
	}
}

int64_t packed_copy(int from, const char *name, int to, uint64_t max)
{
	const struct kind *k = find_kind(from);
	struct decoder d = {};
	int64_t n;
	int r;

	if (!k)
		return -EINVAL;
	r = k->begin(&d);
	if (r < 0)
		return oom("a decoder");
	n = copy(k, &d, from, to, max);
	k->end(&d);
	if (n == -EBADMSG || n == -ENODATA)
		return errf(-EBADMSG,
		            "%s: compressed by %s, but %s: \"%s FILE | kdump-lite report -\" reads "
		            "what comes before",
		            name, k->name, n == -ENODATA ? "ends early" : "damaged", k->tool);
	if (n == -ENOMEM)
		return oom("an unpacked file");
	return n;
}
