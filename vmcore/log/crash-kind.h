/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash-kind.h - what kind of crash it was, by what the kernel said.
 */
#pragma once

#include "vmcore/log/calls.h"

/* Whose calls tell crashes of the kind apart. */
enum crash_whose {
	CRASH_OF_PANIC_CPU,
	CRASH_OF_CPU,    /* of the CPU @number, which another one found stuck */
	CRASH_OF_TASK,   /* of the task @number, which was found waiting */
	CRASH_OF_NOBODY, /* it hit whoever came along */
};

#define CRASH_KIND_MAX 160

struct crash_kind {
	char name[CRASH_KIND_MAX]; /* "null pointer", "panic: ..."; nothing that changes from one
	                              machine or boot to the next */
	const char *line;          /* where the log says so */
	enum crash_whose whose;
	int number;     /* -1: the log does not tell */
	unsigned skip;  /* of enum calls_skip */
	bool log_first; /* the dump does not tell whose calls these are, the log has them */
};

/* @log: NUL-terminated, which the result points into. -ENODATA with a text when it tells of no
 * crash. */
int crash_kind_find(const char *log, struct crash_kind *ret);

/* Copies the line at @text, as far as there is room for it, with N in the place of numbers and
 * addresses, and X in that of processes and devices. */
void crash_kind_normalise(const char *text, char *buf, size_t size);
