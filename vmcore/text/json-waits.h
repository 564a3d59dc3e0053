/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-waits.h - what tasks wait for, as JSON. */
#pragma once

#include <jansson.h>

#include "vmcore/report/report.h"

/* Adds to @o, an object about @task, what it waits for; nothing when it does not. */
void report_json_wait(const struct report *r, const struct task *task, json_t *o);

/* All circles, and all locks that are waited for. New references. */
json_t *report_json_deadlocks(const struct report *r);
json_t *report_json_locks(const struct report *r);
