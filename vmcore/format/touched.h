/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * touched.h - the page frames that were read of a dump, also by a child process.
 *
 * A dump that has these answers again what was asked. The list lies in memory that children share:
 * what a child has read counts even if it is killed.
 */
#pragma once

#include "base/bitmap.h"

/* No more page frames than this are noted: of a machine with very many tasks the first ones. */
#define TOUCHED_MAX 65536

struct touched_list;

/* Belongs to one thread; a forked child has a copy with the same list. */
struct touched {
	struct bitmap seen; /* in the list, as far as this process knows */
	struct touched_list *list;
	uint64_t last; /* the page frame noted last */
};

/* Begins with none. @like is a bitmap of page frames without a set bit, which is taken over, also
 * on failure: what it has no room for is not noted. -errno with a text. */
int touched_new(struct bitmap *like, struct touched **ret);
struct touched *touched_free(struct touched *t);
BASE_FREEP(touched)

/* Notes the page frames from @first to @last, that one too. */
void touched_add(struct touched *t, uint64_t first, uint64_t last);

/* Sets in @pages what was noted in any process. Returns true if that is all that was read. */
bool touched_mark(const struct touched *t, struct bitmap *pages);
