// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lzo-records.c - packs pages of records of 64 bytes, see lzo-records.h.
 *
 * An LZO1X block (Documentation/staging/lzo.rst, Linux 6.12) is literal bytes and matches: a match
 * is "the N bytes that were D bytes back". Here D is always the size of a record. One word of 64
 * bits tells which bytes of a record equal those of the one before, another one where runs of such
 * bytes begin and end. So there is a branch per run and none per byte.
 */
#include "vmcore/io/lzo-records.h"

#include "vmcore/io/match.h"

#define RECORD 64

/* Packing pays up to this many bytes per record; the first may have more. A struct page has ten. */
#define MAX_PER_RECORD (RECORD / 4)
#define MAX_AHEAD      (2 * RECORD)

/* In a page of this size there is room for the allowed bytes and those of one record more, since a
 * record is written before its size is checked. */
#define MIN_PAGE KIB(1)

/* The number of literals behind a match: two bits of the match hold up to FEW_LITERALS, one byte up
 * to SOME_LITERALS, more bytes any number. At the start of a block one byte holds up to
 * FIRST_LITERALS, and more are not used. */
#define FEW_LITERALS   3
#define SOME_LITERALS  18
#define FIRST_LITERALS 238

_Static_assert(MAX_AHEAD + MAX_PER_RECORD + RECORD <= FIRST_LITERALS, "all that come first");

/* A match takes two bytes up to SHORT_MATCH, three bytes up to SOME_MATCH. */
#define SHORT_MATCH 8
#define SOME_MATCH  33

/* The rest of a number that does not fit into its first byte: 0 for each 255, then 1 to 255. */
static uint8_t *put_rest(uint8_t *out, size_t n)
{
	for (; n > 255; n -= 255)
		*out++ = 0;
	*out++ = n;
	return out;
}

/* Puts @n literals; @first: nothing was put before. @readable bytes at @from may be read. */
static inline uint8_t *put_literals(uint8_t *out, const uint8_t *from, size_t n, size_t readable,
                                    bool first)
{
	if (first) {
		*out++ = 17 + n;
	} else if (n <= FEW_LITERALS) {
		out[-2] |= n;
	} else if (n <= SOME_LITERALS) {
		*out++ = n - FEW_LITERALS;
	} else {
		*out++ = 0;
		out = put_rest(out, n - SOME_LITERALS);
	}
	/* A constant number is copied faster. */
	if (n <= 16 && readable >= 16)
		memcpy(out, from, 16);
	else
		memcpy(out, from, n);
	return out + n;
}

static inline uint8_t *put_match(uint8_t *out, size_t n)
{
	const unsigned dist = RECORD - 1;

	if (n <= SHORT_MATCH) {
		*out++ = (n - 1) << 5 | (dist & 7) << 2;
		*out++ = dist >> 3;
		return out;
	}
	if (n <= SOME_MATCH) {
		*out++ = 32 | (n - 2);
	} else {
		*out++ = 32;
		out = put_rest(out, n - SOME_MATCH);
	}
	*out++ = (dist & 63) << 2;
	*out++ = dist >> 6;
	return out;
}

/* The edges of all runs of three or more ones in @bits: a bit where a run begins, and one behind
 * its end. @next is the word behind. *@starts and *@open are those of the word before: where three
 * ones begin, and 1 when a run went on to its end. */
static inline uint64_t edges_of_runs(uint64_t bits, uint64_t next, uint64_t *starts, uint64_t *open)
{
	uint64_t three = bits & (bits >> 1 | next << 63) & (bits >> 2 | next << 62);
	uint64_t runs = three | (three << 1 | *starts >> 63) | (three << 2 | *starts >> 62);
	uint64_t edges = runs ^ (runs << 1 | *open);

	*starts = three;
	*open = runs >> 63;
	return edges;
}

size_t lzo_pack_records(const void *in, size_t len, void *out)
{
	const uint8_t *page = in, *end = page + len, *unsent = page, *match = NULL;
	uint8_t *to = out, *max = to + MAX_AHEAD;
	uint64_t next, starts = 0, open = 0;

	if (len < MIN_PAGE || len % RECORD)
		return 0;
	next = same_bytes64(page + RECORD, page);
	for (const uint8_t *r = page + RECORD; r < end; r += RECORD) {
		uint64_t same = next, edges;

		next = end - r > RECORD ? same_bytes64(r + RECORD, r) : 0;
		for (edges = edges_of_runs(same, next, &starts, &open); edges; edges &= edges - 1) {
			const uint8_t *edge = r + __builtin_ctzll(edges);

			if (match) {
				to = put_match(to, edge - match);
				match = NULL;
				unsent = edge;
			} else {
				to = put_literals(to, unsent, edge - unsent, end - unsent,
				                  unsent == page);
				match = edge;
			}
		}
		max += MAX_PER_RECORD;
		if (to + (match ? 0 : r + RECORD - unsent) > max)
			return 0;
	}
	if (match)
		to = put_match(to, end - match);
	else
		to = put_literals(to, unsent, end - unsent, 0, false);
	memcpy(to, "\x11\0\0", 3); /* the end of a block */
	return to + 3 - (uint8_t *)out;
}
