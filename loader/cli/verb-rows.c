// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verb-rows.c - kdump-lite rows: the verbs and their options, for "make lint", which looks for them
 * in the manual pages.
 *
 * One line each, with tabs between: the manual page, the verb, and for an option "--" and its name.
 */
#include <stdio.h>

#include "loader/cli/verbs.h"

#define MAIN_PAGE "kdump-lite(8)"

static void print_rows(const char *page, const struct verb *v, const struct option_row *rows)
{
	for (; rows && rows->name; rows++)
		if ((v->takes & rows->takes) == rows->takes)
			printf("%s\t%s\t--%s\n", page, v->name, rows->name);
}

static int run_rows(const struct cli *cli, int argc, char *argv[])
{
	for (size_t i = 0; verbs[i]; i++) {
		const struct verb *v = verbs[i];
		const char *page = v->page ?: MAIN_PAGE;

		if (!v->help)
			continue;
		printf("%s\t%s\n", page, v->name);
		print_rows(page, v, v->options);
		print_rows(MAIN_PAGE, v, common_options);
	}
	return EXIT_SUCCESS;
}

const struct verb verb_rows = {
	.name = "rows",
	.args = "",
	.run = run_rows,
};
