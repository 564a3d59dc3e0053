/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * twins.h - recognises pages that hold the same as earlier ones, by their hashes.
 *
 * The hash is NH of UMAC (Black, Halevi, Krawczyk, Krovetz, Rogaway: UMAC, 1999) with 64-bit words,
 * reduced to 61 bits modulo a prime. Its key is drawn anew for each table, when the pages are what
 * they are: whatever they hold, two that differ have the same hash with a probability of about
 * 2^-60, less than that of a bit which flips in memory meanwhile.
 *
 * The table has one place for a page, which the newest takes. That place is reckoned without the
 * key: which twins are found does not change from time to time, nor do the files that one thread
 * makes. Threads share a table and wait for nobody.
 */
#pragma once

#include "base/base.h"

/* What is known of the contents of a page without their being kept. */
struct twin_key {
	uint64_t hash;  /* never 0 */
	uint32_t place; /* the upper bits first */
};

struct twins;

/* For pages of @page_size bytes, a multiple of 32, @n_pages at most: takes up to eight bytes for
 * each of these, @room at most, and a page for itself. -ENOMEM; -EAGAIN: no random numbers to be
 * had. */
int twins_new(uint64_t n_pages, size_t page_size, size_t room, struct twins **ret);
struct twins *twins_free(struct twins *t);
void twins_freep(struct twins **t);

struct twin_key twins_key(const struct twins *t, const void *page);

/* Where a page that holds the same is in the file, and the bytes that it takes there. */
bool twins_find(const struct twins *t, const struct twin_key *key, uint64_t *ret_offset,
                uint32_t *ret_size);

/* Remembers that, for sizes below 128 KiB, and not behind 64 TiB. */
void twins_add(struct twins *t, const struct twin_key *key, uint64_t offset, uint32_t size);
