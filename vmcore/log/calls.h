/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calls.h - the names of the functions that led to a crash, and which of them tell crashes apart.
 *
 * A name is "function" or "function [module]", without offset and without a compiler's suffix.
 */
#pragma once

#include "base/base.h"

#define CALLS_NAME_MAX 128

/* A panic out of an NMI out of an exception takes some forty calls by itself. */
#define CALLS_MAX 96

/* The innermost call comes first. */
struct calls {
	char names[CALLS_MAX][CALLS_NAME_MAX];
	size_t n;
};

/* Calls that say nothing about the crash, beside the ways to panic. */
enum calls_skip {
	CALLS_SKIP_WAITS = 1 << 0,     /* functions by which a task went to sleep */
	CALLS_SKIP_LOCKS = 1 << 1,     /* functions that spin for a lock */
	CALLS_SKIP_INTERRUPT = 1 << 2, /* calls above the first interrupt, the watchdog's */
	CALLS_SKIP_NMI = 1 << 3,       /* calls above the first NMI */
};

/* Adds a call in the form "name+0x12/0x340 [module]" of the log and symbols_text(). Other texts are
 * ignored, and so are calls beyond CALLS_MAX. */
void calls_add(struct calls *c, const char *text, size_t len);

/* Reads the trace behind @from in a log: the place in the registers, if these come first, and the
 * calls without "?". *@ret_registers: there were registers, so the trace begins where the kernel
 * was interrupted, and not in the code that writes traces. */
void calls_read_log(const char *from, struct calls *ret, bool *ret_registers);

/* Picks at most @max calls that tell crashes apart: without the kernel's ways to panic at the top,
 * and up to the entry of the kernel. @skip is a set of enum calls_skip. */
void calls_pick(const struct calls *c, unsigned skip, size_t max, struct calls *ret);
