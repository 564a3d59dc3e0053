/* SPDX-License-Identifier: GPL-2.0-or-later */
/* html-tasks.h - tasks on the page of a report: what they waited for, and their calls. */
#pragma once

#include "loader/show/html-kit.h"

/* The name of a task, with its PID. */
void html_task_name(FILE *f, const json_t *task);

/* Writes the tasks of @tasks that waited, or those that did not and have a trace. Those that are
 * alike are written once. */
void html_waiting(FILE *f, const json_t *tasks);
void html_others(FILE *f, const json_t *tasks);

/* How many of each there are. */
size_t html_count_waiting(const json_t *tasks);
size_t html_count_others(const json_t *tasks);
