/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.h - how far a long work has come: a bar on a terminal, else a line now and then, both on
 * stderr.
 */
#pragma once

#include "loader/show/cli.h"

struct progress {
	const char *what; /* of the lines: the verb */
	bool quiet;       /* says nothing */
	bool terminal;
	unsigned page_shift;
	double started, last; /* by clock_seconds() */
	bool shown;           /* there is a bar */
};

void progress_begin(const struct cli *cli, const char *what, unsigned page_shift,
                    struct progress *ret);

/* @done of @total pages are done; @arg is a struct progress. */
void progress_pages(void *arg, uint64_t done, uint64_t total);

/* Takes the bar away. */
void progress_end(struct progress *p);
