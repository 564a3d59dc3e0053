/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * closure.h - the shared libraries that a program needs, those that they need, and so on.
 *
 * The ELF files tell what they need, and it is searched for as ld.so(8) does. Nothing is run. A
 * static program needs nothing.
 */
#pragma once

#include "base/base.h"

struct closure {
	char **files;     /* paths to pack under these very names: the interpreter and libraries */
	bool needs_cache; /* some are found only through /etc/ld.so.cache */
};

void closure_done(struct closure *c);

/* Adds what @program needs. -ENOEXEC: no ELF file. -ENOENT: a library of its kind is missing. */
int closure_add(int root_fd, const char *program, struct closure *c);

/* The same of a program or a script. A script needs its interpreter with all that this needs, and
 * where that is env(1), the program that env starts. What else it runs is not known. -ENOEXEC: it
 * is neither. */
int closure_add_executable(int root_fd, const char *path, struct closure *c);

/* Adds the program or script itself too, a path or a name that is looked up in CLOSURE_PATH. */
#define CLOSURE_PATH "/usr/sbin:/usr/bin:/sbin:/bin"
int closure_add_command(int root_fd, const char *name, struct closure *c);
