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
