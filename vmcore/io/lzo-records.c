// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lzo-records.c - packs pages of records of 64 bytes, see lzo-records.h.
 *
 * An LZO1X block (Documentation/staging/lzo.rst, Linux 6.12) is literal bytes and matches, "the N
 * bytes that were D bytes back"; here D is always the size of a record. Which bytes of a record
 * are those of the one before is a word of 64 bits, where runs of them begin and end is another:
 * there is a branch for each run, none for each byte.
 */
#include "vmcore/io/lzo-records.h"

#include "vmcore/io/match.h"

#define RECORD 64

/* To get so many bytes for each record is worth while, after some more for the first one; a page
 * structure takes ten. */
#define MAX_PER_RECORD (RECORD / 4)
#define MAX_AHEAD      (2 * RECORD)

/* For so large a page what is allowed, and what one record may bring before it is seen to be too
 * much, fit where the page does. */
#define MIN_PAGE KIB(1)

/* After a match, so many literals are told by two bits of it; any number by bytes of its own, which
 * is one for so many, and one for so many that come first of all, where more are not worth while.
 */
#define FEW_LITERALS   3
#define SOME_LITERALS  18
#define FIRST_LITERALS 238

_Static_assert(MAX_AHEAD + MAX_PER_RECORD + RECORD <= FIRST_LITERALS, "all that come first");

/* A match up to so long takes two bytes, up to so long three. */
#define SHORT_MATCH 8
#define SOME_MATCH  33

/* What of a number does not fit into its first byte: 255 for each 0, then 1 to 255. */
static uint8_t *put_rest(uint8_t *out, size_t n)
{
	for (; n > 255; n -= 255)
		*out++ = 0;
	*out++ = n;
	return out;
}

/* Puts @n literals, of which @first says that nothing was before; @readable are there to be read.
 */
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

static uint8_t *put_end(uint8_t *out)
{
	*out++ = 17;
	*out++ = 0;
	*out++ = 0;
	return out;
}

/* Bits where runs of three or more ones begin, and behind their last; neighbours of @bits are
 * @next and, of that word, the @starts of three ones and whether a run went on to its end. */
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
	return put_end(to) - (uint8_t *)out;
}
