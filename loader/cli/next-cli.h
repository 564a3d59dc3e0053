/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next-cli.h - what the ways to ask for a kexec have in common: the verbs, the units, and kexec(8).
 */
#pragma once

#include "loader/kexec/next-choice.h"
#include "loader/kexec/next-load.h"
#include "loader/cli/verb.h"

/* Finds the kernel that @choice means, by the settings, and prints its notes to stderr. The caller
 * owns both results. */
int next_cli_resolve(const struct cli *cli, const struct next_choice *choice, struct next *ret,
                     char **ret_cmdline);

/* Finds it likewise, and loads it unless @dry_run. The caller calls next_loaded_done() for @ret. */
int next_cli_load(const struct cli *cli, const struct next_choice *choice, bool dry_run,
                  struct next_loaded *ret);

/* Makes a path absolute that somebody typed in the current directory. The caller owns @ret. */
int next_cli_path(const char *path, char **ret);

/* Likewise for a kernel; the name of a release is copied as it is. */
int next_cli_kernel(const char *name, char **ret);

/* Starts the loaded kernel at once. Returns only on failure. */
int next_cli_start(const struct cli *cli);
