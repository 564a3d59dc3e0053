// SPDX-License-Identifier: GPL-2.0-or-later
/* part-tasks.c - deadlocks, locks, tasks that waited, and all tasks. */
#include <inttypes.h>

#include "vmcore/text/json-kit.h"
#include "vmcore/text/task-groups.h"
#include "vmcore/text/text-kit.h"

/* The most of each that are written. */
#define MAX_TRACES 100
#define MAX_LOCKS  20
#define MAX_LINKS  16

/* The most traces that several tasks of the JSON can share. */
#define SHARED_TRACES 1000

static void write_task(const struct writing *w, const struct task *task)
{
	fprintf(w->f, "%s (%d)", task->name[0] ? task->name : "?", task->pid);
}

/* The words after "waits", with and without a known address. */
static const struct {
	const char *known, *unknown;
} texts[WAIT_KINDS] = {
	[WAIT_OTHER] = { "for something", "for something" },
	[WAIT_MUTEX] = { "for mutex", "for a mutex" },
	[WAIT_RWSEM_READ] = { "to read rwsem", "to read an rwsem" },
	[WAIT_RWSEM_WRITE] = { "to write rwsem", "to write an rwsem" },
	[WAIT_RT_MUTEX] = { "for rt_mutex", "for an rt_mutex" },
	[WAIT_SEMAPHORE] = { "for semaphore", "for a semaphore" },
	[WAIT_COMPLETION] = { "for completion", "for a completion" },
	[WAIT_PAGE] = { "for the page with the struct page", "for a page" },
	[WAIT_BIT] = { "for a bit of the word", "for a bit" },
	[WAIT_FUTEX] = { "for futex", "for a futex" },
	[WAIT_IO] = { "for I/O", "for I/O" },
};

/* "for mutex rtnl_mutex+0x0/0x20". */
static void write_lock(const struct writing *w, const struct wait *wait)
{
	char name[SYMBOLS_TEXT_MAX];

	if (wait->lock)
		fprintf(w->f, "%s %s", texts[wait->kind].known,
		        symbols_text(w->report->symbols, wait->lock, true, name));
	else
		fputs(texts[wait->kind].unknown, w->f);
}

static void write_owner(const struct writing *w, const struct wait *wait)
{
	if (wait->shared && wait->readers)
		fprintf(w->f, ", held by %" PRIu64 " reader%s", wait->readers,
		        wait->readers == 1 ? "" : "s");
	else if (wait->shared)
		fprintf(w->f, ", held by readers");
	if (wait->gone)
		fprintf(w->f,
		        ", held by a task that is gone (its task_struct was at 0x%" PRIx64 ")",
		        wait->gone);
	if (!wait->owner)
		return;
	fprintf(w->f, wait->shared ? ", the last of them " : ", held by ");
	write_task(w, wait->owner);
}

/* "waits for ..., held by ..., in ...". */
static void write_wait(const struct writing *w, const struct wait *wait)
{
	char name[SYMBOLS_TEXT_MAX];

	fputs("waits ", w->f);
	write_lock(w, wait);
	write_owner(w, wait);
	if (wait->ip)
		fprintf(w->f, ", in %s",
		        symbols_text(w->report->symbols, wait->ip, wait->exact, name));
	if (!wait->sure && wait->kind != WAIT_OTHER)
		fputs(" (a guess by the trace)", w->f);
	fputc('\n', w->f);
}

/* What a task does that does not wait for a lock. */
static void write_doing(const struct writing *w, const struct task *task)
{
	const struct cpu *cpu = tasks_cpu_of(&w->report->tasks, task);

	if (cpu)
		fprintf(w->f, "ran on CPU %u\n", cpu->number);
	else if (task->state == 'R')
		fprintf(w->f, "waited to run on CPU %u\n", task->cpu);
	else
		fprintf(w->f, "was in state %c\n", task->state);
}

/* The holder of the lock, what that one waits for, and so on. */
static void write_chain(const struct writing *w, const struct wait *wait)
{
	const struct wait *first = wait;
	unsigned links = 0;

	fputs("    ", w->f);
	write_wait(w, wait);
	for (; wait->next && wait->cycle == 0 && links < MAX_LINKS; links++) {
		wait = wait->next;
		fputs("      ", w->f);
		write_task(w, wait->task);
		fputc(' ', w->f);
		write_wait(w, wait);
	}
	if (wait->cycle > 0)
		fprintf(w->f, "      %s deadlock %zu\n", wait == first ? "part of" : "blocked by",
		        wait->cycle);
	else if (wait->owner && !wait->next) {
		fputs("      ", w->f);
		write_task(w, wait->owner);
		fputc(' ', w->f);
		write_doing(w, wait->owner);
	}
}

