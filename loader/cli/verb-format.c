// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-format.c - kdump-lite format: makes a partition one for crashes. */
#include <stdio.h>

#include "loader/cli/verb.h"
#include "loader/image/partition.h"

static int run_format(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_free_ char *node = NULL;
	int r = partition_format(cli->root_fd, argv[0], &node);

	if (r >= 0 && !cli->quiet)
		printf("%s: %s; Target= in kdump-lite.conf has to name it\n", node,
		       r > 0 ? "made for crashes" : "is made for crashes already");
	return MIN(r, 0);
}

const struct verb verb_format = {
	.name = "format",
	.args = "PARTITION",
	.help = "make an empty partition one for crashes",
	.min_args = 1,
	.max_args = 1,
	.run = run_format,
	.takes = TAKES_QUIET,
};
