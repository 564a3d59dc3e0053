/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-cpus.h - registers, queues and times of a report as JSON. */
#pragma once

#include <jansson.h>

#include "vmcore/report/report.h"

/* Adds to @o, an object about @cpu with the trace @t, its registers, those of user space that it
 * came from, and how long it has been running its task and has not looked at its queue. */
void report_json_state(const struct report *r, const struct cpu *cpu, const struct trace *t,
                       json_t *o);

/* The tasks in the queue of CPU @nr of the list. New reference. */
json_t *report_json_queue(const struct report *r, size_t nr);

/* Adds to @o, an object about @task, its times. */
void report_json_times(const struct report *r, const struct task *task, json_t *o);
