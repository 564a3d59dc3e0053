/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next-cli.h - what the ways to ask for a kexec have in common: the verbs, the units, and kexec(8).
 */
#pragma once

#include "loader/kexec/next-choice.h"
#include "loader/kexec/next-load.h"
#include "loader/cli/verb.h"

/* Finds what is meant, by the settings of this system. */
int next_cli_resolve(const struct cli *cli, const struct next_choice *choice, struct next *ret,
                     char **ret_cmdline);

/* The same, and loads it. @dry_run: only as far as it goes without loading. */
int next_cli_load(const struct cli *cli, const struct next_choice *choice, bool dry_run,
                  struct next_loaded *ret);

/* A path as somebody typed it: what is relative is below the current directory. Allocated. */
int next_cli_path(const char *path, char **ret);

/* The same for a kernel, which may be a release too; then it is copied as it is. */
int next_cli_kernel(const char *name, char **ret);

/* Starts what is loaded, at once. Does not return when all goes well. */
int next_cli_start(void);
