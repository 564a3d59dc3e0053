// SPDX-License-Identifier: GPL-2.0-or-later
/* task-groups.c - puts tasks that wait alike together, see task-groups.h. */
#include "vmcore/text/task-groups.h"

#include <search.h>
#include <stdio.h>

#include "base/array.h"

/* The most ranges of PIDs that are named. */
#define MAX_RANGES 8

/* What tasks of one group have in common. */
struct key {
	uint64_t state, kind, owner, gone, cycle, end;
	size_t n;
	uint64_t calls[TRACE_MAX];
};

struct found {
	size_t group;
	size_t len; /* bytes of the key */
	struct key key;
};

struct member {
	const struct task *task;
	size_t group;
};

struct grouping {
	const struct report *report;
	struct task_groups *groups;
	struct member *members;
	size_t n;
	void *tree; /* of struct found */
	struct trace trace;
	struct found wanted;
};

static int compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(&x->key, &y->key, x->len);
}

static int compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return (x->task->pid > y->task->pid) - (x->task->pid < y->task->pid);
}

static void make_key(struct grouping *g, const struct task *task, const struct wait *wait)
{
	struct key *key = &g->wanted.key;

	report_trace_task(g->report, task, &g->trace);
	*key = (struct key){ .state = task->state, .end = g->trace.end };
	if (wait) {
		key->kind = 1 + wait->kind;
		key->owner = wait->owner ? wait->owner->address : 0;
		key->gone = wait->gone;
		key->cycle = wait->cycle;
	}
	for (size_t i = 0; i < g->trace.n; i++)
		if (g->trace.frames[i].sure)
			key->calls[key->n++] = g->trace.frames[i].ip;
	g->wanted.len = offsetof(struct key, calls) + key->n * sizeof(key->calls[0]);
}

/* Remembers the group that is looked for as a new one. */
static int add_group(struct grouping *g, const struct task *task)
{
	struct task_groups *groups = g->groups;
	struct found *copy;
	int r = array_grow(&groups->list, groups->n, "a list of tasks");

	if (r < 0)
		return r;
	copy = malloc(offsetof(struct found, key) + g->wanted.len);
	if (!copy)
		return oom("a list of tasks");
	g->wanted.group = groups->n;
	memcpy(copy, &g->wanted, offsetof(struct found, key) + g->wanted.len);
	if (!tsearch(copy, &g->tree, compare_found)) {
		free(copy);
		return oom("a list of tasks");
	}
	groups->list[groups->n++] = (struct task_group){ .first = task, .same_lock = true };
	return 0;
}

static uint64_t lock_of(const struct report *report, const struct task *task)
{
	const struct wait *wait = waits_find(&report->waits, task);

	return wait ? wait->lock : 0;
}

static int add_task(struct grouping *g, const struct task *task, const struct wait *wait)
{
	struct found *const *found;
	struct task_group *group;
	int r = array_grow(&g->members, g->n, "a list of tasks");

	if (r < 0)
		return r;
	make_key(g, task, wait);
	found = tfind(&g->wanted, &g->tree, compare_found);
	if (found)
		g->wanted.group = (*found)->group;
	else if ((r = add_group(g, task)) < 0)
		return r;
	group = &g->groups->list[g->wanted.group];
	group->n++;
	if (lock_of(g->report, group->first) != lock_of(g->report, task))
		group->same_lock = false;
	g->members[g->n++] = (struct member){ task, g->wanted.group };
	return 0;
}

static int add_tasks(struct grouping *g)
{
	const struct tasks *t = &g->report->tasks;

	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < t->n; i++) {
			const struct task *task = &t->list[i];
			const struct wait *wait = waits_find(&g->report->waits, task);
			int r;

			if ((!wait && !tasks_waits(t, task)) || (wait && wait->cycle > 0) == others)
				continue;
			r = add_task(g, task, wait);
			if (r < 0)
				return r;
		}
	return 0;
}

/* Gives each group its part of one list. */
static int list_tasks(struct grouping *g)
{
	struct task_groups *groups = g->groups;
	size_t at = 0;

	groups->tasks = calloc(g->n + 1, sizeof(*groups->tasks));
	if (!groups->tasks)
		return oom("a list of tasks");
	if (g->n > 0)
		qsort(g->members, g->n, sizeof(*g->members), compare_members);
	for (size_t i = 0; i < g->n; i++)
		groups->tasks[i] = g->members[i].task;
	for (size_t i = 0; i < groups->n; at += groups->list[i++].n)
		groups->list[i].list = groups->tasks + at;
	return 0;
}

int task_groups_make(const struct report *report, struct task_groups *ret)
{
	_cleanup_(task_groups_done) struct task_groups groups = {};
	_cleanup_free_ struct grouping *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return oom("a list of tasks");
	g->report = report;
	g->groups = &groups;
	r = add_tasks(g);
	if (r == 0)
		r = list_tasks(g);
	tdestroy(g->tree, free);
	free(g->members);
	if (r == 0)
		*ret = TAKE_STRUCT(groups);
	return r;
}

void task_groups_done(struct task_groups *g)
{
	free(g->list);
	free(g->tasks);
	*g = (struct task_groups){};
}

char *task_group_pids(const struct task_group *g, char buf[static TASK_GROUP_PIDS])
{
	size_t len = 0, at = 0;

	buf[0] = '\0';
	for (unsigned ranges = 0; at < g->n && ranges < MAX_RANGES; ranges++) {
		size_t first = at++;

		while (at < g->n && g->list[at]->pid == g->list[at - 1]->pid + 1)
			at++;
		len += snprintf(buf + len, TASK_GROUP_PIDS - len, "%s%d", first ? ", " : "",
		                g->list[first]->pid);
		if (at - first > 1)
			len += snprintf(buf + len, TASK_GROUP_PIDS - len, "-%d",
			                g->list[at - 1]->pid);
	}
	if (at < g->n)
		snprintf(buf + len, TASK_GROUP_PIDS - len, " and %zu more", g->n - at);
	return buf;
}
