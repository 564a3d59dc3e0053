// SPDX-License-Identifier: GPL-2.0-or-later
/* html-tasks.c - tasks with their calls, those that are alike once, see html-tasks.h. */
#include "loader/show/html-tasks.h"

#include <search.h>

/* The most kinds of tasks, and of PIDs for one kind, that are written. */
#define MAX_KINDS 300
#define MAX_PIDS  100

void html_task_name(FILE *f, const json_t *task)
{
	bool kernel = json_is_true(json_object_get(task, "kernel"));
	const char *name = html_string(task, "name");

	html_printf(f, kernel ? "<b>[%s]</b>" : "<b>%s</b>", *name ? name : "?");
	if (json_is_integer(json_object_get(task, "pid")))
		html_printf(f, " <small class=fact>PID %d</small>",
		            (int)json_integer_value(json_object_get(task, "pid")));
}

/* In a few words. */
static void put_wait(FILE *f, const json_t *wait)
{
	const json_t *owner = json_object_get(wait, "owner");

	html_printf(f, " <small class=fact>waits for <b>%s %s</b>", html_string(wait, "kind"),
	            html_string(wait, "symbol"));
	if (json_is_integer(owner))
		html_printf(f, " of PID %d", (int)json_integer_value(owner));
	html_printf(f, "</small>");
}

/* Writes a task that stands for @n that are alike. */
static void put_task(FILE *f, const json_t *task, size_t n)
{
	static const char *const known[] = {
		"pid",   "name",      "state",   "kernel", "seconds_since_run",
		"trace", "waits_for", "waiting", NULL
	};
	const json_t *age = json_object_get(task, "seconds_since_run");
	const json_t *wait = json_object_get(task, "waits_for");

	html_fold(f, false, "card");
	html_printf(f, "<span class=tag>%s</span> ", html_string(task, "state"));
	html_task_name(f, task);
	if (json_is_number(age)) {
		html_printf(f, " <small class=fact>ran ");
		html_value(f, "seconds", age);
		html_printf(f, " before</small>");
	}
	if (json_is_object(wait))
		put_wait(f, wait);
	if (n > 1)
		html_printf(f, " <b>%zu tasks like this</b>", n);
	html_printf(f, "</summary>");
	html_trace(f, json_object_get(task, "trace"));
	if (json_is_object(wait)) {
		html_printf(f, "<h3>Waits for</h3>");
		html_value(f, "waits_for", wait);
	}
	if (n == 1)
		html_pairs(f, task, known);
}

/* --- Those that are alike -------------------------------------------------------------------- */

struct listed {
	char *key; /* the same for tasks that are alike */
	const json_t *task;
	size_t index; /* of the task in the list */
	size_t n;     /* entries from this one on that are alike */
};

/* A report that does not say who waited has the calls of those alone. */
static bool has_waited(const json_t *task)
{
	return json_object_get(task, "trace") && !json_is_false(json_object_get(task, "waiting"));
}

static bool has_slept(const json_t *task)
{
	return json_object_get(task, "trace") && json_is_false(json_object_get(task, "waiting"));
}

/* State, calls, and whom it waits for. */
static char *key_of(const json_t *task)
{
	const json_t *trace = json_object_get(task, "trace");
	const json_t *wait = json_object_get(task, "waits_for");
	const json_t *frames = json_object_get(trace, "frames"), *frame;
	char *key = NULL;
	size_t len, i;
	FILE *f = open_memstream(&key, &len);

	if (!f)
		return NULL;
	fprintf(f, "%s %s", html_string(task, "state"), html_string(trace, "end"));
	if (json_is_object(wait))
		fprintf(f, " %s %lld %lld %s", html_string(wait, "kind"),
		        (long long)json_integer_value(json_object_get(wait, "owner")),
		        (long long)json_integer_value(json_object_get(wait, "deadlock")),
		        html_string(wait, "gone"));
	json_array_foreach((json_t *)frames, i, frame)
		if (!json_is_false(json_object_get(frame, "sure")))
			fprintf(f, " %s", html_string(frame, "symbol"));
	if (fclose(f) != 0) {
		free(key);
		return NULL;
	}
	return key;
}

