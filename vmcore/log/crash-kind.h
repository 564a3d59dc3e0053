/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash-kind.h - finds the kind of a crash in the kernel's log.
 */
#pragma once

#include "vmcore/log/calls.h"

/* Whose calls tell crashes of one kind apart. */
enum crash_whose {
	CRASH_OF_PANIC_CPU,
	CRASH_OF_CPU,    /* those of the CPU @number, which another CPU found stuck */
	CRASH_OF_TASK,   /* those of the task @number, which was found waiting */
	CRASH_OF_NOBODY, /* none: the task that was hit is not the cause */
};

#define CRASH_KIND_MAX 160

struct crash_kind {
	char name[CRASH_KIND_MAX]; /* "null pointer", "panic: ...": the same on each machine and
	                              boot */
	const char *line;          /* the line of the log that it comes from */
	enum crash_whose whose;
	int number;     /* -1: the log does not tell */
	unsigned skip;  /* of enum calls_skip */
	bool log_first; /* take the calls from the log: the dump does not tell whose they are */
};

/* @log is NUL-terminated; the result points into it. -ENODATA: it has no crash. */
int crash_kind_find(const char *log, struct crash_kind *ret);

/* Copies the line at @text, cut to @size, with N for numbers, X for processes and devices. */
void crash_kind_normalise(const char *text, char *buf, size_t size);
