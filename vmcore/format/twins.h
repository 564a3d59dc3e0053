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
 * key: which twins are found does not change from time to time, nor do the files.
 */
#pragma once

#include "vmcore/base/base.h"

struct twin {
	uint64_t hash; /* 0: there is none */
	uint64_t waits : 1;
	uint64_t size : 17;  /* bytes that the page takes in the file */
	uint64_t where : 46; /* there; or while it waits to be written, its number */
};

/* File offsets from here on do not fit. */
#define TWIN_WHERE_MAX (UINT64_C(1) << 46)

struct twins;

/* For pages of @page_size bytes, a multiple of 32, @n_pages at most; small when these are few, and
 * never more than about a MiB. -ENOMEM; -EAGAIN: no random numbers to be had. */
int twins_new(uint64_t n_pages, size_t page_size, struct twins **ret);
struct twins *twins_free(struct twins *t);
void twins_freep(struct twins **t);

/* Gives the place of a page and its hash, which is never 0. If the twin in that place has this hash
 * it is of a page that holds the same. */
struct twin *twins_look(struct twins *t, const void *page, uint64_t *ret_hash);
