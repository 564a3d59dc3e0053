// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * deflate.c - packs single pages as zlib streams, see deflate.h.
 *
 * A stream (RFC 1950) is two bytes of header, a deflate stream and the Adler-32 checksum of the
 * unpacked bytes. The deflate stream (RFC 1951) is here one block of literal bytes and matches: a
 * match is "the N bytes that were D bytes back". One Huffman tree codes literals and lengths,
 * another one distances. Either both trees are those of the standard, or the block starts with the
 * lengths of their codes, which a third tree packs.
 *
 * The search is made for pages of a kernel. It remembers one position per hash, and skips more and
 * more bytes where nothing matches. It tries the last two distances first: half of a dump's pages
 * hold the kernel's page structures, which repeat the same 64 bytes but for a few, and in which
 * many words equal the one before.
 */
#include "vmcore/io/deflate.h"

#include <endian.h>
#include <zlib.h>

#include "vmcore/io/huffman.h"
#include "vmcore/io/match.h"

#define HASH_BITS 11
#define WINDOW    KIB(32)
#define MIN_MATCH 4 /* the format allows 3, but such a match saves hardly anything */
#define MAX_MATCH 258

/* The search skips one byte more per step after each 1 << MISSES_SHIFT misses in a row. */
#define MISSES_SHIFT 5

#define END_OF_BLOCK    256
#define FIRST_LENGTH    257
#define N_LITERALS      286 /* literals, the end and lengths */
#define N_DISTANCES     30
#define N_LENGTHS       19 /* lengths of codes, and repetitions of these */
#define MAX_LENGTH_BITS 7

/* Trees of its own never pay for a block of up to FEW_CODES codes, and always for one of more than
 * SOME_CODES. In between both ways are measured. */
#define FEW_CODES  24
#define SOME_CODES 256

/* Literals, and the match behind them. */
struct step {
	uint16_t literals, dist_less_1;
	uint8_t len_less_3, len_symbol, dist_symbol;
	uint8_t len_extra : 4, dist_extra : 4; /* bits */
};

struct deflate {
	uint16_t table[1 << HASH_BITS]; /* where four bytes with this hash were last */
	struct huffman literals, distances, lengths;
	uint8_t packed[N_LITERALS + N_DISTANCES][2]; /* lengths of codes: symbol, extra value */
	size_t n_packed;
	uint64_t extra_bits;              /* of all matches */
	size_t n_steps, n_literals, tail; /* @tail literals follow the last step */
	struct step steps[DEFLATE_MAX_PAGE / MIN_MATCH];
};

size_t deflate_scratch_size(void)
{
	return sizeof(struct deflate);
}

static uint32_t hash_bytes(uint32_t v)
{
	return v * UINT32_C(0x9e3779b1) >> (32 - HASH_BITS);
}

/* The symbol of a length or distance, @x being the value less the smallest one. Each power of two
 * has 1 << @split symbols; values that share a symbol are told apart by extra bits behind it. */
static unsigned symbol_of(size_t x, unsigned split, unsigned *ret_extra)
{
	unsigned top;

	*ret_extra = 0;
	if (x < 2U << split)
		return x;
	top = 31 - __builtin_clz(x);
	*ret_extra = top - split;
	return ((top - split) << split) + (x >> (top - split));
}

static void add_step(struct deflate *d, size_t literals, size_t len, size_t dist)
{
	struct step *s = &d->steps[d->n_steps++];
	unsigned len_extra, dist_extra;

	s->literals = literals;
	s->len_less_3 = len - 3;
	s->dist_less_1 = dist - 1;
	s->len_symbol = symbol_of(len - 3, 2, &len_extra);
	if (len == MAX_MATCH) {
		s->len_symbol = 28; /* the longest has a symbol for itself */
		len_extra = 0;
	}
	s->dist_symbol = symbol_of(dist - 1, 1, &dist_extra);
	s->len_extra = len_extra;
	s->dist_extra = dist_extra;
	d->literals.freq[FIRST_LENGTH + s->len_symbol]++;
	d->distances.freq[s->dist_symbol]++;
	d->extra_bits += len_extra + dist_extra;
}

