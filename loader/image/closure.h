/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * closure.h - the shared libraries that a program needs, those that they need, and so on.
 *
 * Read from the ELF files the way ld.so(8) looks for them, without running anything. A static
 * program has an empty closure.
 */
#pragma once

#include "base/base.h"

struct closure {
	char **files;     /* paths to pack under these very names: the interpreter and libraries */
	bool needs_cache; /* some are found only through /etc/ld.so.cache */
};

void closure_done(struct closure *c);

/* Adds what @program needs; -ENOEXEC when it is no ELF file of one word size and machine with its
 * libraries, -ENOENT when a library is missing. */
int closure_add(int root_fd, const char *program, struct closure *c);
