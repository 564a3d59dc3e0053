/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text-kit.h - what the parts of a report have in common as text. */
#pragma once

#include "vmcore/report/report.h"

struct writing {
	const struct report *r;
	const struct report_options *o;
	FILE *f;
};

/* Begins a stretch of this style. */
void writing_style(const struct writing *w, enum report_style style);

/* Begins a part. */
void writing_heading(const struct writing *w, const char *text);

/* Says why @what is missing; nothing when @why is empty. */
void writing_missing(const struct writing *w, const char *what, const char *why);

/* "  key: value"; nothing when @value is empty. */
void writing_row(const struct writing *w, const char *key, const char *value);

/* "3 days 4:05:06", or "12.345 s" of what is short. Returns @buf. */
const char *writing_duration(double seconds, char buf[static 64]);

/* A line for each call. */
void writing_trace(const struct writing *w, const struct trace *t);

/* What each CPU did: its registers, trace and queue. */
void writing_cpus(const struct writing *w);

/* Deadlocks, locks, and the tasks that were blocked or waited to run. */
void writing_waits(const struct writing *w);

/* All tasks, as a tree. */
void writing_tasks(const struct writing *w);
/* The memory of the kernel, and who had it. */
void writing_memory(const struct writing *w);

/* The dump as a file, and what it holds. */
void writing_dump(const struct writing *w);
