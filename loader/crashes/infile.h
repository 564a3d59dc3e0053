/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * infile.h - the dump that a verb reads: of a crash, of a file, or of a pipe.
 */
#pragma once

#include <sys/stat.h>

#include "loader/show/cli.h"
#include "vmcore/format/dump.h"

struct infile {
	struct dump *dump;
	struct stat *files; /* what it is made of */
	size_t n;
};

/* Each of @args is as for subject_open(), a pipe by its path, or "-", which is standard input;
 * several are the parts of a split dump. What comes through a pipe is kept in a file without a name
 * in $TMPDIR, or /var/tmp, for dumps are not read from front to back. */
int infile_open(const struct cli *cli, size_t n, char *const args[], struct infile *ret);
void infile_done(struct infile *in);

/* Whether it is read from this very file. */
bool infile_has(const struct infile *in, const struct stat *st);
