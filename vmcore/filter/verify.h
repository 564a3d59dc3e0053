/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify.h - sees whether a dump holds what its readers cannot do without.
 *
 * Reads and unpacks every page that survey.h leads to. It does not look at pages of processes or
 * caches: whether these are in the dump is a matter of the dump level.
 */
#pragma once

#include "vmcore/filter/survey.h"

struct verify_part {
	uint64_t checked; /* pages, each counted once */
	uint64_t missing; /* of those: excluded, lost, or they do not unpack */
	bool unknown;     /* nothing tells where this is */
};

struct verify_result {
	struct verify_part parts[SURVEY_PARTS];
	uint64_t checked, missing; /* of all parts */
	uint64_t outside;          /* pages told of that never were RAM */
	uint64_t broken;           /* tables and lists that lead nowhere or in a circle */
	bool late;                 /* the deadline came before the end */
	int log_records;           /* of the kernel log */
	uint64_t tasks;            /* whose structures and stacks were looked for */
	unsigned cpus;             /* whose registers are in the notes */
	uint64_t lacking;          /* bytes that the dump does not know of, see lacking.h */
	char first[256];           /* the first page that is missing, in words; else empty */
};

/* True when something is known to lack: pages, or a kernel log of which a record can be read. */
bool verify_finds_fault(const struct verify_result *v);

/* @deadline by clock_seconds(), 0 for none. @tasks may be NULL, when nothing but VMCOREINFO is to
 * be asked, which seldom tells where tasks are. Fails when the kernel cannot be found in the dump
 * at all, for the reason that kspace_open() gives; then nothing was checked. */
int verify_tasks(const struct dump *d, double deadline, const struct survey_tasks *tasks,
                 struct verify_result *ret);

/* The same without @tasks. */
int verify_dump(const struct dump *d, double deadline, struct verify_result *ret);

/* "ok", "ok as far as ..." when time was short or memory is outside of the dump, or what is
 * missing, in one line. Returns @buf. */
#define VERIFY_WORDS_MAX 400
char *verify_words(const struct verify_result *v, char buf[static VERIFY_WORDS_MAX]);
