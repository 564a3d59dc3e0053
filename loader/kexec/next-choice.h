/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next-choice.h - from what somebody asks for to a kernel with its files and its command line.
 */
#pragma once

#include "config/settings.h"
#include "loader/kexec/next.h"

/* With neither a kernel nor an entry: the default entry of the boot loader, and where there are no
 * entries the files that the running kernel came from. */
struct next_choice {
	const char *kernel;   /* a path, or a release when it has no slash; NULL: none was named */
	bool by_entry;        /* an entry of the boot loader: */
	const char *entry;    /* its id; NULL: the default one */
	char *const *initrds; /* as next_file() takes them */
	bool reuse;          /* the running command line, also where another goes with the kernel */
	const char *cmdline; /* in place of any other; or NULL */
	const char *append;  /* more words; or NULL */
};

/* Fills both results. @uts is of the running system. */
int next_choice_resolve(int root_fd, const struct settings *settings, const struct next_choice *c,
                        const struct utsname *uts, struct next *ret, char **ret_cmdline);
