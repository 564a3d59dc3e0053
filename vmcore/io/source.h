/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source.h - bytes at offsets, and windows onto them.
 *
 * A source is a regular file, /proc/vmcore, a block of memory, or the dump within a flattened file.
 * It has no position, so threads may share one. A window is one thread's view of it. It reads
 * ordinary files. It maps /proc/vmcore, where each page that is read costs a TLB flush, and reads
 * only the parts that cannot be mapped.
 */
#pragma once

#include "vmcore/io/fault.h"

struct source;

/* Opens @path for reading. */
int source_open(const char *path, struct source **ret);

/* Makes a source of @fd, and takes that over, also on failure. @name is for error texts. */
int source_from_fd(int fd, const char *name, struct source **ret);

/* Makes a source of bytes in memory. @data stays the caller's and must outlive the source. */
int source_from_memory(const void *data, size_t size, const char *name, struct source **ret);

/* Makes a source of the dump within the flattened file @s (see source-flat.h); any other source is
 * given back as it is. -EBADMSG: it is broken. Takes @s over, also on failure. */
int source_unflatten(struct source *s, struct source **ret);

struct source *source_free(struct source *s);
BASE_FREEP(source)

/* Has windows map the file, or read it. Unless told otherwise they map only files in /proc. */
void source_map(struct source *s, bool map);

uint64_t source_size(const struct source *s);
const char *source_name(const struct source *s);

/* True for a block of memory, of which windows give the bytes themselves. */
bool source_is_memory(const struct source *s);

/* True for a flattened file without its end: bytes of the dump may be missing behind the last. */
bool source_is_cut(const struct source *s);

/* Reads all of @len bytes at @offset, or fails: -EBADMSG past the end, or the errno of the read. */
int source_read(const struct source *s, uint64_t offset, void *buf, size_t len);

/* Where behind @offset, at the earliest, a sparse file has contents; @offset itself when all of the
 * file may be contents, or when it is behind the end. */
uint64_t source_next_contents(const struct source *s, uint64_t offset);

struct window {
	const struct source *source;
	const struct source *base; /* the source itself, or the flattened file it is in */
	size_t size;               /* bytes to map at a time */
	size_t read_size;          /* bytes to read at a time, unless more are needed */
	bool prefer_map;           /* map files that windows usually read */
	uint64_t offset;           /* bytes [offset, offset + len) of base are at data now */
	size_t len;
	const uint8_t *data;
	uint64_t known, known_end; /* part of a sparse base that is all hole or all contents */
	bool known_is_hole;
	struct fault_watch watch; /* of the mapping */
	void *mapping;            /* NULL when data is the buffer or belongs to the source */
	uint8_t *buffer;          /* bytes that were read, not mapped */
	size_t buffer_size;
	uint8_t *joined; /* bytes of a flattened file that lie apart */
	size_t joined_size;
	unsigned faults; /* of earlier mappings */
};

/* @size is rounded up to pages. Nothing is mapped yet. */
void window_init(struct window *w, const struct source *s, size_t size);

/* Sets how many bytes one read gets. Small reads stay in the CPU cache: use them when the bytes are
 * processed. Large reads suit plain copying. */
void window_read_size(struct window *w, size_t size);

/* Has the window map any file: it pays for who looks once at much of what large windows show. The
 * program has to call fault_catch(). */
void window_prefer_map(struct window *w);
void window_done(struct window *w);

/* Makes @w a window onto another source. */
void window_switch(struct window *w, const struct source *s);

/* How many pages could not be read after a mapping of them was handed out: their bytes are zeroes.
 * Compare it with what it was before. */
static inline unsigned window_faults(const struct window *w)
{
	return w->faults + w->watch.faults;
}

/* Gives at least @need and at most @want bytes at @offset, borrowed from the window until the next
 * call. More than @need come only when the window has them in a row. -EIO: a page of a mapping
 * cannot be read; see fault_catch(). */
int window_get(struct window *w, uint64_t offset, size_t need, size_t want, const uint8_t **ret,
               size_t *ret_len);
