/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decoder.h - unpacks what gzip, xz or zstd has compressed, piece by piece.
 */
#pragma once

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/base.h"

struct decoder;
struct decoder_io;

/* A row of the table. */
struct decoder_kind {
	const char *magic; /* the first bytes of a stream */
	size_t magic_len;
	const char *name, *tool; /* what compresses so, and what unpacks it to its output */
	int (*begin)(struct decoder *d, bool many);
	int (*step)(struct decoder *d, struct decoder_io *io);
	void (*end)(struct decoder *d);
};

/* What a decoder may take and where it may put something; it moves both on. */
struct decoder_io {
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t room;
	bool last; /* nothing comes behind @in */
};

struct decoder {
	const struct decoder_kind *kind; /* NULL: not begun */
	union {
		z_stream gzip;
		lzma_stream xz;
		ZSTD_DStream *zstd;
	};
	bool whole; /* a stream has ended, and no other has begun */
};

/* The kind of stream that @data begins with; NULL: none. */
const struct decoder_kind *decoder_find(const void *data, size_t len);

/* -ENOMEM, without a text. With @many, streams may follow each other; otherwise what is behind the
 * first one is not for the decoder, which is whole then. */
int decoder_begin(struct decoder *d, const struct decoder_kind *kind, bool many);
void decoder_done(struct decoder *d);

/* Does what can be done at once. -EBADMSG, without a text: the data are damaged. */
int decoder_step(struct decoder *d, struct decoder_io *io);
