// SPDX-License-Identifier: GPL-2.0-or-later
/* cursor.c - walks over foreign bytes, see cursor.h. */
#include "base/cursor.h"

#include <byteswap.h>
#include <errno.h>

#include "base/err.h"

struct cursor cursor_over(const void *data, size_t len, const char *what)
{
	return (struct cursor){
		.start = data,
		.pos = data,
		.end = (const uint8_t *)data + len,
		.what = what,
	};
}

int cursor_bytes(struct cursor *c, uint64_t n, const void **ret)
{
	if (n > cursor_left(c))
		return errf(-EBADMSG, "%s: ends at byte %zu, %llu more expected after byte %zu",
		            c->what, (size_t)(c->end - c->start), (unsigned long long)n,
		            cursor_offset(c));
	*ret = c->pos;
	c->pos += n;
	return 0;
}

int cursor_skip(struct cursor *c, uint64_t n)
{
	const void *skipped;

	return cursor_bytes(c, n, &skipped);
}

int cursor_seek(struct cursor *c, uint64_t offset)
{
	size_t size = c->end - c->start;

	if (offset > size)
		return errf(-EBADMSG, "%s: offset %llu is past its %zu bytes", c->what,
		            (unsigned long long)offset, size);
	c->pos = c->start + offset;
	return 0;
}

int cursor_align(struct cursor *c, size_t align)
{
	return cursor_skip(c, -cursor_offset(c) & (align - 1));
}

static int cursor_copy(struct cursor *c, void *ret, size_t n)
{
	const void *bytes = NULL;
	int r = cursor_bytes(c, n, &bytes);

	if (r < 0)
		return r;
	memcpy(ret, bytes, n);
	return 0;
}

int cursor_u8(struct cursor *c, uint8_t *ret)
{
	return cursor_copy(c, ret, sizeof(*ret));
}

int cursor_u16(struct cursor *c, uint16_t *ret)
{
	int r = cursor_copy(c, ret, sizeof(*ret));

	if (r >= 0 && c->swap)
		*ret = bswap_16(*ret);
	return r;
}

int cursor_u32(struct cursor *c, uint32_t *ret)
{
	int r = cursor_copy(c, ret, sizeof(*ret));

	if (r >= 0 && c->swap)
		*ret = bswap_32(*ret);
	return r;
}

int cursor_u64(struct cursor *c, uint64_t *ret)
{
	int r = cursor_copy(c, ret, sizeof(*ret));

	if (r >= 0 && c->swap)
		*ret = bswap_64(*ret);
	return r;
}
