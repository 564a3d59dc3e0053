// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rescue-report.c - the step that tells what crashed, see rescue.h.
 *
 * It goes through lists and tables of a kernel that is broken, and takes more memory than all other
 * steps. So a child does it, which may run out of time or of its share of memory, or be killed:
 * all that is lost then is the report, which the next boot can make up for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "capture/log.h"
#include "system/procfile.h"
#include "capture/rescue.h"
#include "system/file.h"
#include "base/printable.h"
#include "base/child.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/report/fingerprint.h"
#include "vmcore/text/output.h"

#define REPORT_SECONDS 20.0

/* What the child may take of the memory that is left. */
#define MEMORY_SHARE 0.6

struct answer {
	int error; /* of the report */
	char text[256];
	bool identified;
	struct fingerprint fingerprint;
};
_Static_assert(sizeof(struct answer) <= CHILD_ANSWER_MAX, "a pipe takes it at once");

/* The dump when there is one, else memory. */
static int open_dump(const struct rescue *r, struct dump **ret)
{
	struct source *source;
	char path[64];
	int e;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/" CRASH_VMCORE, r->dir_fd);
	e = source_open(r->crash.dump ? path : r->vmcore, &source);
	return e < 0 ? e : dump_open(source, ret);
}

static int write_report(const struct rescue *r, struct report *report)
{
	static const struct report_options o = {};
	_cleanup_free_ char *text = NULL, *clean = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int e = f ? report_text(report, &o, f) : -ENOMEM;

	if (f && fclose(f) != 0 && e == 0)
		e = -ENOMEM;
	if (e == 0)
		e = printable(text, len, true, &clean);
	if (e < 0)
		return e;
	return file_replace(r->dir_fd, CRASH_REPORT, clean, strlen(clean), 0600);
}

static int make_report(const struct rescue *r, struct answer *a)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_(report_freep) struct report *report = NULL;
	int e = open_dump(r, &d);

	if (e == 0)
		e = report_open(d, &report);
	if (e < 0)
		return e;
	a->identified = fingerprint_of_report(report, &a->fingerprint) == 0;
	return write_report(r, report);
}

/* The kernel is to take this child first when memory runs out, but it should not come to that. */
static void limit_memory(void)
{
	uint64_t room = procfile_number("/proc/meminfo", "MemAvailable") * MEMORY_SHARE;
	uint64_t most = procfile_number("/proc/self/status", "VmData") + room;
	struct rlimit data = { .rlim_cur = most, .rlim_max = most };
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && file_write(fd, "1000", 4) < 0)
		log_info("oom_score_adj: %s", strerror(errno));
	base_closep(&fd);
	if (room > 0)
		setrlimit(RLIMIT_DATA, &data);
}

/* A child_fn. */
static void work(void *arg, void *answer)
{
	struct answer *a = answer;

	limit_memory();
	a->error = make_report(arg, a);
	if (a->error < 0)
		snprintf(a->text, sizeof(a->text), "%s", err_text(a->error));
}

int rescue_report(struct rescue *r)
{
	double limit = MIN(REPORT_SECONDS, rescue_time_left(r) / 2);
	char size[TEXT_SIZE_MAX];
	struct rusage usage;
	struct answer a;
	int e = rescue_need_target(r);

	if (e < 0)
		return e;
	if (!r->kspace)
		return errf(-ENODATA, "not tried, the kernel's memory could not be understood");
	e = child_run(work, r, MAX(limit, 0.1), &a, sizeof(a), &usage);
	r->crash.report_memory = KIB(usage.ru_maxrss);
	if (e < 0)
		return e;
	if (a.identified) {
		r->crash.fingerprint = strdup(a.fingerprint.hash);
		r->crash.fingerprint_text = strdup(a.fingerprint.text);
		r->crash.fingerprint_loose = strdup(a.fingerprint.loose);
	}
	if (a.error < 0)
		return errf(a.error, "%s", a.text);
	log_info("report saved, with %s of memory", text_from_size(r->crash.report_memory, size));
	return 0;
}
