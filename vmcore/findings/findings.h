/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * findings.h - what somebody who reads dumps every day would say first of one.
 *
 * Each finding is the answer of one rule, see rules.h. A rule that does not fit says nothing.
 */
#pragma once

#include "vmcore/report/report.h"

enum finding_degree {
	FINDING_CERTAIN, /* the kernel says so, or its data do */
	FINDING_LIKELY,  /* other causes are rare */
	FINDING_HINT,    /* worth a look */
	FINDING_DEGREES,
};

/* "certain", "likely", "hint". */
extern const char *const finding_degrees[FINDING_DEGREES];

/* Texts are one line each. */
struct finding {
	const char *rule; /* its name, like "deadlock" */
	enum finding_degree degree;
	char text[256];     /* a sentence */
	char evidence[256]; /* where that is to be seen: a line of the log, a call, numbers */
};

#define FINDINGS_MAX 10

struct findings {
	struct finding list[FINDINGS_MAX]; /* the most certain first */
	size_t n;
};

/* The models that the rules look at. The rest of the report is not read. */
#define FINDINGS_NEED                                                                              \
	(REPORT_LOG | REPORT_TASKS | REPORT_TRACES | REPORT_WAITS | REPORT_MEMINFO |               \
	 REPORT_SLABS | REPORT_RSS)

/* Needs FINDINGS_NEED. What could not be read keeps the rules silent that want it. */
void findings_make(struct report *report, struct findings *ret);
