// SPDX-License-Identifier: GPL-2.0-or-later
/* twins.c - recognises pages that hold the same as earlier ones, see twins.h. */
#include "vmcore/format/twins.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/random.h>

#include "base/large.h"
#include "base/unaligned.h"

/* The table has at most one entry per TWIN_PAGES pages. */
#define TWIN_PAGES UINT64_C(2)

#define OFFSET_BITS 46
#define SIZE_BITS   17

/* 2^61 - 1, a prime whose remainders need no division. */
#define PRIME 0x1fffffffffffffff

/* The second hash takes the first one's 128 bits as words of 32. */
#define N_HALVES 4

/* 2^64 divided by the golden ratio: the upper bits of a product have all bits of the factor. */
#define SPREAD 0x9e3779b97f4a7c15

typedef unsigned __int128 uint128_t;

/* A thread may read an entry while another one has written half of it. Only if the two halves
 * belong together does their exclusive or give the hash. */
struct entry {
	_Atomic uint64_t mixed; /* the hash, exclusive or with ... */
	_Atomic uint64_t where; /* ... offset and size; 0: there is none */
};

struct twins {
	struct entry *table;
	unsigned bits;  /* the table has 1 << bits entries */
	size_t n_words; /* 64-bit words of a page */
	uint64_t second[N_HALVES];
	uint64_t first[];
};

/* Gets random bytes. -EAGAIN when the kernel has none yet, early in the boot: it never waits. */
static int draw_random(void *buf, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = getrandom((char *)buf + done, len - done, GRND_NONBLOCK);

		if (n < 0)
			return -EAGAIN;
		done += n;
	}
	return 0;
}

int twins_new(uint64_t n_pages, size_t page_size, size_t room, struct twins **ret)
{
	_cleanup_(twins_freep) struct twins *t = NULL;
	unsigned bits = 1;
	int r;

	while ((sizeof(struct entry) << (bits + 1)) <= room && (TWIN_PAGES << bits) < n_pages)
		bits++;
	t = malloc(sizeof(*t) + page_size);
	if (!t)
		return -ENOMEM;
	t->table = large_alloc(sizeof(*t->table) << bits);
	t->bits = bits;
	t->n_words = page_size / sizeof(uint64_t);
	if (!t->table)
		return -ENOMEM;
	memset(t->table, 0, sizeof(*t->table) << bits);
	if ((r = draw_random(t->first, page_size)) < 0 ||
	    (r = draw_random(t->second, sizeof(t->second))) < 0)
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

/* NH: adds each word to a word of the key, multiplies neighbours and sums the products up. The hash
 * for the place is weaker and quick. Two sums of each kind let the CPU work on both at a time. */
static uint128_t hash_words(const uint64_t *key, const uint8_t *p, size_t n, uint32_t *ret_place)
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
	*ret_place = (x + rotate(y, 17)) * SPREAD >> 32;
	return even + odd;
}

struct twin_key twins_key(const struct twins *t, const void *page)
{
	struct twin_key key;
	uint128_t sum = hash_words(t->first, page, t->n_words, &key.place), second = 0;

	for (unsigned i = 0; i < N_HALVES; i++)
		second += (uint128_t)(uint32_t)(sum >> 32 * i) * (t->second[i] & PRIME);
	key.hash = modulo_prime(second) + 1;
	return key;
}

static struct entry *entry_of(const struct twins *t, const struct twin_key *key)
{
	return &t->table[key->place >> (32 - t->bits)];
}

bool twins_find(const struct twins *t, const struct twin_key *key, uint64_t *ret_offset,
                uint32_t *ret_size)
{
	const struct entry *e = entry_of(t, key);
	uint64_t where = atomic_load_explicit(&e->where, memory_order_relaxed);
	uint64_t mixed = atomic_load_explicit(&e->mixed, memory_order_relaxed);

	*ret_offset = where & ((UINT64_C(1) << OFFSET_BITS) - 1);
	*ret_size = where >> OFFSET_BITS;
	return where && (mixed ^ where) == key->hash;
}

void twins_add(struct twins *t, const struct twin_key *key, uint64_t offset, uint32_t size)
{
	struct entry *e = entry_of(t, key);
	uint64_t where = (uint64_t)size << OFFSET_BITS | offset;

	if (offset >> OFFSET_BITS || size >> SIZE_BITS)
		return;
	atomic_store_explicit(&e->where, where, memory_order_relaxed);
	atomic_store_explicit(&e->mixed, key->hash ^ where, memory_order_relaxed);
}