static int compare_keys(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;
	int r = x->key == y->key ? 0 : strcmp(x->key, y->key);

	return r ?: (x->index > y->index) - (x->index < y->index);
}

/* The first of each kind in the order of the list, all others behind them. */
static int compare_kinds(const void *a, const void *b)
{
	const struct listed *x = *(const struct listed *const *)a;
	const struct listed *y = *(const struct listed *const *)b;

	return (x->index > y->index) - (x->index < y->index);
}

static void put_kind(FILE *f, const struct listed *e)
{
	put_task(f, e->task, e->n);
	if (e->n > 1) {
		html_printf(f, "<h3>All of them</h3><p>");
		for (size_t i = 0; i < MIN(e->n, MAX_PIDS); i++)
			html_printf(f, i > 0 ? ", %d" : "%d",
			            (int)json_integer_value(json_object_get(e[i].task, "pid")));
		if (e->n > MAX_PIDS)
			html_printf(f, " and %zu more", e->n - MAX_PIDS);
		html_printf(f, "</p>");
	}
	html_printf(f, "</details>\n");
}

static void put_kinds(FILE *f, struct listed *list, size_t n)
{
	_cleanup_free_ struct listed **kinds = calloc(n + 1, sizeof(*kinds));
	size_t n_kinds = 0, rest = 0;

	if (!kinds)
		return;
	qsort(list, n, sizeof(*list), compare_keys);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || !streq(list[i].key, kinds[n_kinds - 1]->key))
			kinds[n_kinds++] = &list[i];
		kinds[n_kinds - 1]->n++;
	}
	qsort(kinds, n_kinds, sizeof(*kinds), compare_kinds);
	for (size_t i = 0; i < n_kinds; i++)
		if (i < MAX_KINDS)
			put_kind(f, kinds[i]);
		else
			rest += kinds[i]->n;
	if (rest > 0)
		html_printf(f, "<p>and %zu more tasks</p>\n", rest);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Gives tasks that are alike the same string, which @tree owns. */
static char *shared_key_of(const json_t *task, void **tree)
{
	char *key = key_of(task), **found = key ? tsearch(key, tree, compare_strings) : NULL;

	if (!found || *found != key)
		free(key);
	return found ? *found : NULL;
}

/* Lack of memory leaves tasks out. */
static void put_tasks(FILE *f, const json_t *tasks, bool (*picks)(const json_t *task))
{
	_cleanup_free_ struct listed *list = calloc(json_array_size(tasks) + 1, sizeof(*list));
	size_t i, n = 0;
	void *tree = NULL;
	json_t *task;

	json_array_foreach((json_t *)tasks, i, task) {
		char *key = list && picks(task) ? shared_key_of(task, &tree) : NULL;

		if (key)
			list[n++] = (struct listed){ .key = key, .task = task, .index = i };
	}
	if (n > 0)
		put_kinds(f, list, n);
	tdestroy(tree, free);
}

static size_t count_tasks(const json_t *tasks, bool (*picks)(const json_t *task))
{
	size_t i, n = 0;
	json_t *task;

	json_array_foreach((json_t *)tasks, i, task)
		n += picks(task);
	return n;
}

void html_waiting(FILE *f, const json_t *tasks)
{
	put_tasks(f, tasks, has_waited);
}

void html_others(FILE *f, const json_t *tasks)
{
	put_tasks(f, tasks, has_slept);
}

size_t html_count_waiting(const json_t *tasks)
{
	return count_tasks(tasks, has_waited);
}

size_t html_count_others(const json_t *tasks)
{
	return count_tasks(tasks, has_slept);
}
