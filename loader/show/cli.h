/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli.h - what the command line said, and how the command talks to people and to the journal.
 */
#pragma once

#include "config/settings.h"

/* What the command line said, the same for all verbs. */
struct cli {
	bool json;
	bool no_pager;
	bool yes;
	bool quiet;
	bool dry_run;
	bool now;
	const char *extra; /* show-config: "default" or "man" */
	int root_fd;       /* the directory taken for "/": that of --root= ... */
	const char *root;  /* ... and its path, without a slash at the end; "" for the usual one */

	/* convert, estimate: as they were given; NULL: they were not. */
	const char *level, *compression, *format, *threads;
	bool flatten, force;

	/* read */
	bool by_virtual, raw;

	/* report */
	bool all_tasks, whole_log, count_pages, html;
	const char *output; /* NULL: standard output */

	bool group; /* list */

	/* debug */
	const char *debugger, *vmlinux;
	char **rest; /* what stands behind "--", NULL-terminated */
	int n_rest;

	/* Which kernel; see loader/kexec/next-choice.h. */
	bool by_entry;
	const char *entry;
	char **initrds; /* as given; NULL: none was */
	bool reuse_cmdline;
	const char *cmdline, *append;
};

/* The settings of this system; prints remarks about the files to stderr. */
int cli_settings(const struct cli *cli, struct settings *ret);

/* The same to look for crashes with: what cannot be used is one more remark. */
int cli_usable_settings(const struct cli *cli, struct settings *ret);

/* One line to stderr, with @level (LOG_ERR... of syslog.h) in front in the form that the journal
 * understands when stderr is the journal. */
void cli_log(int level, const char *fmt, ...) _printf_(2, 3);

/* "Mon 2026-11-23 14:05:01 UTC" in local time, as coredumpctl; "-" when @t is 0. Returns @buf. */
#define CLI_TIME_MAX 64
char *cli_time(time_t t, char buf[static CLI_TIME_MAX]);

/* Asks on the terminal whether to go on; @what is what is going to happen, one line or more. 0:
 * yes, -EPERM there is nobody to ask, -ECANCELED anything but yes. With --yes it does not ask. */
int cli_ask(const struct cli *cli, const char *what);