static void write_deadlocks(const struct writing *w)
{
	const struct waits *all = &w->report->waits;

	if (all->n_cycles == 0)
		return;
	writing_heading(w, "Deadlocks");
	for (size_t i = 0; i < all->n_cycles && i < MAX_TRACES; i++) {
		const struct wait *wait = all->cycles[i];

		do {
			if (wait == all->cycles[i])
				fprintf(w->f, "  %zu. ", i + 1);
			else
				fputs("     ", w->f);
			write_task(w, wait->task);
			fputc(' ', w->f);
			write_wait(w, wait);
			wait = wait->next;
		} while (wait != all->cycles[i]);
	}
	if (all->n_cycles > MAX_TRACES)
		fprintf(w->f, "  and %zu more\n", all->n_cycles - MAX_TRACES);
}

static void write_locks(const struct writing *w)
{
	const struct waits *all = &w->report->waits;

	if (all->n_locks == 0)
		return;
	writing_heading(w, "Waited for");
	for (size_t i = 0; i < all->n_locks && i < MAX_LOCKS; i++) {
		const struct wait *wait = all->locks[i].wait;

		fprintf(w->f, "  %zu wait%s ", all->locks[i].n, all->locks[i].n == 1 ? "s" : "");
		write_lock(w, wait);
		write_owner(w, wait);
		fputc('\n', w->f);
	}
	if (all->n_locks > MAX_LOCKS)
		fprintf(w->f, "  and %zu more\n", all->n_locks - MAX_LOCKS);
}

/* One of the tasks that are alike stands for all of them. */
static void write_group(const struct writing *w, const struct task_group *g)
{
	const struct task *task = g->first;
	const struct wait *wait = waits_find(&w->report->waits, task);
	uint64_t age = tasks_age(&w->report->tasks, task);
	char buf[64], pids[TASK_GROUP_PIDS];
	struct trace trace;

	fprintf(w->f, "  %c %d %s", task->state, task->pid, task->name);
	if (age > 0)
		fprintf(w->f, ", ran %s before", writing_duration(age / 1e9, buf));
	fputc('\n', w->f);
	if (g->n > 1)
		fprintf(w->f, "    %zu tasks like this%s: %s\n", g->n,
		        g->same_lock ? "" : ", not all for the same lock",
		        task_group_pids(g, pids));
	if (wait)
		write_chain(w, wait);
	report_trace_task(w->report, task, &trace);
	writing_trace(w, &trace);
}

/* Tasks that wait in state D or for a lock, in a deadlock first, or in state R for a CPU. */
static void write_waiting(const struct writing *w)
{
	_cleanup_(task_groups_done) struct task_groups all = {};
	size_t rest = 0;

	writing_part(w);
	if (task_groups_make(w->report, &all) < 0) {
		fputs("  there is no memory for all of them\n", w->f);
		return;
	}
	for (size_t i = 0; i < all.n; i++)
		if (i < MAX_TRACES)
			write_group(w, &all.list[i]);
		else
			rest += all.list[i].n;
	if (rest > 0)
		fprintf(w->f, "  and %zu more\n", rest);
	else if (all.n == 0 && w->report->tasks.n > 0)
		fprintf(w->f, "  none\n");
}

static void write_tasks(const struct writing *w)
{
	write_deadlocks(w);
	write_locks(w);
	write_waiting(w);
	if (w->o->all_tasks)
		writing_task_tree(w);
}

static json_t *symbol_json(const struct report *report, uint64_t address, bool exact)
{
	char name[SYMBOLS_TEXT_MAX];

	return address ? text_json(symbols_text(report->symbols, address, exact, name))
	               : json_null();
}

/* A lock and its holder. */
static json_t *lock_json(const struct report *report, const struct wait *wait)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:b, s:I}", "kind", wait_kinds[wait->kind],
	                 "address", wait->lock ? address_json(wait->lock) : json_null(), "symbol",
	                 symbol_json(report, wait->lock, true), "owner",
	                 wait->owner ? json_integer(wait->owner->pid) : json_null(), "gone",
	                 wait->gone ? address_json(wait->gone) : json_null(), "shared",
	                 wait->shared, "readers", (json_int_t)wait->readers);
}

