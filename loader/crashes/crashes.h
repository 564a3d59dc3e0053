/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crashes.h - the saved crashes of a system.
 */
#pragma once

#include "config/crashdir.h"
#include "loader/show/cli.h"
#include "loader/system/hidden.h"
#include "vmcore/text/output.h"

struct crashes {
	char *path;         /* Path= of the settings, with that of --root= in front */
	int fd;             /* of that directory; -1 when it is not there, then the list is empty */
	struct crash *list; /* those that a mount hides first */
	size_t n;
	struct hidden hidden; /* directories that a mount hides at the same path, ... */
	size_t *ends;         /* ... and for each where its part of the list ends */
};

#define CRASHES_NULL ((struct crashes){ .fd = -1 })

/* Lists the crashes below Path= of the settings, with what each crash.json tells. Of the running
 * system also those that were saved there before a file system was mounted on it. */
int crashes_open(const struct cli *cli, struct crashes *ret);
void crashes_done(struct crashes *c);

/* Opens the directory of a crash of the list. */
int crashes_open_directory(const struct crashes *c, const struct crash *item);

/* Counts the crashes below the directory @path of a system by their states, and its boots without a
 * dump: {"complete": 2, ...}. A directory that is not there has none. */
int crashes_count(int root_fd, const char *path, json_t **ret);

/* The only crash of the list whose name or id starts with @typed, unless one is called just so; it
 * stays the list's. -ENOENT when there is none, -ENOTUNIQ when there are several. */
int crashes_find(const struct crashes *c, const char *typed, struct crash **ret);

/* The newest crash of the list, which is not empty: of those that are root's own and did not happen
 * in the future, if there are such. */
struct crash *crashes_last(const struct crashes *c);

/* Why the crash is to be taken with care, a short text; NULL: all is well. */
const char *crashes_doubt(const struct crash *c);

/* The id in "20261123T140501Z-4f2a90c1"; the whole name if it is not of crash_make_name(). */
const char *crash_id(const char *name);

/* What "list" and "info" print of a crash: crash.json with "name", "path" and, where something is
 * wrong with it, "fault". The caller owns the reference @ret. */
int crashes_json(const struct crash *c, const char *path, json_t **ret);

/* Gives the counts of pages in crash.json their public names. Returns the number of counts. */
size_t crashes_counts(const struct crash_pages *p, struct origin_count ret[static ORIGIN_COUNTS]);
