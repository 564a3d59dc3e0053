/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * codec.h - compression of single pages.
 *
 * One row per codec in codecs[]. A codec's flag is the bit that marks its pages in the
 * kdump-compressed format.
 */
#pragma once

#include "base/base.h"

struct codec {
	const char *name;
	uint32_t flag;
	int min_level, max_level, initial_level; /* all 0: the codec has no levels */

	/* Bytes of scratch memory that compress() needs, aligned for any type. */
	size_t (*scratch_size)(int level);

	/* Called once on zeroed scratch memory; NULL when it needs no preparation. */
	int (*scratch_init)(void *scratch, size_t size, int level);
	void (*scratch_done)(void *scratch);

	/* Compresses @len bytes into fewer. Returns how many, or 0 when they do not get smaller.
	 * @out has @room bytes, at least @len; any of them may be overwritten. */
	size_t (*compress)(void *scratch, const void *in, size_t len, void *out, size_t room);

	/* Returns 0 when the input gave exactly @len bytes, else -EBADMSG. */
	int (*decompress)(const void *in, size_t in_len, void *out, size_t len);
};

/* NULL-terminated; the first row is "none", which only has a name. */
extern const struct codec *const codecs[];

/* The names of all codecs, "none, zlib, ..."; returns @buf. */
#define CODEC_NAMES_MAX 128
const char *codec_names(char buf[static CODEC_NAMES_MAX]);

/* Reads "NAME" or "NAME:LEVEL". -EINVAL has a text that lists the codecs. */
int codec_parse(const char *text, const struct codec **ret, int *ret_level);

/* The codec whose pages have @flag; NULL when there is none. */
const struct codec *codec_by_flag(uint32_t flag);

/* A codec made ready for one thread. */
struct compressor {
	const struct codec *codec;
	void *scratch;
};

int compressor_init(struct compressor *c, const struct codec *codec, int level);
void compressor_done(struct compressor *c);

/* Compresses a page of @len bytes into @out. Returns the stored size, less than @len, or 0 when the
 * page is to be stored as it is. @out has @room bytes for any use, at least @len, better more. */
size_t compressor_page(struct compressor *c, const void *in, size_t len, void *out, size_t room);
