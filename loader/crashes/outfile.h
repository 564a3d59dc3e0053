/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outfile.h - the file that a verb makes, or the stream it writes.
 *
 * A file is written under the name FILE.incomplete and gets its own when it is finished and on the
 * disk. Until then SIGINT, SIGTERM and SIGHUP do not end the program: they set a flag, so that it
 * can clean up.
 */
#pragma once

#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>

#include "vmcore/io/sink.h"

struct outfile {
	char *path;    /* as for people */
	char *partial; /* the name while it is written; NULL: there is no other */
	bool flatten;
	bool force; /* a file of that name is replaced */
	bool made;  /* the partial file is ours */
	int fd;
	struct sink *sink;      /* from outfile_begin() on */
	struct stat st;         /* of what is there; st_mode 0: nothing */
	struct stat partial_st; /* of the file with the other name */
};

#define OUTFILE_NULL ((struct outfile){ .fd = -1 })

/* Looks at what @arg names, "-" being standard output, and makes nothing yet. A pipe or a device
 * gets a flattened stream. -EEXIST when there is a file and not @force. */
int outfile_open(const char *arg, bool flatten, bool force, struct outfile *ret);

/* Makes the file, or begins the stream, and from now on catches signals. */
int outfile_begin(struct outfile *o);

/* Gives the finished file its name, durably. */
int outfile_commit(struct outfile *o);

/* Instead of these two: makes the file, or writes to what is no file, what @fill writes to its
 * stream. An error of the disk counts before that of @fill. */
typedef int (*outfile_fill_fn)(void *arg, FILE *f);
int outfile_put(struct outfile *o, outfile_fill_fn fill, void *arg);

/* Leaves the partial file where it is. */
void outfile_keep(struct outfile *o);

/* Removes a file that has not got its name, and does as usual with signals again. */
void outfile_done(struct outfile *o);

/* Set when a signal came. */
extern atomic_bool outfile_interrupted;

/* When @error is -ENOSPC or -EDQUOT: ", 1.2M are free there"; else "". Returns @buf. */
#define OUTFILE_ROOM_MAX 64
const char *outfile_room(int fd, int error, char buf[static OUTFILE_ROOM_MAX]);
