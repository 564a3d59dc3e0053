/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next-choice.h - finds the kernel that a user asks for, with its files and command line.
 */
#pragma once

#include "config/settings.h"
#include "loader/kexec/next.h"

/* Without a kernel and an entry it is the default entry of the boot loader; without any entries,
 * the files that the running kernel came from, or what an upgrade left in their place. */
struct next_choice {
	const char *kernel;   /* a path, or else a name, see next_installed(); NULL: not given */
	bool newest;          /* the newest installed kernel, instead of @kernel */
	bool by_entry;        /* it must be an entry of the boot loader */
	const char *entry;    /* id of the entry; NULL: the default one */
	char *const *initrds; /* see next_file() */
	bool reuse;           /* use the running command line, even if the kernel has its own */
	const char *cmdline;  /* replaces any other command line; or NULL */
	const char *append;   /* more words; or NULL */
};

/* Fills both results. @uts is that of the running system. -EOPNOTSUPP: see kexec_possible(). */
int next_choice_resolve(int root_fd, const struct settings *settings, const struct next_choice *c,
                        const struct utsname *uts, struct next *ret, char **ret_cmdline);
