// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rescue-report.c - the step that tells what crashed, see rescue-steps.h.
 *
 * A report that is lost is made up for by the next boot.
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

#define REPORT_SECONDS 20.0

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

/* The dump when there is one, else memory. */
static int open_dump(void *arg, struct dump **ret)
{
	const struct rescue *rescue = arg;
	struct source *source;
	int r;

	if (rescue->crash.dump)
		return rescue_open_saved(rescue, CRASH_VMCORE, ret);
	r = rescue_open_source(rescue, &source);
	return r < 0 ? r : dump_open(source, ret);
}

static int write_report(void *arg, const char *text)
{
	const struct rescue *rescue = arg;

	return file_replace(rescue->dir_fd, CRASH_REPORT, text, strlen(text), 0600);
}

int rescue_report(struct rescue *rescue)
{
	const struct report_job job = { limit_memory, open_dump, write_report, rescue };
	double limit = MIN(REPORT_SECONDS, rescue_time_left(rescue) / 2);
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
	if (r < 0)
		return r;
	log_info("report saved, with %s of memory", text_from_size(crash->report_memory, size));
	return 0;
}
