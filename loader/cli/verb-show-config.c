// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-show-config.c - kdump-lite show-config: the settings in effect, the shipped file, the manual
 * page section. */
#include <stdio.h>

#include "loader/cli/verb.h"

static int run_show_config(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(settings_done) struct settings s = {};
	int r;

	if (cli->extra)
		return streq(cli->extra, "man") ? settings_print_man(stdout)
		                                : settings_print_default(stdout);
	r = cli_settings(cli, &s);
	return r < 0 ? r : settings_print(&s, stdout);
}

const struct verb verb_show_config = {
	.name = "show-config",
	.args = "",
	.help = "print the settings in effect",
	.run = run_show_config,
	.takes = TAKES_ROOT | TAKES_PRINT,
};
