/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-memory.h - the memory part of a report as JSON. New references; NULL: no memory. */
#pragma once

#include <jansson.h>

#include "vmcore/report/report.h"

/* The member "memory". */
json_t *report_json_memory(const struct report *r);

/* Adds to @o, the object of a task, how much memory it has: null, when it has none of its own. */
void report_json_rss(const struct report *r, const struct task *task, json_t *o);
