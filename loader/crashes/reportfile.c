// SPDX-License-Identifier: GPL-2.0-or-later
/* reportfile.c - report.txt in the directory of a crash, see reportfile.h. */
#include "loader/crashes/reportfile.h"

#include <errno.h>
#include <stdio.h>

#include "system/file.h"
#include "loader/crashes/crashlog.h"
#include "loader/crashes/dumpfile.h"
#include "base/err.h"
#include "vmcore/text/report-child.h"

/* What the child is to work on. */
struct place {
	int dir_fd;
	const char *dump; /* its name there */
};

static int open_dump(void *arg, struct dump **ret)
{
	const struct place *place = arg;
	struct source *source;
	int r, fd = file_open_entry(place->dir_fd, place->dump);

	if (fd < 0)
		return errf(fd, "%s: cannot be opened: %s", place->dump, strerror(-fd));
	r = source_from_fd(fd, place->dump, &source);
	return r < 0 ? r : dump_open(source, ret);
}

static int write_report(void *arg, const char *text)
{
	const struct place *place = arg;

	return file_replace(place->dir_fd, CRASH_REPORT, text, strlen(text), 0600);
}

/* Makes what is missing. A report is not written again, since it may be the better one. */
static int complete(int dir_fd, struct crash *c, double seconds)
{
	struct place place = { dir_fd, c->dump };
	struct report_job job = { .open = open_dump, .arg = &place };
	bool has_report = faccessat(dir_fd, CRASH_REPORT, F_OK, 0) == 0;
	struct report_outcome outcome;
	int r, r_log;

	if (!c->dump || (has_report && *c->fingerprint))
		return 0;
	if (!has_report)
		job.write = write_report;
	r = report_in_child(&job, seconds, &outcome);
	if (r < 0)
		err_prefix(r, CRASH_REPORT);
	if (outcome.identified && !*c->fingerprint) {
		r_log = crashlog_set_fingerprint(c, &outcome.fingerprint);
		if (r_log < 0)
			return r_log;
	}
	return r;
}

int reportfile_complete(int dir_fd, struct crash *c, double seconds)
{
	bool identified = *c->fingerprint;
	int r, later;

	if (!file_is_private(dir_fd))
		return errf(-EPERM, "others than root can write there");
	/* What fails first is what is told; the rest is done all the same. */
	r = complete(dir_fd, c, seconds);
	if (r != -ENOMEM && !*c->fingerprint) {
		later = crashlog_learn_at(dir_fd, c);
		r = r < 0 ? r : later;
	}
	if (identified || !*c->fingerprint || c->fault)
		return r;
	/* There need not be a crash.json. */
	later = crash_amend(c, dir_fd);
	return r < 0 || later == -ENOENT ? r : later;
}
