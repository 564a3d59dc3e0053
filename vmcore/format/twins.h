/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * twins.h - finds pages with the same contents as earlier ones, by their hashes.
 *
 * The hash is NH of UMAC (Black, Halevi, Krawczyk, Krovetz, Rogaway: UMAC, 1999) with 64-bit words,
 * reduced to 61 bits modulo a prime. Each table has a random key, which is drawn when memory does
 * not change any more. So no contents can be made to collide: two pages that differ have the same
 * hash with a probability of about 2^-60. It is likelier that a bit of memory flips meanwhile.
 *
 * A page has one slot in the table, and takes it from the page before. The slot does not depend on
 * the random key, so a single-threaded run always writes the same file. Threads share a table
 * without locks.
 */
#pragma once

#include "base/base.h"

/* Stands for the contents of a page. */
struct twin_key {
	uint64_t hash;  /* never 0 */
	uint32_t place; /* its upper bits are the slot */
};

struct twins;

/* A table for at most @n_pages pages of @page_size bytes, a multiple of 32. It takes up to eight
 * bytes of memory per page, at most @room, and one page more. -ENOMEM; -EAGAIN: no randomness. */
int twins_new(uint64_t n_pages, size_t page_size, size_t room, struct twins **ret);
struct twins *twins_free(struct twins *t);
BASE_FREEP(twins)

struct twin_key twins_key(const struct twins *t, const void *page);

/* Finds where a page of the same contents is in the file, and its size there. */
bool twins_find(const struct twins *t, const struct twin_key *key, uint64_t *ret_offset,
                uint32_t *ret_size);

/* Remembers where a page is in the file. Ignored from 128 KiB of @size or 64 TiB of @offset on. */
void twins_add(struct twins *t, const struct twin_key *key, uint64_t offset, uint32_t size);
