// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * codec-snappy.c - pages as raw snappy blocks, without the library, which is C++.
 *
 * A block (format_description.txt of snappy) starts with the unpacked length, seven bits per byte,
 * the lowest first. Elements follow. The low two bits of an element's first byte are its kind:
 *
 *	0	literal bytes; the upper six bits are their number less one, or 60 to 63: then that
 *		number is in the next 1 to 4 bytes
 *	1	a copy of 4 to 11 bytes (bits 2 to 4) from up to 2047 bytes back (bits 5 to 7, and
 *		the next byte)
 *	2	a copy of 1 to 64 bytes (upper six bits); the next two bytes tell how far back
 *	3	a copy of 1 to 64 bytes (upper six bits); the next four bytes tell how far back
 *
 * Source and target of a copy may overlap; the copied bytes then repeat themselves.
 */
#include <errno.h>

#include "vmcore/io/codecs.h"
#include "vmcore/io/match.h"

#define HASH_BITS 12
#define MAX_PAGE  KIB(64) /* so that positions fit into 16 bits */
#define MIN_MATCH 4

/* The search skips one byte more per step after each 1 << MISSES_SHIFT misses in a row. */
#define MISSES_SHIFT 5

struct snappy_scratch {
	uint16_t table[1 << HASH_BITS]; /* where four bytes with this hash were last */
};

static size_t snappy_scratch_size(int level)
{
	return sizeof(struct snappy_scratch);
}

static uint32_t hash_bytes(uint32_t v)
{
	return v * UINT32_C(0x9e3779b1) >> (32 - HASH_BITS);
}

struct out {
	uint8_t *pos, *end;
	bool full;
};

static void put_literal(struct out *o, const uint8_t *from, size_t n)
{
	size_t head = n <= 60 ? 1 : n <= 256 ? 2 : 3;

	if (n == 0)
		return;
	if (o->full || head + n > (size_t)(o->end - o->pos)) {
		o->full = true;
		return;
	}
	o->pos[0] = (head == 1 ? n - 1 : 58 + head) << 2;
	if (head > 1)
		o->pos[1] = n - 1;
	if (head > 2)
		o->pos[2] = (n - 1) >> 8;
	memcpy(o->pos + head, from, n);
	o->pos += head + n;
}

static void put_copy(struct out *o, size_t back, size_t n)
{
	while (n > 0) {
		/* The last copy must have at least four bytes. */
		size_t now = n <= 64 ? n : n < 64 + MIN_MATCH ? 60 : 64;

		if (o->full || o->end - o->pos < 3) {
			o->full = true;
			return;
		}
		if (now >= 4 && now <= 11 && back < 2048) {
			*o->pos++ = back >> 8 << 5 | (now - 4) << 2 | 1;
			*o->pos++ = back;
		} else {
			*o->pos++ = (now - 1) << 2 | 2;
			*o->pos++ = back;
			*o->pos++ = back >> 8;
		}
		n -= now;
	}
}

static void put_length(struct out *o, size_t len)
{
	for (; len >= 0x80 && o->pos < o->end; len >>= 7)
		*o->pos++ = len | 0x80;
	if (o->pos < o->end)
		*o->pos++ = len;
	else
		o->full = true;
}

static size_t snappy_compress(void *scratch, const void *in, size_t len, void *out, size_t room)
{
	const uint8_t *start = in, *end = start + len, *pos = start + 1, *unsent = start;
	struct out o = { .pos = out, .end = (uint8_t *)out + len - 1 };
	uint16_t *table = ((struct snappy_scratch *)scratch)->table;
	unsigned misses = 1 << MISSES_SHIFT;

	if (len > MAX_PAGE)
		return 0;
	memset(table, 0, sizeof(((struct snappy_scratch *)scratch)->table));
	put_length(&o, len);
	while (end - pos >= MIN_MATCH && !o.full) {
		uint32_t v = unaligned_get32(pos), h = hash_bytes(v);
		const uint8_t *before = start + table[h];
		size_t n;

		table[h] = pos - start;
		if (unaligned_get32(before) != v) {
			pos += misses++ >> MISSES_SHIFT;
			continue;
		}
		n = MIN_MATCH + match_length(before + MIN_MATCH, pos + MIN_MATCH, end);
		put_literal(&o, unsent, pos - unsent);
		put_copy(&o, pos - before, n);
		pos += n;
		unsent = pos;
		misses = 1 << MISSES_SHIFT;
		/* The bytes at the end of a match often come again. */
		if (end - pos >= MIN_MATCH)
			table[hash_bytes(unaligned_get32(pos - 1))] = pos - 1 - start;
	}
	put_literal(&o, unsent, end - unsent);
	return o.full ? 0 : o.pos - (uint8_t *)out;
}

struct unpack {
	const uint8_t *in, *in_end;
	uint8_t *out, *pos, *end;
};

/* The next @n bytes as a number, the lowest first. The caller has checked that they are there. */
static uint32_t take_number(struct unpack *u, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint32_t)*u->in++ << (8 * i);
	return v;
}

static bool unpack_literal(struct unpack *u, uint8_t tag)
{
	size_t n = tag >> 2, more = n >= 60 ? n - 59 : 0;

	if (more > (size_t)(u->in_end - u->in))
		return false;
	if (more > 0)
		n = take_number(u, more);
	n++;
	if (n > (size_t)(u->in_end - u->in) || n > (size_t)(u->end - u->pos))
		return false;
	memcpy(u->pos, u->in, n);
	u->in += n;
	u->pos += n;
	return true;
}

static bool unpack_copy(struct unpack *u, uint8_t tag)
{
	static const size_t more[] = { 0, 1, 2, 4 };
	size_t n = (tag >> 2) + 1, back;
	const uint8_t *from;

	if (more[tag & 3] > (size_t)(u->in_end - u->in))
		return false;
	back = take_number(u, more[tag & 3]);
	if ((tag & 3) == 1) {
		n = (tag >> 2 & 7) + 4;
		back |= (size_t)(tag >> 5) << 8;
	}
	if (back == 0 || back > (size_t)(u->pos - u->out) || n > (size_t)(u->end - u->pos))
		return false;
	from = u->pos - back;
	if (back >= n)
		memcpy(u->pos, from, n);
	else
		for (size_t i = 0; i < n; i++)
			u->pos[i] = from[i];
	u->pos += n;
	return true;
}

/* The length at the start of a block; SIZE_MAX when it has more than the four bytes of a page's. */
static size_t unpack_length(struct unpack *u)
{
	size_t len = 0;

	for (unsigned shift = 0; shift < 28 && u->in < u->in_end; shift += 7) {
		uint8_t byte = *u->in++;

		len |= (size_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return len;
	}
	return SIZE_MAX;
}

static int snappy_decompress(const void *in, size_t in_len, void *out, size_t len)
{
	struct unpack u = {
		.in = in,
		.in_end = (const uint8_t *)in + in_len,
		.out = out,
		.pos = out,
		.end = (uint8_t *)out + len,
	};

	if (unpack_length(&u) != len)
		return -EBADMSG;
	while (u.in < u.in_end) {
		uint8_t tag = *u.in++;

		if (!((tag & 3) == 0 ? unpack_literal(&u, tag) : unpack_copy(&u, tag)))
			return -EBADMSG;
	}
	return u.pos == u.end ? 0 : -EBADMSG;
}

const struct codec codec_snappy = {
	.name = "snappy",
	.flag = 0x04,
	.scratch_size = snappy_scratch_size,
	.compress = snappy_compress,
	.decompress = snappy_decompress,
};
