// SPDX-License-Identifier: GPL-2.0-or-later
/* twins.c - recognises pages that hold the same as earlier ones, see twins.h. */
#include "vmcore/format/twins.h"

#include <errno.h>
#include <sys/random.h>

#include "vmcore/base/unaligned.h"

#define MAX_TWINS 65536 /* as many places as 16 bits tell apart */

/* 2^61 - 1, by which remainders are had without a division. */
#define PRIME 0x1fffffffffffffff

/* Halves of 64-bit words that go into the second hash. */
#define N_HALVES 4

/* 2^64 divided by the golden ratio: multiplied by it, all bits have a part in the upper ones. */
#define SPREAD 0x9e3779b97f4a7c15

typedef unsigned __int128 uint128_t;

struct twins {
	struct twin *table;
	uint64_t mask;  /* of a place's number */
	size_t n_words; /* 64-bit words of a page */
	uint64_t second[N_HALVES];
	uint64_t first[];
};

/* Without waiting, as long after the start of the machine as that may be. */
static int draw(void *buf, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = getrandom((char *)buf + done, len - done, GRND_NONBLOCK);

		if (n < 0)
			return -EAGAIN;
		done += n;
	}
	return 0;
}

int twins_new(uint64_t n_pages, size_t page_size, struct twins **ret)
{
	_cleanup_(twins_freep) struct twins *t = NULL;
	uint64_t n = 16;
	int r;

	while (n < n_pages && n < MAX_TWINS)
		n *= 2;
	t = malloc(sizeof(*t) + page_size);
	if (!t)
		return -ENOMEM;
	t->table = calloc(n, sizeof(*t->table));
	t->mask = n - 1;
	t->n_words = page_size / sizeof(uint64_t);
	if (!t->table)
		return -ENOMEM;
	if ((r = draw(t->first, page_size)) < 0 || (r = draw(t->second, sizeof(t->second))) < 0)
		return r;
	*ret = TAKE_PTR(t);
	return 0;
}

struct twins *twins_free(struct twins *t)
{
	if (t)
		free(t->table);
	free(t);
	return NULL;
}

void twins_freep(struct twins **t)
{
	*t = twins_free(*t);
}

static uint64_t modulo_prime(uint128_t v)
{
	uint64_t folded =
		(uint64_t)(v & PRIME) + (uint64_t)(v >> 61 & PRIME) + (uint64_t)(v >> 122);

	folded = (folded & PRIME) + (folded >> 61);
	return folded >= PRIME ? folded - PRIME : folded;
}

static uint64_t rotate(uint64_t v, unsigned bits)
{
	return v << bits | v >> (64 - bits);
}

/* Words are added to words of the key and multiplied by their neighbours. What is done for the
 * place is quick and good enough for that. Two sums of each, so that one step need not wait for the
 * other. */
static uint128_t hash_words(const uint64_t *key, const uint8_t *p, size_t n, uint64_t *ret_place)
{
	uint128_t even = 0, odd = 0;
	uint64_t x = 0, y = 0;

	for (size_t i = 0; i + 4 <= n; i += 4, p += 32) {
		uint64_t a = unaligned_get64(p), b = unaligned_get64(p + 8),
			 c = unaligned_get64(p + 16), d = unaligned_get64(p + 24);

		even += (uint128_t)(a + key[i]) * (b + key[i + 1]);
		odd += (uint128_t)(c + key[i + 2]) * (d + key[i + 3]);
		x = rotate(x, 7) ^ a ^ rotate(c, 31);
		y = rotate(y, 7) + b + rotate(d, 31);
	}
	*ret_place = (x + rotate(y, 17)) * SPREAD >> 48;
	return even + odd;
}

struct twin *twins_look(struct twins *t, const void *page, uint64_t *ret_hash)
{
	uint64_t place;
	uint128_t sum = hash_words(t->first, page, t->n_words, &place), second = 0;

	for (unsigned i = 0; i < N_HALVES; i++)
		second += (uint128_t)(uint32_t)(sum >> 32 * i) * (t->second[i] & PRIME);
	*ret_hash = modulo_prime(second) + 1;
	return &t->table[place & t->mask];
}
