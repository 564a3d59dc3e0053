/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gentler.h - gentler command lines for a capture kernel that did not come up.
 *
 *	/var/lib/kdump-lite/gentler	"KERNEL ROW STATE", one line
 *
 * When a boot that was armed ends without a shutdown, a dump and a trace of the capture kernel, the
 * next load takes the next row of the table; behind the last one the usual line comes again, and
 * stays. The line with which a crash reached the capture program is proved and stays too, so that a
 * power cut changes nothing on a machine that has had its test crash. Another kernel begins anew
 * with the usual line, and so does who removes the file.
 */
#pragma once

#include "base/base.h"

#define GENTLER_PATH "/var/lib/kdump-lite/gentler"

/* Each row has what those before it have. */
struct gentler_row {
	const char *remove[4]; /* as in CommandLineRemove=; CommandLineAppend= wins */
	bool one_cpu;
	const char *what; /* "without console=" */
};

#define GENTLER_ROWS 3
extern const struct gentler_row gentler_rows[GENTLER_ROWS];

struct gentler {
	char kernel[65]; /* uname -r of the running one */
	unsigned row;    /* how many rows of the table count; 0: the usual command line */
	bool stays;      /* it is proved, ... */
	bool tried;      /* ... or all were tried, and no other is left */
};

/* What counts for @kernel: row 0 when nothing else is known. */
void gentler_read(int root_fd, const char *kernel, struct gentler *ret);

/* After an end without a trace: takes the next row, if there is one. 1: it is another one now. */
int gentler_next(int root_fd, int state_fd, const char *kernel);

/* After a crash that was saved, or whose capture at least began. */
int gentler_prove(int root_fd, int state_fd, const char *kernel);

/* The capture had begun with the row before, as is known now: that one counts, and is proved. */
int gentler_back(int root_fd, int state_fd, const char *kernel);

/* "without console=, irqpoll", allocated; "" for the usual line. */
int gentler_describe(const struct gentler *g, char **ret);
