// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-show-config.c - the settings in effect, the shipped file, the manual page section. */
#include <stdio.h>

#include "loader/cli/verb.h"

struct show_options {
	bool initial, man;
};

static const struct option_row options[] = {
	{ "default", FIELD(struct show_options, initial),
	  .help = "print the file with all defaults" },
	{ "man", FIELD(struct show_options, man), .help = "print a section of the manual page" },
	{},
};

static int run_show_config(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(settings_done) struct settings s = {};
	const struct show_options *o = cli->options;
	int r;

	if (o->man)
		return settings_print_man(stdout);
	if (o->initial)
		return settings_print_default(stdout);
	r = cli_settings(cli, &s);
	return r < 0 ? r : settings_print(&s, stdout);
}

const struct verb verb_show_config = {
	.name = "show-config",
	.help = "print the settings in effect",
	.run = run_show_config,
	.takes = TAKES_ROOT,
	.options = options,
};
