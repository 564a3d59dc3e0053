/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crashes.h - the saved crashes of a system, and the one that the user means.
 */
#pragma once

#include <jansson.h>

#include "config/crashdir.h"
#include "loader/show/cli.h"
#include "vmcore/text/output.h"

struct crashes {
	char *path; /* Path= of the settings, with that of --root= in front */
	int fd;     /* of that directory; -1 when it is not there, then the list is empty */
	struct crash *list;
	size_t n;
};

#define CRASHES_NULL                                                                               \
	(struct crashes)                                                                           \
	{                                                                                          \
		.fd = -1                                                                           \
	}

int crashes_open(const struct cli *cli, struct crashes *ret);
void crashes_done(struct crashes *c);

/* What an argument [CRASH] stands for: a crash directory, or just a dump. */
struct subject {
	struct crash crash; /* of a dump alone: no more than empty strings */
	char *path;         /* of the directory, or of the dump */
	int dir_fd;         /* of the directory; -1: a dump alone */
};

#define SUBJECT_NULL                                                                               \
	(struct subject)                                                                           \
	{                                                                                          \
		.dir_fd = -1                                                                       \
	}

/* @arg: NULL or "last", the name of a directory, the beginning of one, the id at its end; or a
 * path, with at least one slash or in the working directory, of a crash directory or a dump.
 * -ENOENT when there is no such thing. */
int subject_open(const struct cli *cli, const char *arg, struct subject *ret);
void subject_done(struct subject *s);

/* The file that holds what there is of a dump, allocated; an empty string when none does. */
int subject_dump(const struct subject *s, char **ret);

/* The id in "20261123T140501Z-4f2a90c1"; the whole name when it was not made by crash_make_name().
 */
const char *crash_id(const char *name);

/* What all of them print: crash.json with "name", "path" and, where something is wrong with it,
 * "fault". New reference. */
int crashes_json(const struct crash *c, const char *path, json_t **ret);

/* The counts of pages that crash.json has, by the names that people and programs read. Returns how
 * many those are. */
size_t crashes_counts(const struct crash_pages *p, struct origin_count ret[static ORIGIN_COUNTS]);

/* Prints @o, whose reference it takes, on stdout. */
int crashes_print_json(json_t *o);
