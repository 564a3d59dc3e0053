/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dumpbox.h - a crashed machine, its memory as ELF core in a file, and kdump-lite to work on it.
 */
#pragma once

#include "tests/unit/run-cli.h"
#include "tests/unit/synth.h"

#define DUMPBOX_PAGE UINT64_C(4096)

/* From SYNTH_TEST_PFN on, each of so many pages. */
enum {
	DUMPBOX_USER = 64,
	DUMPBOX_CACHE = 32,
	DUMPBOX_PRIVATE = 16,
	DUMPBOX_FREE = 256, /* at SYNTH_HIGH_PFN, as one block */
};

struct dumpbox {
	struct box box;
	struct synth m;
	struct dump *dump; /* of m */
	char path[100];    /* of the directory, in which the file "core" lies */
};

/* For cmocka; *state is a struct dumpbox. Half the pages for tests have noise, the others text or
 * zeroes. */
int dumpbox_setup(void **state);
int dumpbox_teardown(void **state);

/* Runs kdump-lite in a shell: @command is a printf() format in which each @ stands for the
 * directory and each $K for the program with --root=. Returns the exit code; the output is in
 * b->box as after box_run(). */
int dumpbox_run(struct dumpbox *b, const char *command, ...) _printf_(2, 3);

/* The file @name is opened. */
struct dump *dumpbox_open(const struct dumpbox *b, const char *name);

/* Pages of the file @name that are there; each must be as in memory. */
unsigned dumpbox_check(struct dumpbox *b, const char *name);

/* True if the file has memory at @pfn. */
bool dumpbox_has(const struct dumpbox *b, const char *name, uint64_t pfn);
