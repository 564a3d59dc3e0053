// SPDX-License-Identifier: GPL-2.0-or-later
/* bitmap.c - one bit per page frame, see bitmap.h. */
#include "base/bitmap.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/err.h"

static size_t bitmap_bytes(uint64_t bits)
{
	return ALIGN_UP(bits, 64) / 8;
}

int bitmap_init(struct bitmap *b, uint64_t bits)
{
	void *words = NULL;

	if (bits > 0) {
		words = mmap(NULL, bitmap_bytes(bits), PROT_READ | PROT_WRITE,
		             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (words == MAP_FAILED)
			return errf(-errno, "no memory for a bitmap of %llu pages",
			            (unsigned long long)bits);
	}
	*b = (struct bitmap){ .words = words, .bits = bits };
	return 0;
}

void bitmap_done(struct bitmap *b)
{
	if (b->words)
		munmap(b->words, bitmap_bytes(b->bits));
	*b = (struct bitmap){};
}

/* The bits of word @w that lie in [start, end). */
static uint64_t word_mask(uint64_t w, uint64_t start, uint64_t end)
{
	uint64_t mask = UINT64_MAX;

	if (w == start / 64)
		mask &= UINT64_MAX << (start % 64);
	if (w == end / 64)
		mask &= ~(UINT64_MAX << (end % 64));
	return mask;
}

/* The index behind the last word that holds a bit below @end. */
static uint64_t word_end(uint64_t end)
{
	return ALIGN_UP(end, 64) / 64;
}

void bitmap_set(struct bitmap *b, uint64_t start, uint64_t end)
{
	end = MIN(end, b->bits);
	if (start >= end)
		return;
	for (uint64_t w = start / 64; w < word_end(end); w++)
		b->words[w] |= word_mask(w, start, end);
}

/* Most words have one bit or none, and __builtin_popcountll() is slow on CPUs without POPCNT. */
static unsigned count_bits(uint64_t word)
{
	return word & (word - 1) ? __builtin_popcountll(word) : word != 0;
}

uint64_t bitmap_count(const struct bitmap *b, uint64_t start, uint64_t end)
{
	uint64_t n = 0;

	end = MIN(end, b->bits);
	if (start >= end)
		return 0;
	for (uint64_t w = start / 64; w < word_end(end); w++)
		n += count_bits(b->words[w] & word_mask(w, start, end));
	return n;
}

uint64_t bitmap_clear_except(struct bitmap *b, uint64_t start, uint64_t end,
                             const struct bitmap *except)
{
	uint64_t n = 0;

	end = MIN(end, b->bits);
	if (start >= end)
		return 0;
	for (uint64_t w = start / 64; w < word_end(end); w++) {
		uint64_t mask = word_mask(w, start, end);

		if (w < word_end(except->bits))
			mask &= ~except->words[w];
		mask &= b->words[w];
		if (mask) {
			n += count_bits(mask);
			b->words[w] ^= mask;
		}
	}
	return n;
}

uint64_t bitmap_clear(struct bitmap *b, uint64_t start, uint64_t end)
{
	return bitmap_clear_except(b, start, end, &(struct bitmap){});
}

/* Looks for a set bit; with all ones in @flip, for a clear one. */
static uint64_t bitmap_next(const struct bitmap *b, uint64_t from, uint64_t flip)
{
	for (uint64_t w = from / 64; w < word_end(b->bits); w++) {
		uint64_t word = b->words[w] ^ flip;

		if (w == from / 64)
			word &= UINT64_MAX << (from % 64);
		if (word)
			return MIN(w * 64 + __builtin_ctzll(word), b->bits);
	}
	return b->bits;
}

uint64_t bitmap_next_set(const struct bitmap *b, uint64_t from)
{
	return bitmap_next(b, from, 0);
}

uint64_t bitmap_next_clear(const struct bitmap *b, uint64_t from)
{
	return bitmap_next(b, from, UINT64_MAX);
}
