/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report-child.h - a report made by a child process.
 *
 * A report follows lists and tables of a kernel that is broken, and takes more memory than all
 * other work on a dump. The child may run out of time or of memory, or be killed: all that is lost
 * then is the report.
 */
#pragma once

#include <sys/resource.h>

#include "vmcore/filter/survey.h"
#include "vmcore/report/fingerprint.h"

/* All functions run in the child, with @arg. */
struct report_job {
	void (*limit)(void *arg); /* limits the child before it begins; may be NULL */
	int (*open)(void *arg, struct dump **ret);
	int (*write)(void *arg, const char *text); /* takes the text; NULL: no text is wanted */
	void *arg;
	bool of_memory; /* as in struct report_options */
};

struct report_outcome {
	bool identified; /* the fingerprint is there; also when the text could not be written */
	struct fingerprint fingerprint;
	struct survey_tasks tasks; /* where they are in memory; zeroes when it is not known */
	struct rusage usage;       /* of the child; zeroes when it is not known */
};

/* Runs @job in a child, which is killed after @seconds. @ret is filled in any case. An error is
 * that of the job, or that of child_run(), with a text. Control characters in it are escaped. */
int report_in_child(const struct report_job *job, double seconds, struct report_outcome *ret);
