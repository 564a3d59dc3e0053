/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ini.h - the syntax of configuration files, as systemd.syntax(7) has it.
 *
 * A line is "[Section]", "Key=value", empty, or a comment that starts with # or ;. A backslash at
 * its end joins the next line, with a space between. Comments between joined lines are ignored.
 */
#pragma once

#include "base/base.h"

struct ini_item {
	const char *path;    /* as given to ini_parse() */
	unsigned line;       /* where it starts, from 1 */
	const char *section; /* NULL before the first header */
	const char *key;     /* NULL: this is the header of @section */
	const char *value;
};

/* A negative return ends the parsing and is passed on. */
typedef int (*ini_fn)(void *arg, const struct ini_item *item);

/* Calls @fn for each header and assignment. -EINVAL with "PATH:LINE: ..." for any other line. */
int ini_parse(const char *path, const char *text, size_t len, ini_fn fn, void *arg);
