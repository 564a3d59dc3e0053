/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calls.h - the names of the functions that led to a crash, and which of them tell crashes apart.
 *
 * A name is "function" or "function [module]", without offset and without what compilers put
 * behind a dot.
 */
#pragma once

#include "base/base.h"

#define CALLS_NAME_MAX 128

/* The innermost come first. What the kernel does to panic out of an NMI out of an exception takes
 * some forty of them. */
#define CALLS_MAX 96

struct calls {
	char names[CALLS_MAX][CALLS_NAME_MAX];
	size_t n;
};

/* Which calls of a trace are those of the kernel's own watching, beside the ways to panic. */
enum calls_skip {
	CALLS_SKIP_WAITS = 1 << 0,     /* the task slept: how it came to */
	CALLS_SKIP_LOCKS = 1 << 1,     /* it span: the functions that spin */
	CALLS_SKIP_INTERRUPT = 1 << 2, /* all above the first interrupt: that was the watchdog's */
	CALLS_SKIP_NMI = 1 << 3,       /* the same of the first NMI */
};

/* Adds "name+0x12/0x340 [module]", as the log and symbols_text() have it, when it is one; more than
 * CALLS_MAX are dropped. */
void calls_add(struct calls *c, const char *text, size_t len);

/* Of the trace in a log that follows on the text @from: the registers, where they come first, and
 * what is sure. @ret_registers tells of them: the trace then begins where the kernel was
 * interrupted, not at the one who wrote it. */
void calls_read_log(const char *from, struct calls *ret, bool *ret_registers);

/* Those that tell crashes apart, at most @max: without the kernel's own way to its end at the top,
 * up to where the kernel was entered. @skip is a set of enum calls_skip. */
void calls_pick(const struct calls *c, unsigned skip, size_t max, struct calls *ret);
