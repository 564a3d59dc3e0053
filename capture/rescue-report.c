// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rescue-report.c - the step that tells what crashed, see rescue-steps.h.
 *
 * It is made of memory, before the dump: what it reads is what the mini dump has. A report that is
 * lost is made up for by the next boot.
 */
#include <errno.h>

#include "capture/log.h"
#include "capture/rescue-steps.h"
#include "system/file.h"
#include "system/memory-limit.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/text/report-child.h"

/* The dump still has to be written, so there is a limit, and a part of the time left. */
#define REPORT_SECONDS 15.0
#define TIME_SHARE     0.25

/* What the child may take of the memory that is left. */
#define MEMORY_SHARE 0.6

/* The kernel is to take this child first when memory runs out, but it should not come to that. */
static void limit_memory(void *arg)
{
	const struct rescue *rescue = arg;
	int root_fd = rescue->os->root_fd, r;

	r = tree_write(root_fd, "/proc/self/oom_score_adj", "1000");
	if (r < 0)
		log_info("%s", err_text(r));
	memory_limit(root_fd, MEMORY_SHARE);
}

static int open_memory(void *arg, struct dump **ret)
{
	const struct rescue *rescue = arg;
	struct source *source;
	int r;

	if ((r = rescue_open_source(rescue, &source)) < 0 || (r = dump_open(source, ret)) < 0)
		return r;
	(*ret)->touched = rescue->touched;
	return 0;
}

static int write_report(void *arg, const char *text)
{
	const struct rescue *rescue = arg;

	return file_replace(rescue->dir_fd, CRASH_REPORT, text, strlen(text), 0600);
}

int rescue_report(struct rescue *rescue)
{
	const struct report_job job = { limit_memory, open_memory, write_report, rescue, true };
	double limit = MIN(REPORT_SECONDS, rescue_time_left(rescue) * TIME_SHARE);
	struct crash *crash = &rescue->crash;
	struct report_outcome outcome;
	char size[TEXT_SIZE_MAX];
	int r = rescue_need_target(rescue);

	if (r < 0)
		return r;
	if (!rescue->kspace)
		return errf(-ENODATA, "not tried, the kernel's memory could not be understood");
	r = report_in_child(&job, MAX(limit, 0.1), &outcome);
	crash->report_memory = KIB(outcome.usage.ru_maxrss);
	if (outcome.identified) {
		crash->fingerprint = strdup(outcome.fingerprint.hash);
		crash->fingerprint_text = strdup(outcome.fingerprint.text);
		crash->fingerprint_loose = strdup(outcome.fingerprint.loose);
	}
	rescue->tasks = outcome.tasks;
	if (r < 0)
		return r;
	log_info("report saved, with %s of memory", text_from_size(crash->report_memory, size));
	return 0;
}