static void add_literals(struct deflate *d, const uint8_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		d->literals.freq[from[i]]++;
	d->n_literals += n;
}

static void add_match(struct deflate *d, size_t literals, size_t len, size_t dist)
{
	while (len > MAX_MATCH) {
		/* The rest must be long enough for a match. */
		size_t now = len - MAX_MATCH < 3 ? MAX_MATCH - 3 : MAX_MATCH;

		add_step(d, literals, now, dist);
		literals = 0;
		len -= now;
	}
	add_step(d, literals, len, dist);
}

static void find_matches(struct deflate *d, const uint8_t *start, size_t len)
{
	const uint8_t *end = start + len, *pos = start + 1, *unsent = start;
	unsigned misses = 1 << MISSES_SHIFT;
	size_t dist = 1, other = 1; /* the last distance, and the last one unlike it */

	memset(d->table, 0, sizeof(d->table));
	memset(d->literals.freq, 0, sizeof(d->literals.freq));
	memset(d->distances.freq, 0, sizeof(d->distances.freq[0]) * N_DISTANCES);
	d->n_steps = d->n_literals = d->extra_bits = 0;
	while (end - pos >= MIN_MATCH) {
		uint32_t v = unaligned_get32(pos), h = hash_bytes(v);
		const uint8_t *before = start + d->table[h];
		size_t n;

		d->table[h] = pos - start;
		if (unaligned_get32(pos - dist) == v) {
			before = pos - dist;
		} else if (unaligned_get32(pos - other) == v) {
			before = pos - other;
		} else if (unaligned_get32(before) != v || (size_t)(pos - before) > WINDOW) {
			pos += misses++ >> MISSES_SHIFT;
			continue;
		}
		n = MIN_MATCH + match_length(before + MIN_MATCH, pos + MIN_MATCH, end);
		/* Bytes that were skipped may belong to the match. */
		while (pos > unsent && before > start && pos[-1] == before[-1])
			pos--, before--, n++;
		if (dist != (size_t)(pos - before)) {
			other = dist;
			dist = pos - before;
		}
		add_literals(d, unsent, pos - unsent);
		add_match(d, pos - unsent, n, dist);
		pos += n;
		unsent = pos;
		misses = 1 << MISSES_SHIFT;
		/* The bytes at the end of a match often come again. */
		if (end - pos >= MIN_MATCH)
			d->table[hash_bytes(unaligned_get32(pos - 2))] = pos - 2 - start;
	}
	d->tail = end - unsent;
	add_literals(d, unsent, d->tail);
	d->literals.freq[END_OF_BLOCK] = 1;
}

/* True when hardly any code could pack the page. Sum the squares of the frequencies of all bytes:
 * the sum is least when all are equally frequent, and 8 bits less its logarithm (as a multiple of
 * that least sum) is a lower bound of bits per byte for any code. */
static bool is_noise(const struct deflate *d, size_t len)
{
	uint64_t squares = 0;

	if (d->n_literals < len - len / 32)
		return false;
	for (size_t i = 0; i < END_OF_BLOCK; i++)
		squares += (uint64_t)d->literals.freq[i] * d->literals.freq[i];
	return squares * 256 * 10 < (uint64_t)d->n_literals * d->n_literals * 11;
}

/* The trees that the standard has for blocks without their own (RFC 1951, 3.2.6). */
static void set_standard_trees(struct deflate *d)
{
	static const uint32_t literals[10] = { [7] = 24, [8] = 152, [9] = 112 };
	static const uint32_t distances[6] = { [5] = 32 };

	memset(d->literals.len, 8, N_LITERALS);
	memset(d->literals.len + 144, 9, 112);
	memset(d->literals.len + 256, 7, 24);
	huffman_set_codes(&d->literals, N_LITERALS, literals, 9);
	memset(d->distances.len, 5, N_DISTANCES);
	huffman_set_codes(&d->distances, N_DISTANCES, distances, 5);
}

