/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli.h - what the command line said, and how the command talks to people and to the journal.
 */
#pragma once

#include <jansson.h>

#include "config/settings.h"

/* What the command line said: what is the same for all verbs, and what only one of them knows. */
struct cli {
	bool json;
	bool no_pager;
	bool quiet;
	int root_fd;      /* the directory taken for "/": that of --root= ... */
	const char *root; /* ... and its path, without a slash at the end; "" for the usual one */
	const void *options; /* the struct that the options of the verb fill; NULL: it has none */
};

/* The settings of this system; prints remarks about the files to stderr. */
int cli_settings(const struct cli *cli, struct settings *ret);

/* Likewise, for verbs that only look for crashes: a bad setting is a remark, and no error. */
int cli_usable_settings(const struct cli *cli, struct settings *ret);

/* One line to stderr, with @level (LOG_ERR... of syslog.h) in front in the form that the journal
 * understands when stderr is the journal. */
void cli_log(int level, const char *fmt, ...) _printf_(2, 3);

/* "Mon 2026-11-23 14:05:01 UTC" in local time, as coredumpctl; "-" when @t is 0. Returns @buf. */
#define CLI_TIME_MAX 64
char *cli_time(time_t t, char buf[static CLI_TIME_MAX]);

/* Prints @o on stdout, and @digits of numbers that are not whole, 0 being all. NULL is what a
 * function leaves that had no memory for the object. */
int cli_print_json(const json_t *o, unsigned digits);

/* Asks on the terminal whether to go on; @what is what is going to happen, one line or more. 0:
 * yes, -EPERM there is nobody to ask, -ECANCELED anything but yes. */
int cli_ask(const char *what);
