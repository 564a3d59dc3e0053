/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pager.h - shows long output page by page, by the same variables as the tools of systemd.
 */
#pragma once

#include <sys/types.h>

#include "loader/show/cli.h"

struct pager {
	pid_t pid;    /* 0: none runs */
	int terminal; /* the stdout of before, while one runs */
};

/* Pipes stdout into a pager when it is a terminal; goes on without when none starts. */
void pager_open(const struct cli *cli, struct pager *ret);

/* Gives the pager the rest, waits for it to end and puts stdout back. */
void pager_close(struct pager *p);
