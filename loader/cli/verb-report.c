// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-report.c - kdump-lite report: what a dump tells about its crash. */
#include <errno.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/crashes/infile.h"
#include "loader/crashes/origin.h"
#include "loader/crashes/outfile.h"
#include "loader/show/pager.h"
#include "loader/show/report-html.h"
#include "vmcore/text/output.h"
#include "loader/show/styled.h"
#include "base/err.h"

/* NULL: standard output. */
static const char *output(const struct cli *cli)
{
	return cli->output && !streq(cli->output, "-") ? cli->output : NULL;
}

/* As the verbs print it that have just JSON. */
static int make_json(const json_t *all, char **ret)
{
	size_t len;
	FILE *f = open_memstream(ret, &len);
	int e;

	if (!f)
		return errf(-ENOMEM, "no memory for the report as JSON");
	e = json_dumpf(all, f, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	fputc('\n', f);
	if (fclose(f) == 0 && e == 0)
		return 0;
	free(*ret);
	*ret = NULL;
	return errf(-ENOMEM, "no memory for the report as JSON");
}

/* The report as a program reads it, or a browser, which gets all there is. */
static int make_document(const struct cli *cli, struct report *r, const struct report_options *o,
                         char **ret)
{
	json_t *all = report_json(r, o);
	int e;

	if (!all)
		return errf(-ENOMEM, "no memory for the report as JSON");
	e = cli->html ? report_html(all, ret) : make_json(all, ret);
	json_decref(all);
	return e;
}

static int make_report(const struct cli *cli, struct report *r, const struct origin *origin,
                       char **ret)
{
	const struct report_options o = { .all_tasks = cli->all_tasks || cli->html,
		                          .whole_log = cli->whole_log || cli->html,
		                          .origin = origin };

	if (cli->json || cli->html)
		return make_document(cli, r, &o, ret);
	return styled_report(r, &o, !output(cli) && styled_wanted(), ret);
}

static int write_report(const struct cli *cli, struct report *r, const struct origin *origin,
                        struct outfile *out)
{
	_cleanup_(pager_close) struct pager pager = { .terminal = -1 };
	_cleanup_free_ char *text = NULL;
	int e = make_report(cli, r, origin, &text);

	if (e < 0)
		return e;
	if (output(cli))
		return outfile_put(out, text, strlen(text));
	if (!cli->json && !cli->html)
		pager_open(cli, &pager);
	fputs(text, stdout);
	return 0;
}

static int report(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(report_freep) struct report *report = NULL;
	_cleanup_(outfile_done) struct outfile out = OUTFILE_NULL;
	_cleanup_(origin_done) struct origin_facts facts = ORIGIN_NULL;
	_cleanup_(infile_done) struct infile in = {};
	char last[] = "last", *const arg = argc > 0 ? argv[0] : last;
	int r = 0;

	/* What speaks against it is said before there is anything to wait for. */
	if (output(cli))
		r = outfile_open(output(cli), false, cli->force, &out);
	if (r == 0)
		r = infile_open(cli, 1, &arg, &in);
	if (r == 0 && (infile_has(&in, &out.st) || infile_has(&in, &out.partial_st)))
		r = errf(-EINVAL, "%s: is what is read, too; choose another name",
		         infile_has(&in, &out.st) ? out.path : out.partial);
	if (r == 0)
		r = origin_find(cli, arg, &in, &facts);
	if (r == 0)
		r = report_open(in.dump, &report);
	if (r == 0 && cli->count_pages)
		r = report_classify(report);
	return r < 0 ? r : write_report(cli, report, &facts.origin, &out);
}

static int run_report(const struct cli *cli, int argc, char *argv[])
{
	if (cli->json && cli->html) {
		cli_log(LOG_ERR, "kdump-lite report: --json does not go with --html");
		return EXIT_USAGE;
	}
	if (cli->force && !cli->output) {
		cli_log(LOG_ERR, "kdump-lite report: --force goes with --output= only");
		return EXIT_USAGE;
	}
	return report(cli, argc, argv);
}

const struct verb verb_report = {
	.name = "report",
	.args = "[CRASH]",
	.help = "tell what crashed, from the dump alone, by default the last",
	.max_args = 1,
	.run = run_report,
	.takes = TAKES_ROOT | TAKES_REPORT | TAKES_FORCE,
};
