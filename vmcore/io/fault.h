/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault.h - pages of a mapping that cannot be read.
 *
 * The memory of a crashed machine may have faults, and headers may tell of memory that is not
 * there. Reading such a page through a mapping raises SIGBUS or SIGSEGV.
 */
#pragma once

#include "base/base.h"

/* A mapping of the thread that watches it. */
struct fault_watch {
	const uint8_t *start;
	size_t len;
	volatile unsigned faults; /* pages of it that could not be read, since fault_watch() */
	struct fault_watch *next;
};

/* Has both signals handled, in all threads: a page of a mapping that is watched becomes one of
 * zeroes, which is counted. Faults elsewhere end the program as before. */
void fault_catch(void);

/* Watches [start, start + len), a mapping of whole pages, in this thread, until fault_unwatch() in
 * the same thread. @w belongs to the caller and must stay where it is. */
void fault_watch(struct fault_watch *w, const void *start, size_t len);
void fault_unwatch(struct fault_watch *w);
