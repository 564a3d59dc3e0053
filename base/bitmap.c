// SPDX-License-Identifier: GPL-2.0-or-later
/* bitmap.c - one bit per page frame, see bitmap.h. */
#include "base/bitmap.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/err.h"

static int bitmap_alloc(struct bitmap *b)
{
	void *words;

	if (b->at[b->n] == 0)
		return 0;
	words = mmap(NULL, b->at[b->n] * sizeof(*b->words), PROT_READ | PROT_WRITE,
	             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (words == MAP_FAILED)
		return errf(-errno, "no memory for a bitmap of %llu pages",
		            (unsigned long long)b->at[b->n] * 64);
	b->words = words;
	return 0;
}

int bitmap_init_over(struct bitmap *b, uint64_t bits, const struct bitmap_range *ranges, size_t n)
{
	_cleanup_(bitmap_done) struct bitmap new = { .bits = bits };
	int r;

	new.ranges = reallocarray(NULL, n + 1, sizeof(*new.ranges));
	new.at = reallocarray(NULL, n + 1, sizeof(*new.at));
	if (!new.ranges || !new.at)
		return oom("the ranges of a bitmap");
	new.at[0] = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t start = ranges[i].start / 64;
		uint64_t end = ALIGN_UP(MIN(ranges[i].end, bits), 64) / 64;

		/* Two ranges may share a word. */
		if (new.n > 0)
			start = MAX(start, new.ranges[new.n - 1].end);
		if (start >= end)
			continue;
		new.ranges[new.n] = (struct bitmap_range){ start, end };
		new.at[new.n + 1] = new.at[new.n] + (end - start);
		new.n++;
	}
	r = bitmap_alloc(&new);
	if (r < 0)
		return r;
	*b = TAKE_STRUCT(new);
	return 0;
}

int bitmap_init(struct bitmap *b, uint64_t bits)
{
	return bitmap_init_over(b, bits, &(struct bitmap_range){ 0, bits }, 1);
}

void bitmap_done(struct bitmap *b)
{
	if (b->words)
		munmap(b->words, b->at[b->n] * sizeof(*b->words));
	free(b->ranges);
	free(b->at);
	*b = (struct bitmap){};
}

/* The first range that ends behind word @w; b->n when there is none. */
static size_t bitmap_find(const struct bitmap *b, uint64_t w)
{
	size_t low = 0, high = b->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (b->ranges[mid].end <= w)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Steps through the words from number @w to before @end that the bitmap has. False: no more. */
struct walk {
	const struct bitmap *b;
	uint64_t w, end;
	size_t range;
	uint64_t *word; /* of number w */
};

static struct walk walk_begin(const struct bitmap *b, uint64_t w, uint64_t end)
{
	return (struct walk){ .b = b, .w = w, .end = end, .range = bitmap_find(b, w) };
}

static bool walk_next(struct walk *k)
{
	if (k->word && ++k->w >= k->end)
		return false;
	if (k->range < k->b->n && k->w >= k->b->ranges[k->range].end)
		k->range++;
	if (k->range >= k->b->n)
		return false;
	k->w = MAX(k->w, k->b->ranges[k->range].start);
	k->word = k->b->words + k->b->at[k->range] + (k->w - k->b->ranges[k->range].start);
	return k->w < k->end;
}

uint64_t bitmap_word(const struct bitmap *b, uint64_t w)
{
	size_t i = bitmap_find(b, w);

	return i < b->n && w >= b->ranges[i].start ? b->words[b->at[i] + (w - b->ranges[i].start)]
	                                           : 0;
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
	for (struct walk k = walk_begin(b, start / 64, word_end(end)); walk_next(&k);)
		*k.word |= word_mask(k.w, start, end);
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
	for (struct walk k = walk_begin(b, start / 64, word_end(end)); walk_next(&k);)
		n += count_bits(*k.word & word_mask(k.w, start, end));
	return n;
}

uint64_t bitmap_place(const struct bitmap *b, uint64_t w)
{
	size_t i = bitmap_find(b, w);

	return i < b->n && w > b->ranges[i].start ? b->at[i] + (w - b->ranges[i].start) : b->at[i];
}

uint64_t bitmap_count_places(const struct bitmap *b, uint64_t from, uint64_t to)
{
	uint64_t n = 0;

	for (uint64_t i = from; i < to; i++)
		n += count_bits(b->words[i]);
	return n;
}

uint64_t bitmap_clear_except(struct bitmap *b, uint64_t start, uint64_t end,
                             const struct bitmap *except)
{
	uint64_t n = 0;

	end = MIN(end, b->bits);
	if (start >= end)
		return 0;
	for (struct walk k = walk_begin(b, start / 64, word_end(end)); walk_next(&k);) {
		uint64_t mask = *k.word & word_mask(k.w, start, end);

		if (mask)
			mask &= ~bitmap_word(except, k.w);
		n += count_bits(mask);
		*k.word ^= mask;
	}
	return n;
}

uint64_t bitmap_clear(struct bitmap *b, uint64_t start, uint64_t end)
{
	return bitmap_clear_except(b, start, end, &(struct bitmap){});
}

void bitmap_clear_others(struct bitmap *b, const struct bitmap *other)
{
	for (struct walk k = walk_begin(b, 0, word_end(b->bits)); walk_next(&k);)
		if (*k.word)
			*k.word &= bitmap_word(other, k.w);
}

uint64_t bitmap_next_set(const struct bitmap *b, uint64_t from)
{
	for (struct walk k = walk_begin(b, from / 64, word_end(b->bits)); walk_next(&k);) {
		uint64_t word = k.w == from / 64 ? *k.word & UINT64_MAX << (from % 64) : *k.word;

		if (word)
			return k.w * 64 + __builtin_ctzll(word);
	}
	return b->bits;
}

uint64_t bitmap_next_clear(const struct bitmap *b, uint64_t from)
{
	uint64_t w = from / 64;

	for (struct walk k = walk_begin(b, w, word_end(b->bits)); walk_next(&k) && k.w == w; w++) {
		uint64_t word = w == from / 64 ? *k.word | ~(UINT64_MAX << (from % 64)) : *k.word;

		if (~word)
			return MIN(w * 64 + __builtin_ctzll(~word), b->bits);
	}
	return MIN(MAX(w * 64, from), b->bits);
}
