/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run-cli.h - runs the kdump-lite that was built beside the tests on a made-up system.
 */
#pragma once

#include "tests/unit/temptree.h"

struct box {
	struct temptree tree; /* the system lies below "root" in it */
	const char *name;     /* under which it is called; NULL: its own */
	char *out, *err;      /* what the last run printed */
};

void box_make(struct box *b);
void box_remove(struct box *b);

/* The directory in which kdump-lite and tests/unit/tests, which runs this, were built. */
void box_find_build(char *path, size_t size);

/* The program as words of a shell's line, and what it printed into the files out and err, for
 * those who run it themselves. */
void box_find_program(char *line, size_t size);
void box_take_output(struct box *b);

enum box_stdout {
	BOX_FILE,
	BOX_TERMINAL,
	BOX_FULL, /* a device that takes nothing */
};

/* Runs kdump-lite with the words of @args, without a terminal on stdin. @env is a NULL-terminated
 * list of NAME=value beside the usual, or NULL. Returns the exit code; fails the test when it is
 * killed or a sanitizer complains. */
int box_run(struct box *b, enum box_stdout where, const char *const *env, const char *args);
