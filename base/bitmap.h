/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bitmap.h - one bit per page frame.
 *
 * Bit n is bit n % 64 of word n / 64. Written out little-endian, the words are the bitmap of the
 * kdump-compressed format (byte n / 8, bit n % 8). The kernel gives the memory zeroed, and a page
 * of it costs nothing until it is touched. Memory may lie far apart: there are words just for the
 * ranges that can have bits, so holes cost neither memory nor time.
 */
#pragma once

#include "base/base.h"

struct bitmap_range {
	uint64_t start, end;
};

struct bitmap {
	uint64_t *words;             /* of all ranges in a row */
	uint64_t bits;               /* number of bits; the rest of the last word stays 0 */
	struct bitmap_range *ranges; /* of word numbers, sorted */
	uint64_t *at;                /* which of words[] is the first of each range ... */
	size_t n;                    /* ... and at[n] how many there are */
};

/* All bits are 0 at first. */
int bitmap_init(struct bitmap *b, uint64_t bits);

/* A bitmap of which only bits in these ranges, sorted and without overlaps, and some around them
 * can be set. The others stay 0. */
int bitmap_init_over(struct bitmap *b, uint64_t bits, const struct bitmap_range *ranges, size_t n);
void bitmap_done(struct bitmap *b);

/* Ranges are [start, end), clipped to the bitmap. */
void bitmap_set(struct bitmap *b, uint64_t start, uint64_t end);
uint64_t bitmap_count(const struct bitmap *b, uint64_t start, uint64_t end);

/* Clears a range; returns how many of its bits were set. */
uint64_t bitmap_clear(struct bitmap *b, uint64_t start, uint64_t end);

/* Clears a range but for the bits set in @except, which may be shorter; returns how many. */
uint64_t bitmap_clear_except(struct bitmap *b, uint64_t start, uint64_t end,
                             const struct bitmap *except);

/* Clears all bits that are not set in @other. */
void bitmap_clear_others(struct bitmap *b, const struct bitmap *other);

/* Word number @w. */
uint64_t bitmap_word(const struct bitmap *b, uint64_t w);

/* How many words before number @w are in memory; and how many bits are set in words [from, to) of
 * those in memory. */
uint64_t bitmap_place(const struct bitmap *b, uint64_t w);
uint64_t bitmap_count_places(const struct bitmap *b, uint64_t from, uint64_t to);

/* The first bit at or after @from that is set, or clear; @b->bits when there is none. */
uint64_t bitmap_next_set(const struct bitmap *b, uint64_t from);
uint64_t bitmap_next_clear(const struct bitmap *b, uint64_t from);

static inline bool bitmap_test(const struct bitmap *b, uint64_t n)
{
	return n < b->bits && (bitmap_word(b, n / 64) >> (n % 64) & 1);
}