static uint64_t standard_bits(const struct deflate *d)
{
	const uint32_t *freq = d->literals.freq;
	uint64_t bits = 8 * d->n_literals + 12 * d->n_steps + 7;

	for (size_t i = 144; i < END_OF_BLOCK; i++)
		bits += freq[i];
	for (size_t i = 280; i < N_LITERALS; i++)
		bits += freq[i];
	return bits;
}

/* Packs the lengths of codes. Symbols 0 to 15 are a length, 16 repeats the last one 3 to 6 times,
 * 17 stands for 3 to 10 zeros and 18 for 11 to 138. */
static void pack_lengths(struct deflate *d, const uint8_t *len, size_t n)
{
	d->n_packed = 0;
	for (size_t i = 0, run; i < n; i += run) {
		uint8_t *item = d->packed[d->n_packed++];
		size_t max = len[i] ? 6 : 138;

		for (run = 1; run < max && i + run < n && len[i + run] == len[i];)
			run++;
		if (run < 3 || (len[i] && (i == 0 || len[i - 1] != len[i]))) {
			run = 1;
			item[0] = len[i];
		} else {
			item[0] = len[i] ? 16 : run <= 10 ? 17 : 18;
			item[1] = run - (item[0] == 18 ? 11 : 3);
		}
		d->lengths.freq[item[0]]++;
	}
}

/* RFC 1951, 3.2.7: rarely used symbols come last, so that their lengths can be left out. */
static const uint8_t lengths_order[N_LENGTHS] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
	                                          11, 4,  12, 3, 13, 2, 14, 1, 15 };
static const uint8_t lengths_extra[N_LENGTHS] = { [16] = 2, [17] = 3, [18] = 7 };

/* How many lengths of each tree the block has. */
struct told {
	size_t literals, distances, lengths;
};

/* Gives the block trees of its own; returns the bits that it has with them. */
static uint64_t make_own_trees(struct deflate *d, struct told *told)
{
	uint8_t all[N_LITERALS + N_DISTANCES];
	uint64_t bits;

	huffman_make(&d->literals, N_LITERALS, HUFFMAN_MAX_BITS);
	huffman_make(&d->distances, N_DISTANCES, HUFFMAN_MAX_BITS);
	*told = (struct told){ N_LITERALS, N_DISTANCES, N_LENGTHS };
	while (d->literals.len[told->literals - 1] == 0)
		told->literals--;
	while (d->distances.len[told->distances - 1] == 0)
		told->distances--;
	memcpy(all, d->literals.len, told->literals);
	memcpy(all + told->literals, d->distances.len, told->distances);
	memset(d->lengths.freq, 0, N_LENGTHS * sizeof(d->lengths.freq[0]));
	pack_lengths(d, all, told->literals + told->distances);
	huffman_make(&d->lengths, N_LENGTHS, MAX_LENGTH_BITS);
	while (told->lengths > 4 && d->lengths.len[lengths_order[told->lengths - 1]] == 0)
		told->lengths--;
	bits = 14 + 3 * told->lengths + huffman_bits(&d->lengths, N_LENGTHS);
	for (size_t i = 16; i < N_LENGTHS; i++)
		bits += d->lengths.freq[i] * lengths_extra[i];
	return bits + huffman_bits(&d->literals, N_LITERALS) +
	       huffman_bits(&d->distances, N_DISTANCES);
}

/* Bits that are not yet written, the first one lowest. After flush_bits() there is place for 56. */
struct out {
	uint64_t bits;
	unsigned n;
	uint8_t *pos, *end;
};

static inline void put_bits(struct out *o, uint64_t v, unsigned n)
{
	o->bits |= v << o->n;
	o->n += n;
}

static inline void put_code(struct out *o, uint32_t code)
{
	put_bits(o, code & ((1U << HUFFMAN_SHIFT) - 1), code >> HUFFMAN_SHIFT);
}