/* Adds to @o, the object of @task, what it waits for. */
static void add_wait(const struct report *report, const struct task *task, json_t *o)
{
	const struct wait *wait = waits_find(&report->waits, task);
	json_t *lock;

	if (!wait)
		return;
	lock = lock_json(report, wait);
	json_object_set_new(lock, "sure", json_boolean(wait->sure));
	json_object_set_new(lock, "in", symbol_json(report, wait->ip, wait->exact));
	json_object_set_new(lock, "deadlock",
	                    wait->cycle ? json_integer(wait->cycle) : json_null());
	json_object_set_new(o, "waits_for", lock);
}

static size_t count_tasks(const struct writing *w)
{
	return w->report->tasks.n;
}

/* A trace. Most tasks have the same few, which take more memory than the rest of a task. A frame
 * with a stack of its own is one of a CPU. */
static json_t *shared_trace_json(const struct writing *w, const struct trace *t)
{
	char key[TRACE_MAX * 24 + sizeof(t->reason) + 8];
	size_t len = 0;
	json_t *trace;

	for (size_t i = 0; i < t->n; i++) {
		const struct frame *f = &t->frames[i];

		if (f->stack)
			return trace_json(w->report, t);
		len += snprintf(key + len, sizeof(key) - len, "%" PRIx64 "%c", f->ip,
		                'g' + f->exact + 2 * f->sure + 4 * f->interrupted);
	}
	snprintf(key + len, sizeof(key) - len, "%d %s", t->end,
	         t->end == TRACE_BROKEN ? t->reason : "");
	trace = json_object_get(w->traces, key);
	if (trace)
		return json_incref(trace);
	trace = trace_json(w->report, t);
	if (w->traces && json_object_size(w->traces) < SHARED_TRACES)
		json_object_set(w->traces, key, trace);
	return trace;
}

/* A task. It has a trace if it waited, or if all shall have one. */
static json_t *element_json(const struct writing *w, size_t i)
{
	const struct report *report = w->report;
	const struct task *task = &report->tasks.list[i];
	const struct rss *rss = rss_of(&report->rss, task); /* NULL: it has none of its own */
	bool waiting = tasks_waits(&report->tasks, task) || waits_find(&report->waits, task);
	json_t *o = task_json(report, task);

	json_object_set_new(o, "resident", rss ? json_integer(rss_total(rss)) : json_null());
	json_object_set_new(o, "user_seconds", json_real(task->user_time / 1e9));
	json_object_set_new(o, "system_seconds", json_real(task->system_time / 1e9));
	json_object_set_new(o, "age", seconds_json(task->started, tasks_clock(&report->tasks)));
	json_object_set_new(o, "waiting", json_boolean(waiting));
	add_wait(report, task, o);
	if (w->o->all_tasks || waiting) {
		struct trace t;

		report_trace_task(report, task, &t);
		json_object_set_new(o, "trace", shared_trace_json(w, &t));
	}
	return o;
}

static json_t *deadlocks_json(const struct report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->waits.n_cycles; i++) {
		const struct wait *wait = report->waits.cycles[i];
		json_t *members = json_array();

		do {
			json_array_append_new(members, json_integer(wait->task->pid));
			wait = wait->next;
		} while (wait != report->waits.cycles[i]);
		json_array_append_new(list, members);
	}
	return list;
}

static json_t *locks_json(const struct report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->waits.n_locks; i++) {
		json_t *lock = lock_json(report, report->waits.locks[i].wait);

		json_object_set_new(lock, "waiters", json_integer(report->waits.locks[i].n));
		json_array_append_new(list, lock);
	}
	return list;
}

static json_t *waits_json(const struct writing *w)
{
	return json_pack("{s:o, s:o}", "deadlocks", deadlocks_json(w->report), "locks",
	                 locks_json(w->report));
}

const struct report_part part_tasks = {
	.name = "tasks",
	.title = "Blocked and waiting to run",
	.needs = REPORT_TASKS | REPORT_WAITS | REPORT_RSS | REPORT_TRACES,
	.text = write_tasks,
	.length = count_tasks,
	.element = element_json,
	.reasons = { REPORT_REASON("tasks", "remark", tasks.remark),
	             REPORT_REASON("waits", "locks", waits.remark) },
};

const struct report_part part_waits = {
	.name = "waits",
	.spread = true,
	.needs = REPORT_TASKS | REPORT_WAITS,
	.json = waits_json,
};
