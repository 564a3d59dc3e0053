// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * task-tree.c - all tasks as a tree, as text.
 *
 * Children stand below their parents, and threads below their process. In a broken dump two tasks
 * can be each other's parents; then the first in the list counts as one without a parent.
 */
#include <errno.h>

#include "base/text.h"
#include "vmcore/text/text-kit.h"

/* Spaces; deeper tasks are indented no further. */
#define MAX_INDENT 40

struct node {
	const struct task *task;
	struct node *parent, *child, *last_child, *next;
	bool shown;
};

/* By PID. */
static int compare_nodes(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;

	if (x->task->pid != y->task->pid)
		return x->task->pid < y->task->pid ? -1 : 1;
	return 0;
}

static struct node *find_node(struct node **processes, size_t n, int32_t pid)
{
	const struct task task = { .pid = pid };
	struct node key = { .task = &task }, *wanted = &key;
	struct node **found =
		n ? bsearch(&wanted, processes, n, sizeof(*processes), compare_nodes) : NULL;

	return found ? *found : NULL;
}

static void add_child(struct node *parent, struct node *child)
{
	child->parent = parent;
	if (parent->last_child)
		parent->last_child->next = child;
	else
		parent->child = child;
	parent->last_child = child;
}

/* Idle tasks, with PID 0, have the task that started the CPU as parent, but are shown without. */
static int make_tree(const struct tasks *t, struct node *nodes)
{
	_cleanup_free_ struct node **processes = calloc(t->n + 1, sizeof(*processes));
	size_t n = 0;

	if (!processes)
		return -ENOMEM;
	for (size_t i = 0; i < t->n; i++) {
		nodes[i].task = &t->list[i];
		if (t->list[i].pid == t->list[i].tgid && t->list[i].pid != 0)
			processes[n++] = &nodes[i];
	}
	qsort(processes, n, sizeof(*processes), compare_nodes);
	for (size_t i = 0; i < t->n; i++) {
		const struct task *task = &t->list[i];
		int32_t pid = task->pid == task->tgid ? task->parent : task->tgid;
		struct node *parent = find_node(processes, n, pid);

		if (parent && parent != &nodes[i] && task->pid != 0)
			add_child(parent, &nodes[i]);
	}
	return 0;
}

/* The first of @node and its siblings that was not shown. */
static struct node *not_shown(struct node *node)
{
	while (node && node->shown)
		node = node->next;
	return node;
}

/* The next node of the tree at @root, children before siblings; NULL at the end. */
static struct node *next_node(const struct node *root, struct node *at, unsigned *depth)
{
	struct node *next = not_shown(at->child);

	if (next) {
		++*depth;
		return next;
	}
	while (at != root) {
		next = not_shown(at->next);
		if (next)
			return next;
		at = at->parent;
		--*depth;
	}
	return NULL;
}

static const char *duration(uint64_t ns, char buf[static 64])
{
	return ns > 0 ? writing_duration(ns / 1e9, buf) : "";
}

static void write_node(const struct writing *w, const struct node *node, unsigned depth)
{
	const struct task *task = node->task;
	const struct tasks *t = &w->report->tasks;
	uint64_t now = tasks_clock(t);
	const char *marks = task->kernel ? "[]" : task->pid != task->tgid ? "{}" : "  ";
	const struct rss *rss = rss_of(&w->report->rss, task);
	char last[64], user[64], system[64], age[64], size[TEXT_SIZE_MAX] = "";

	if (rss)
		text_from_size(rss_total(rss), size);
	fprintf(w->f, "%9d %5u %c %14s %12s %12s %14s %9s  %*s", task->pid, task->cpu, task->state,
	        duration(tasks_age(t, task), last), duration(task->user_time, user),
	        duration(task->system_time, system),
	        duration(task->started > 0 && now > task->started ? now - task->started : 0, age),
	        size, (int)MIN(2 * depth, (unsigned)MAX_INDENT), "");
	if (marks[0] == ' ')
		fprintf(w->f, "%s\n", task->name);
	else
		fprintf(w->f, "%c%s%c\n", marks[0], task->name, marks[1]);
}

static void write_tree(const struct writing *w, struct node *root)
{
	unsigned depth = 0;

	for (struct node *at = root; at; at = next_node(root, at, &depth)) {
		write_node(w, at, depth);
		at->shown = true;
	}
}

void writing_task_tree(const struct writing *w)
{
	const struct tasks *t = &w->report->tasks;
	_cleanup_free_ struct node *nodes = calloc(t->n + 1, sizeof(*nodes));

	writing_heading(w, "Tasks");
	if (!nodes || make_tree(t, nodes) < 0) {
		fputs("  there is no memory for all of them\n", w->f);
		return;
	}
	fprintf(w->f, "%9s %5s S %14s %12s %12s %14s %9s  %s\n", "PID", "CPU", "LAST RUN", "USER",
	        "SYSTEM", "AGE", "IN MEMORY", "NAME");
	for (size_t i = 0; i < t->n; i++)
		if (!nodes[i].parent)
			write_tree(w, &nodes[i]);
	/* Those left are in circles. */
	for (size_t i = 0; i < t->n; i++)
		if (!nodes[i].shown)
			write_tree(w, &nodes[i]);
}
