// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-report.c - kdump-lite report: what a dump tells about its crash. */
#include <errno.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/crashes/subject.h"
#include "loader/show/pager.h"
#include "loader/show/report-html.h"
#include "vmcore/text/output.h"
#include "loader/show/styled.h"
#include "base/err.h"
#include "base/text.h"

struct report_arguments {
	bool tasks, log, pages, html, force;
	const char *output; /* NULL: standard output */
};

static const struct option_row options[] = {
	{ "tasks", FIELD(struct report_arguments, tasks), .help = "add a tree of all tasks" },
	{ "log", FIELD(struct report_arguments, log),
	  .help = "print the whole log, not only its end" },
	{ "pages", FIELD(struct report_arguments, pages), .help = "count the pages of each class" },
	{ "html", FIELD(struct report_arguments, html),
	  .help = "print an HTML page with all tasks and the whole log" },
	{ "output", .arg = "FILE", FIELD(struct report_arguments, output),
	  .help = "write to FILE" },
	{ "force", FIELD(struct report_arguments, force), .help = "replace FILE if it exists" },
	{},
};

/* NULL: standard output. */
static const char *output(const struct report_arguments *a)
{
	return a->output && !streq(a->output, "-") ? a->output : NULL;
}

/* The page, which has all there is. */
static int make_page(struct report *report, const struct report_options *o, char **ret)
{
	json_auto_t *all = report_json(report, o);

	return all ? report_html(all, ret) : oom("the report as JSON");
}

static int make_report(const struct cli *cli, struct report *report, const struct report_options *o,
                       char **ret)
{
	const struct report_arguments *a = cli->options;

	if (a->html)
		return make_page(report, o, ret);
	return styled_report(report, o, !output(a) && styled_wanted(), ret);
}

struct filling {
	struct report *report;
	const struct report_options *o;
	const char *text; /* NULL: as JSON, one task after the other */
};

/* An outfile_fill_fn. */
static int fill(void *arg, FILE *f)
{
	const struct filling *c = arg;

	if (!c->text)
		return report_json_write(c->report, c->o, f);
	return fputs(c->text, f) < 0 ? -EIO : 0;
}

static int write_report(const struct cli *cli, struct report *report, const struct origin *origin,
                        struct outfile *out)
{
	_cleanup_(pager_close) struct pager pager = { .terminal = -1 };
	const struct report_arguments *a = cli->options;
	const struct report_options o = { .all_tasks = a->tasks || a->html,
		                          .whole_log = a->log || a->html,
		                          .origin = origin };
	_cleanup_free_ char *text = NULL;
	int r;

	if (cli->json && !output(a))
		return report_json_write(report, &o, stdout);
	r = cli->json ? 0 : make_report(cli, report, &o, &text);
	if (r < 0)
		return r;
	if (output(a))
		return outfile_put(out, fill, &(struct filling){ report, &o, text });
	if (!a->html)
		pager_open(cli, &pager);
	fputs(text, stdout);
	return 0;
}

static int run_report(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(outfile_done) struct outfile out = OUTFILE_NULL;
	_cleanup_(subject_done) struct subject s = SUBJECT_NULL;
	_cleanup_(report_freep) struct report *report = NULL;
	const struct report_arguments *a = cli->options;
	struct origin origin;
	struct dump *d;
	int r;

	if (cli->json && a->html) {
		cli_log(LOG_ERR, "kdump-lite report: --json does not go with --html");
		return EXIT_USAGE;
	}
	if (a->force && !a->output) {
		cli_log(LOG_ERR, "kdump-lite report: --force goes with --output= only");
		return EXIT_USAGE;
	}
	/* What speaks against it is said before there is anything to wait for. */
	if (output(a) && (r = outfile_open(output(a), false, a->force, &out)) < 0)
		return r;
	if ((r = subject_open(cli, argc, argv, &s)) < 0 ||
	    (r = subject_check_output(&s, &out)) < 0 || (r = subject_dump(&s, &d)) < 0)
		return r;
	subject_origin(&s, &origin);
	if ((r = report_open(d, &report)) < 0 || (a->pages && (r = report_classify(report)) < 0))
		return r;
	r = write_report(cli, report, &origin, &out);
	return r < 0 || report->ks ? r : EXIT_INCOMPLETE;
}

const struct verb verb_report = {
	.name = "report",
	.args = "[CRASH...]",
	.help = "report what crashed, from the dump alone, by default the last",
	.max_args = SUBJECT_PARTS_MAX,
	.page = "kdump-lite-report(8)",
	.run = run_report,
	.takes = TAKES_ROOT | TAKES_JSON | TAKES_NO_PAGER,
	.options = options,
};
