/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subject.h - what the user named: a saved crash, a dump in a file, the parts of a split dump, or a
 * pipe.
 *
 * The arguments are resolved once, the same way for all verbs, and messages about them name what
 * was typed.
 */
#pragma once

#include <sys/stat.h>

#include "loader/crashes/crashes.h"
#include "loader/crashes/outfile.h"
#include "vmcore/format/dump.h"
#include "vmcore/text/output.h"

/* How many parts a split dump may have. */
#define SUBJECT_PARTS_MAX 256

enum subject_kind { SUBJECT_FILE, SUBJECT_PIPE, SUBJECT_STDIN };

/* A file that the dump is in, or a part of it. */
struct subject_file {
	enum subject_kind kind;
	char *path; /* real, or "standard input", or that of a pipe */
	char *name; /* for messages: as it was typed, or the path of the dump of a crash */
	int fd;     /* of what is no SUBJECT_FILE: from subject_dump() on, a regular file */
	struct stat st;
};

struct subject {
	const char *typed;          /* the first argument, borrowed; NULL: there was none */
	struct crash crash;         /* of a dump alone: no more than empty strings */
	char *path;                 /* of the crash directory, or of the first file */
	int dir_fd;                 /* of the crash directory; -1: a dump alone */
	struct subject_file *files; /* what the dump is in */
	size_t n_files;             /* 0: a crash without a dump */
	struct dump *dump;          /* NULL until subject_dump() */
};

#define SUBJECT_NULL ((struct subject){ .dir_fd = -1 })

/* Finds out what the @n words @args stand for, and reads nothing of a dump yet. A word is
 *
 *	"-"		standard input
 *	"last"		the newest crash, as when there is no word at all
 *	a path		of a crash directory, a dump, or a pipe: with a slash in it, or of a file in
 *			the working directory when no crash has that name
 *	anything else	the name of a crash, the id at its end, or the beginning of either
 *
 * Several words are the parts of a split dump. -ENOENT: there is no such thing. -ENOTUNIQ: several
 * crashes have that beginning. @args have to live as long as the subject. */
int subject_open(const struct cli *cli, int n, char *const args[], struct subject *ret);
void subject_done(struct subject *s);

/* Opens the dump, once; the subject owns it. What comes through a pipe is kept in a file without a
 * name in $TMPDIR, or /var/tmp, since dumps are read here and there. -ENOENT: there is none. */
int subject_dump(struct subject *s, struct dump **ret);

/* The path of the dump for people; "" when there is none. */
const char *subject_dump_path(const struct subject *s);

/* Fails with -EINVAL when @out would overwrite what is read. */
int subject_check_output(const struct subject *s, const struct outfile *out);

/* Facts about the dump that are not in it. Strings are borrowed from @s. */
void subject_origin(const struct subject *s, struct origin *ret);
