/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text-kit.h - what several parts of a report tell, as text and as JSON. */
#pragma once

#include "vmcore/text/parts.h"

/* Begins a stretch of this style. */
void writing_style(const struct writing *w, enum report_style style);

/* False: the text has given this reason before. */
bool writing_is_new(const struct writing *w, const char *reason);

/* What is told of a part that the kernel's log alone knows, and how a row of it ends; else that is
 * empty. */
extern const char writing_from_log[];
const char *writing_mark(const struct writing *w);

/* Begins the part: its title as a heading, and below it why it is not whole. A reason that another
 * part has given is not given again: the part is "not known". */
void writing_part(const struct writing *w);

/* Begins the part with another heading. */
void writing_part_as(const struct writing *w, const char *heading);

/* A heading below which no reasons stand. */
void writing_heading(const struct writing *w, const char *text);

/* "  key: value"; nothing when @value is empty. */
void writing_row(const struct writing *w, const char *key, const char *value);

/* "3 days 4:05:06", or "12.345 s" below a minute. Returns @buf. */
const char *writing_duration(double seconds, char buf[static 64]);

/* A line for each call. */
void writing_trace(const struct writing *w, const struct trace *t);

/* All tasks, as a tree. */
void writing_task_tree(const struct writing *w);

/* New references; NULL: no memory. */
json_t *trace_json(const struct report *report, const struct trace *t);
json_t *task_json(const struct report *report, const struct task *task);

/* The seconds between two times in ns; null when @from is not known. */
json_t *seconds_json(uint64_t from, uint64_t to);

/* The bits of a taint, from the lowest on. */
struct taint {
	char letter;
	const char *reason;
};
#define TAINTS 20
extern const struct taint taints[TAINTS];
