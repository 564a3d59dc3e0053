// SPDX-License-Identifier: GPL-2.0-or-later
/* report-child.c - a report made by a child process, see report-child.h. */
#include "vmcore/text/report-child.h"

#include <stdio.h>

#include "base/child.h"
#include "base/err.h"
#include "base/printable.h"
#include "vmcore/report/verify-facts.h"
#include "vmcore/text/output.h"

/* What the child tells. */
struct answer {
	int error; /* of the job */
	char why[256];
	bool identified;
	struct fingerprint fingerprint;
	struct survey_tasks tasks;
};
_Static_assert(sizeof(struct answer) <= CHILD_ANSWER_MAX, "a pipe takes it at once");

static int make_text(struct report *report, bool of_memory, char **ret)
{
	const struct report_options options = { .of_memory = of_memory };
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return oom("the report");
	r = report_text(report, &options, f);
	if (fclose(f) != 0 && r == 0)
		r = oom("the report");
	return r < 0 ? r : printable(text, len, true, ret);
}

static int run_job(const struct report_job *job, struct answer *answer)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_(report_freep) struct report *report = NULL;
	_cleanup_free_ char *text = NULL;
	int r;

	if ((r = job->open(job->arg, &d)) < 0 || (r = report_open(d, &report)) < 0)
		return r;
	answer->identified = fingerprint_of_report(report, &answer->fingerprint) == 0;
	if (!job->write)
		return 0;
	if (report_need(report, REPORT_VIEW) >= 0)
		verify_facts_tasks(report->view, &answer->tasks);
	r = make_text(report, job->of_memory, &text);
	return r < 0 ? r : job->write(job->arg, text);
}

/* A child_fn. */
static void work(void *arg, void *ret)
{
	const struct report_job *job = arg;
	struct answer *answer = ret;

	if (job->limit)
		job->limit(job->arg);
	answer->error = run_job(job, answer);
	if (answer->error < 0)
		snprintf(answer->why, sizeof(answer->why), "%s", err_text(answer->error));
}

int report_in_child(const struct report_job *job, double seconds, struct report_outcome *ret)
{
	struct answer answer;
	int r;

	*ret = (struct report_outcome){};
	r = child_run(work, (void *)job, seconds, &answer, sizeof(answer), &ret->usage);
	if (r < 0)
		return r;
	ret->identified = answer.identified;
	ret->fingerprint = answer.fingerprint;
	ret->tasks = answer.tasks;
	return answer.error < 0 ? errf(answer.error, "%s", answer.why) : 0;
}
