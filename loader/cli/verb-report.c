// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-report.c - kdump-lite report: what a dump tells about its crash. */
#include <errno.h>
#include <stdio.h>

#include "config/printable.h"
#include "loader/cli/crashes.h"
#include "loader/cli/infile.h"
#include "loader/cli/pager.h"
#include "loader/cli/report-json.h"
#include "vmcore/base/err.h"

/* The text as it is, allocated. */
static int make_text(const struct report *r, const struct report_options *o, char **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int e;

	if (!f)
		return -ENOMEM;
	e = report_text(r, o, f);
	if (fclose(f) != 0 && e == 0)
		e = -ENOMEM;
	/* A dump may hold anything, a terminal obeys some of it. */
	return e < 0 ? e : printable(text, len, true, ret);
}

static int print_report(const struct cli *cli, const struct report *r)
{
	const struct report_options o = { .all_tasks = cli->all_tasks,
		                          .whole_log = cli->whole_log };
	_cleanup_(pager_close) struct pager pager = { .terminal = -1 };
	_cleanup_free_ char *text = NULL;
	int e;

	if (cli->json) {
		json_t *all = report_json(r, &o);

		return all ? crashes_print_json(all)
		           : errf(-ENOMEM, "no memory for the report as JSON");
	}
	e = make_text(r, &o, &text);
	if (e < 0)
		return e;
	pager_open(cli, &pager);
	fputs(text, stdout);
	return 0;
}

static int run_report(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(report_freep) struct report *report = NULL;
	_cleanup_(infile_done) struct infile in = {};
	int r;

	r = infile_open(cli, 1, argc > 0 ? argv : (char *[]){ NULL }, &in);
	if (r == 0)
		r = report_open(in.dump, &report);
	return r < 0 ? r : print_report(cli, report);
}

const struct verb verb_report = {
	.name = "report",
	.args = "[CRASH]",
	.help = "tell what crashed, from the dump alone, by default the last",
	.max_args = 1,
	.run = run_report,
	.takes = TAKES_ROOT | TAKES_REPORT,
};
