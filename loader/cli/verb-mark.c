// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-mark.c - mark and unmark: kdump-lite-mark.service tells the next boot how this one ended. */
#include "loader/cli/verb.h"
#include "loader/crashes/mark.h"

static int run_mark(const struct cli *cli, int argc, char *argv[])
{
	return mark_running(cli->root_fd);
}

static int run_unmark(const struct cli *cli, int argc, char *argv[])
{
	int r = mark_end(cli->root_fd);

	return MIN(r, 0);
}

const struct verb verb_mark = {
	.name = "mark",
	.run = run_mark,
};

const struct verb verb_unmark = {
	.name = "unmark",
	.run = run_unmark,
};
