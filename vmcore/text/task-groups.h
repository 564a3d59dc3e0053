/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * task-groups.h - tasks that wait for the same in the same calls.
 *
 * Thousands of tasks may hang behind one lock. Two tasks are alike when their states, the calls
 * that are sure, and the owners of what they wait for are the same.
 */
#pragma once

#include "vmcore/report/report.h"

struct task_group {
	const struct task *first; /* in the order of the report */
	const struct task **list; /* all of them, by PID */
	size_t n;
	bool same_lock; /* all wait for the same lock, or none for any */
};

struct task_groups {
	struct task_group *list; /* in the order of their first tasks */
	size_t n;
	const struct task **tasks; /* private */
};

/* Groups the tasks that wait for something, see waits.h, and those that tasks_waits() names.
 * Members of deadlocks come first. Fails for lack of memory only. */
int task_groups_make(const struct report *report, struct task_groups *ret);
void task_groups_done(struct task_groups *g);

/* "71-75, 80, 90 and 12 more". Returns @buf. */
#define TASK_GROUP_PIDS 200
char *task_group_pids(const struct task_group *g, char buf[static TASK_GROUP_PIDS]);
