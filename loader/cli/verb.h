/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verb.h - the verbs of the kdump-lite command: one constant object each, listed in verbs.h.
 *
 * A verb is one word or two, "kexec load"; those with the same first word are a group.
 */
#pragma once

#include "loader/cli/options.h"
#include "loader/show/cli.h"

/* Exit codes, as systemctl and coredumpctl have them. */
enum {
	EXIT_NOT_ARMED = 3, /* status: no capture kernel is loaded (LSB "program is not running") */
	EXIT_NOT_LOADED = 3, /* kexec status: no kernel for a reboot is loaded */
	EXIT_USAGE = 2,
	EXIT_INCOMPLETE = 4, /* convert, read, report: something is missing, the rest is good */
};

/* Which of the common options a verb takes. All take --help and --version. */
enum {
	TAKES_JSON = 1 << 0,
	TAKES_NO_PAGER = 1 << 1,
	TAKES_ROOT = 1 << 2, /* it only looks at files */
	TAKES_QUIET = 1 << 3,
	TAKES_REST = 1 << 4, /* words behind "--", which are not among its arguments */
};

struct verb {
	const char *name;
	const char *args; /* for the usage line: "[DUMP]"; NULL when there are none */
	const char *help; /* one line; NULL: not for people, not shown by --help */
	const char *page; /* the manual page that has its options; NULL: kdump-lite(8) */
	int min_args, max_args;

	/* @argv holds what follows the verb, with TAKES_REST also what follows "--" behind its
	 * @argc words; it ends with NULL. Returns an exit code, or a negative errno whose
	 * err_text() main prints behind the name of the verb. */
	int (*run)(const struct cli *cli, int argc, char *argv[]);

	unsigned takes;                   /* of TAKES_ */
	const struct option_row *options; /* its own, which fill cli->options; NULL: none */
};

/* kdump-lite under the name of kexec(8), by which systemd calls it; kexec-command.c. */
int kexec_command(int argc, char *argv[]);

/* Warns of what is to be mounted at or above @path and is not. @so: what comes of it. */
void verb_warn_of_mounts(const struct cli *cli, const char *path, const char *so);