/* Writes whole bytes. The caller has checked that all of the block fits. */
static inline void flush_bits(struct out *o)
{
	if (o->end - o->pos >= 8) {
		uint64_t v = htole64(o->bits);

		memcpy(o->pos, &v, sizeof(v));
		o->pos += o->n / 8;
		o->bits >>= o->n & ~7U;
		o->n &= 7;
	}
	for (; o->n >= 8; o->n -= 8, o->bits >>= 8)
		*o->pos++ = o->bits;
}

static void put_trees(struct deflate *d, struct out *o, const struct told *told)
{
	put_bits(o, told->literals - 257, 5);
	put_bits(o, told->distances - 1, 5);
	put_bits(o, told->lengths - 4, 4);
	for (size_t i = 0; i < told->lengths; i++) {
		flush_bits(o);
		put_bits(o, d->lengths.len[lengths_order[i]], 3);
	}
	for (size_t i = 0; i < d->n_packed; i++) {
		const uint8_t *item = d->packed[i];

		flush_bits(o);
		put_code(o, d->lengths.code[item[0]]);
		if (lengths_extra[item[0]])
			put_bits(o, item[1], lengths_extra[item[0]]);
	}
	flush_bits(o);
}

static inline const uint8_t *put_literals(const struct deflate *d, struct out *o, const uint8_t *p,
                                          size_t n)
{
	for (; n >= 3; n -= 3, p += 3) {
		put_code(o, d->literals.code[p[0]]);
		put_code(o, d->literals.code[p[1]]);
		put_code(o, d->literals.code[p[2]]);
		flush_bits(o);
	}
	for (; n > 0; n--)
		put_code(o, d->literals.code[*p++]);
	flush_bits(o);
	return p;
}

static void put_contents(const struct deflate *d, struct out *out, const uint8_t *p)
{
	struct out o = *out;

	for (size_t i = 0; i < d->n_steps; i++) {
		const struct step *s = &d->steps[i];

		p = put_literals(d, &o, p, s->literals) + s->len_less_3 + 3;
		put_code(&o, d->literals.code[FIRST_LENGTH + s->len_symbol]);
		put_bits(&o, s->len_less_3 & ((1U << s->len_extra) - 1), s->len_extra);
		put_code(&o, d->distances.code[s->dist_symbol]);
		put_bits(&o, s->dist_less_1 & ((1U << s->dist_extra) - 1), s->dist_extra);
		flush_bits(&o);
	}
	put_literals(d, &o, p, d->tail);
	put_code(&o, d->literals.code[END_OF_BLOCK]);
	put_bits(&o, 0, 7); /* up to the next whole byte */
	flush_bits(&o);
	*out = o;
}

size_t deflate_page(void *scratch, const void *in, size_t len, void *out, size_t room)
{
	struct out o = { .pos = out, .end = (uint8_t *)out + room };
	uint64_t standard = UINT64_MAX, own = UINT64_MAX, bits;
	struct deflate *d = scratch;
	struct told told = {};
	uint32_t sum;
	size_t codes;

	if (len == 0 || len > DEFLATE_MAX_PAGE)
		return 0;
	find_matches(d, in, len);
	if (is_noise(d, len))
		return 0;
	codes = d->n_literals + d->n_steps;
	if (codes <= SOME_CODES)
		standard = standard_bits(d);
	if (codes > FEW_CODES)
		own = make_own_trees(d, &told);
	/* Three bits are the kind of the block. Two bytes stand before it, the checksum behind. */
	bits = 3 + MIN(standard, own) + d->extra_bits;
	if (2 + (bits + 7) / 8 + sizeof(sum) > room)
		return 0;
	put_bits(&o, 0x0178, 16);
	put_bits(&o, own < standard ? 5 : 3, 3);
	if (own < standard)
		put_trees(d, &o, &told);
	else
		set_standard_trees(d);
	flush_bits(&o);
	put_contents(d, &o, in);
	sum = htobe32(adler32(1, in, len));
	memcpy(o.pos, &sum, sizeof(sum));
	return o.pos + sizeof(sum) - (uint8_t *)out;
}
