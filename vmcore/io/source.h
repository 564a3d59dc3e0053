/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source.h - bytes at offsets, and windows onto them.
 *
 * A source is a regular file, /proc/vmcore, a block of memory, or what a flattened file stands for.
 * It has no position, so threads may share one. A window is one thread's view of it. Ordinary files
 * are read through it; of /proc/vmcore, where each page that is read costs a TLB flush, it maps a
 * stretch at a time, and falls back to read() for just what cannot be mapped.
 */
#pragma once

#include "base/base.h"

struct source;

/* Opens @path for reading. */
int source_open(const char *path, struct source **ret);

/* The same for an open file, whose descriptor it takes over, also when it fails; @name is for error
 * texts. */
int source_from_fd(int fd, const char *name, struct source **ret);

/* The same for bytes in memory; @data stays the caller's and must outlive the source. */
int source_from_memory(const void *data, size_t size, const char *name, struct source **ret);

/* Makes of a flattened file (see source-flat.h) a source of the dump in it, and gives every other
 * source back as it is. Takes @s over, also when it fails. */
int source_unflatten(struct source *s, struct source **ret);

struct source *source_free(struct source *s);
void source_freep(struct source **s);

/* Whether windows map it or read it; they map what lies in /proc unless told otherwise. */
void source_map(struct source *s, bool map);

uint64_t source_size(const struct source *s);
const char *source_name(const struct source *s);

/* The bytes behind the end are missing, for all that is known: a flattened file without its end. */
bool source_is_cut(const struct source *s);

/* Reads all of @len bytes at @offset, or fails: -EBADMSG past the end, or the errno of the read. */
int source_read(const struct source *s, uint64_t offset, void *buf, size_t len);

struct window {
	const struct source *source;
	const struct source *base; /* the file to map, the same unless it is flattened */
	size_t size;               /* bytes to map at a time */
	size_t read_size;          /* and to read, unless more is needed */
	uint64_t offset;           /* what is mapped or read now of base: [offset, offset + len) */
	size_t len;
	const uint8_t *data;
	uint64_t known, known_end; /* part of a sparse base that is all hole or all contents */
	bool known_is_hole;
	void *mapping;   /* NULL when data is the buffer or belongs to the source */
	uint8_t *buffer; /* fall-back for what cannot be mapped */
	size_t buffer_size;
	uint8_t *joined; /* bytes of a flattened file that lie apart */
	size_t joined_size;
};

/* @size is rounded up to pages. Nothing is mapped yet. */
void window_init(struct window *w, const struct source *s, size_t size);

/* Reads so many bytes at a time where it does not map. Few of them stay in the caches of a CPU
 * until they are used, as who works on them would want; many suit who only passes them on. */
void window_read_size(struct window *w, size_t size);
void window_done(struct window *w);

/* Looks at another source from now on. */
void window_turn(struct window *w, const struct source *s);

/* Gives the bytes at @offset: at least @need, at most @want of them where they are contiguous in
 * the window. Valid until the next call. */
int window_get(struct window *w, uint64_t offset, size_t need, size_t want, const uint8_t **ret,
               size_t *ret_len);
