// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-fetch-swap.c - kdump-lite-swap.service fetches a crash before swap is used again. */
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/image/swap.h"
#include "base/text.h"

/* The disk may not be there yet, so early in the boot. */
#define WAIT_SECONDS 5.0

static int run_fetch_swap(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(settings_done) struct settings settings = {};
	_cleanup_(strv_freep) char **names = NULL, **remarks = NULL;
	int r = settings_load_usable(cli->root_fd, NULL, NULL, &settings);

	if (r < 0)
		return r;
	r = swap_fetch(cli->root_fd, settings.path, WAIT_SECONDS, &remarks, &names);
	for (char **n = names; n && *n; n++)
		printf("%s/%s: fetched from a swap partition\n", settings.path, *n);
	for (char **l = remarks; l && *l; l++)
		cli_log(LOG_WARNING, "%s", *l);
	return r;
}

const struct verb verb_fetch_swap = {
	.name = "fetch-swap",
	.run = run_fetch_swap,
};
