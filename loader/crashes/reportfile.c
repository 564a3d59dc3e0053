// SPDX-License-Identifier: GPL-2.0-or-later
/* reportfile.c - the report on a crash as text and in its directory, see reportfile.h. */
#include "loader/crashes/reportfile.h"

#include <errno.h>
#include <stdio.h>

#include "system/file.h"
#include "loader/crashes/crashlog.h"
#include "loader/crashes/dumpfile.h"
#include "loader/show/styled.h"
#include "base/child.h"
#include "base/err.h"
#include "vmcore/report/fingerprint.h"

struct question {
	int dir_fd;
	const char *dump; /* its name there */
	bool write;       /* report.txt too, not just the fingerprint */
};

struct answer {
	int error; /* of the report */
	char text[256];
	bool identified;
	struct fingerprint fingerprint;
};
_Static_assert(sizeof(struct answer) <= CHILD_ANSWER_MAX, "a pipe takes it at once");

static int make_report(const struct question *q, struct answer *a)
{
	static const struct report_options o = {};
	_cleanup_(report_freep) struct report *report = NULL;
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_free_ char *text = NULL;
	char path[300];
	int r;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", q->dir_fd, q->dump);
	r = dumpfile_open(path, &d);
	if (r == 0)
		r = report_open(d, &report);
	if (r < 0)
		return r;
	a->identified = fingerprint_of_report(report, &a->fingerprint) == 0;
	if (!q->write)
		return 0;
	r = styled_report(report, &o, false, &text);
	return r < 0 ? r : file_replace(q->dir_fd, CRASH_REPORT, text, strlen(text), 0600);
}

/* A child_fn. */
static void work(void *arg, void *answer)
{
	struct answer *a = answer;

	a->error = make_report(arg, a);
	if (a->error < 0)
		snprintf(a->text, sizeof(a->text), "%s", err_text(a->error));
}

/* Only what is missing: a report is not written again, it may be the better one. */
int reportfile_complete(int dir_fd, struct crash *c, double seconds)
{
	bool has_report = faccessat(dir_fd, CRASH_REPORT, F_OK, 0) == 0;
	bool identified = *c->fingerprint;
	struct question q = { dir_fd, c->dump, !has_report };
	struct answer a = {};
	struct rusage usage;
	int r = 0;

	if (c->dump && !(has_report && identified)) {
		r = child_run(work, &q, seconds, &a, sizeof(a), &usage);
		if (r < 0)
			err_prefix(r, CRASH_REPORT);
		if (r == 0 && a.identified && !identified)
			r = crashlog_set_fingerprint(c, &a.fingerprint);
		if (r == 0 && a.error < 0)
			r = errf(a.error, CRASH_REPORT ": %s", a.text);
	}
	if (!*c->fingerprint && r != -ENOMEM) {
		int r_log = crashlog_learn_at(dir_fd, c);

		r = r < 0 ? r : r_log;
	}
	if (!identified && *c->fingerprint && !c->fault) {
		int r_json = crash_amend(c, dir_fd);

		r = r < 0 || r_json == -ENOENT ? r : r_json;
	}
	return r;
}
