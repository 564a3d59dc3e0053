/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cursor.h - walks over foreign bytes without ever leaving them.
 *
 * A cursor is a position in a block of memory. Each cursor_ function either yields a value and
 * moves on, or returns -EBADMSG with a text that names the block and the offset, and does not move.
 * A parser that takes all its bytes from a cursor needs no bounds arithmetic of its own.
 */
#pragma once

#include "base/base.h"

struct cursor {
	const uint8_t *start;
	const uint8_t *pos;
	const uint8_t *end;
	const char *what; /* names the block in error texts; borrowed */
	bool swap;        /* the bytes have the other byte order */
};

/* A cursor at the first of @len bytes at @data, both borrowed. */
struct cursor cursor_over(const void *data, size_t len, const char *what);

static inline size_t cursor_left(const struct cursor *c)
{
	return c->end - c->pos;
}

static inline size_t cursor_offset(const struct cursor *c)
{
	return c->pos - c->start;
}

int cursor_skip(struct cursor *c, uint64_t n);
int cursor_seek(struct cursor *c, uint64_t offset);

/* Moves to the next multiple of @align (a power of two) from the start of the block. */
int cursor_align(struct cursor *c, size_t align);

int cursor_u8(struct cursor *c, uint8_t *ret);
int cursor_u16(struct cursor *c, uint16_t *ret);
int cursor_u32(struct cursor *c, uint32_t *ret);
int cursor_u64(struct cursor *c, uint64_t *ret);

/* *@ret points at the next @n bytes, inside the block. */
int cursor_bytes(struct cursor *c, uint64_t n, const void **ret);
