// SPDX-License-Identifier: GPL-2.0-or-later
/* rules-stuck.c - rules about what everybody waited for: locks, RCU, memory. See rules.h. */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "vmcore/findings/rules.h"

/* Locks are taken all the time: what is held this long is stuck. */
#define STUCK_NS UINT64_C(5000000000)

/* The most links from a waiting task to the one that holds them all up. */
#define MAX_LINKS 64

static const char *name_of(const struct task *task)
{
	return task->name[0] ? task->name : "?";
}

/* --- Locks ----------------------------------------------------------------------------------- */

/* The wait at the end of the chain that begins with @wait: nobody else holds its owner up. */
static const struct wait *root_of(const struct wait *wait)
{
	for (unsigned i = 0; wait->next && wait->cycle == 0 && i < MAX_LINKS; i++)
		wait = wait->next;
	return wait;
}

bool rule_deadlock(const struct inquiry *q, struct finding *ret)
{
	const struct waits *all = &q->report->waits;
	const struct wait *first, *at;
	char name[SYMBOLS_TEXT_MAX];
	size_t n = 0, used = 0, behind = 0;
	char more[64] = "";

	if (all->n_cycles == 0)
		return false;
	first = at = all->cycles[0];
	do {
		if (used + 1 < sizeof(ret->evidence))
			used += snprintf(ret->evidence + used, sizeof(ret->evidence) - used,
			                 "%s%s (%d) waits for %s", n ? ", " : "", name_of(at->task),
			                 at->task->pid,
			                 symbols_text(q->report->symbols, at->lock, true, name));
		n++;
		at = at->next;
	} while (at != first && n < MAX_LINKS);
	for (size_t i = 0; i < all->n; i++)
		behind += all->list[i].cycle == 0 && root_of(&all->list[i])->cycle == first->cycle;
	if (behind > 0)
		snprintf(more, sizeof(more), " %zu more wait%s behind them.", behind,
		         behind == 1 ? "s" : "");
	/* A guess by the trace may be wrong. */
	return finding_say(ret, first->sure ? FINDING_CERTAIN : FINDING_LIKELY,
	                   n == 1 ? "Deadlock: a task waits for a lock that it holds itself.%s"
	                          : "Deadlock: tasks wait for each other in a circle.%s",
	                   more);
}

/* The lock that most tasks are behind, directly or by other locks, and how long the first waits. */
static const struct wait *most_wanted(const struct inquiry *q, size_t *ret_n, uint64_t *ret_age)
{
	const struct waits *all = &q->report->waits;
	const struct wait *found = NULL;

	*ret_n = 0;
	for (size_t l = 0; l < all->n_locks; l++) {
		const struct wait *root = root_of(all->locks[l].wait);
		uint64_t longest = 0;
		size_t n = 0;

		if (root->cycle || (!root->owner && !root->gone) || !root->lock ||
		    root->lock != all->locks[l].wait->lock)
			continue;
		for (size_t i = 0; i < all->n; i++)
			if (root_of(&all->list[i])->lock == root->lock) {
				longest = MAX(longest,
				              tasks_age(&q->report->tasks, all->list[i].task));
				n++;
			}
		if (n > *ret_n && longest >= STUCK_NS) {
			*ret_n = n;
			*ret_age = longest;
			found = root;
		}
	}
	return found;
}

/* What the holder of a lock did, in a few words. */
static void write_doing(const struct inquiry *q, const struct task *task, char buf[static 160])
{
	const struct cpu *cpu = tasks_cpu_of(&q->report->tasks, task);
	const struct wait *wait = waits_find(&q->report->waits, task);
	char name[SYMBOLS_TEXT_MAX];

	if (cpu)
		snprintf(buf, 160, "which ran on CPU %u", cpu->number);
	else if (wait && wait->ip)
		snprintf(buf, 160, "which waited in %.120s",
		         symbols_text(q->report->symbols, wait->ip, wait->exact, name));
	else
		snprintf(buf, 160, "which was in state %c", task->state);
}

bool rule_lock(const struct inquiry *q, struct finding *ret)
{
	char name[SYMBOLS_TEXT_MAX], doing[160];
	const struct wait *wait;
	uint64_t age;
	size_t n;

	wait = most_wanted(q, &n, &age);
	if (!wait)
		return false;
	symbols_text(q->report->symbols, wait->lock, true, name);
	finding_show(ret, "%s %.150s, wanted by %s (%d) among others", wait_kinds[wait->kind], name,
	             name_of(wait->task), wait->task->pid);
	if (n == 1)
		finding_show(ret, "%s %.150s, wanted by %s (%d)", wait_kinds[wait->kind], name,
		             name_of(wait->task), wait->task->pid);
	if (wait->gone)
		return finding_say(
			ret, FINDING_CERTAIN,
			"A task ended while it held a lock; %zu task%s waited %.0f s for it.", n,
			n == 1 ? " has" : "s have", age / 1e9);
	write_doing(q, wait->owner, doing);
	return finding_say(ret,
	                   inquiry_is(q, "hung task") && !wait->shared && wait->sure
	                           ? FINDING_CERTAIN
	                           : FINDING_LIKELY,
	                   "%zu task%s waited %.0f s for a lock of %s (%d), %s.", n,
	                   n == 1 ? " has" : "s have", age / 1e9, name_of(wait->owner),
	                   wait->owner->pid, doing);
}

/* --- RCU ------------------------------------------------------------------------------------- */

/* The number behind "rcu: " and a tab in "rcu:  3-....: (...", -1 when there is none. */
static int stalled_cpu(const struct line *line)
{
	char text[64];
	const char *at = text + strlen("rcu: ");

	line_copy(line, text, sizeof(text));
	/* A tab is written as \x09. */
	if (strncmp(at, "\\x09", 4) == 0)
		at += 4;
	at += strspn(at, " \t");
	return isdigit((unsigned char)*at) ? (int)MIN(strtoul(at, NULL, 10), 65535) : -1;
}

bool rule_rcu(const struct inquiry *q, struct finding *ret)
{
	const struct clue *stall = &q->clues[CLUE_RCU], *cpu = &q->clues[CLUE_RCU_CPU],
			  *task = &q->clues[CLUE_RCU_TASK];
	char before[INQUIRY_BEFORE_MAX];

	if (q->clues[CLUE_RCU_STARVED].n > 0 && cpu->n == 0 && task->n == 0) {
		finding_show_line(ret, &q->clues[CLUE_RCU_STARVED].last);
		return finding_say(ret, FINDING_LIKELY, "RCU stalled: its own thread did not run.");
	}
	if (stall->n == 0)
		return false;
	inquiry_before(q, stall->last.ns, before);
	finding_show_line(ret, cpu->n > 0 ? &cpu->last : task->n > 0 ? &task->last : &stall->last);
	if (cpu->n > 0 && stalled_cpu(&cpu->last) >= 0)
		return finding_say(ret, FINDING_CERTAIN, "RCU stalled%s: it waited for CPU %d.",
		                   before, stalled_cpu(&cpu->last));
	if (task->n > 0)
		return finding_say(
			ret, FINDING_CERTAIN,
			"RCU stalled%s: it waited for tasks that were preempted or slept "
			"while they read.",
			before);
	return finding_say(ret, FINDING_CERTAIN, "RCU stalled%s.", before);
}

/* --- Memory ---------------------------------------------------------------------------------- */

/* Who used memory, in KiB. */
struct user {
	char name[128];
	uint64_t size;
};

static void add_user(struct user *largest, uint64_t size, const char *fmt, ...) _printf_(3, 4);

static void add_user(struct user *largest, uint64_t size, const char *fmt, ...)
{
	va_list args;

	if (size <= largest->size)
		return;
	largest->size = size;
	va_start(args, fmt);
	vsnprintf(largest->name, sizeof(largest->name), fmt, args);
	va_end(args);
}

static struct user largest_user(const struct inquiry *q)
{
	const struct report *report = q->report;
	struct user u = {};

	if (report->rss.n > 0) {
		const struct rss *rss = report->rss.by_size[0];
		const struct task *task = &report->tasks.list[rss->task];

		add_user(&u, rss_total(rss) / 1024, "process %s (%d)", name_of(task), task->tgid);
	}
	if (report->slabs.n > 0 && report->slabs.counted)
		add_user(&u, report->slabs.list[0].bytes / 1024, "the slab cache %s",
		         report->slabs.list[0].name);
	add_user(&u, inquiry_meminfo(q, "Slab"), "slab caches");
	add_user(&u, inquiry_meminfo(q, "PageTables"), "page tables");
	add_user(&u, inquiry_meminfo(q, "Hugetlb"), "reserved huge pages");
	add_user(&u, inquiry_meminfo(q, "Shmem"), "shared memory and tmpfs");
	add_user(&u, inquiry_meminfo(q, "VmallocUsed"), "vmalloc");
	add_user(&u, inquiry_meminfo(q, "KernelStack"), "kernel stacks");
	add_user(&u, inquiry_meminfo(q, "Percpu"), "memory of each CPU");
	return u;
}

static bool has_meminfo(const struct inquiry *q, const char *name)
{
	const struct meminfo *m = &q->report->meminfo;

	for (size_t i = 0; i < m->n; i++)
		if (streq(m->rows[i].name, name))
			return true;
	return false;
}

bool rule_memory(const struct inquiry *q, struct finding *ret)
{
	bool panicked = inquiry_is(q, "out of memory");
	uint64_t total = inquiry_meminfo(q, "MemTotal"), free = inquiry_meminfo(q, "MemAvailable");
	bool known = total > 0 && has_meminfo(q, "MemAvailable");
	struct user user = largest_user(q);
	char size[TEXT_SIZE_MAX], all[TEXT_SIZE_MAX];

	if (!panicked && !(known && free < total / 100))
		return false;
	if (q->clues[CLUE_OOM].n > 0)
		finding_show_line(ret, &q->clues[CLUE_OOM].last);
	else if (known)
		finding_show(ret, "MemAvailable %" PRIu64 " kB of MemTotal %" PRIu64 " kB", free,
		             total);
	else
		finding_show(ret, "%.*s", (int)strcspn(q->kind.line, "\n"), q->kind.line);
	if (known && free > total / 10)
		return finding_say(
			ret, FINDING_LIKELY,
			"Memory was exhausted within a limit: that of a cgroup, a cpuset or "
			"a node.");
	if (!known || user.size < total / 4)
		return finding_say(ret, panicked ? FINDING_CERTAIN : FINDING_LIKELY,
		                   "Memory was exhausted; nobody alone had much of it.");
	text_from_size(user.size * 1024, size);
	text_from_size(total * 1024, all);
	return finding_say(ret, panicked ? FINDING_CERTAIN : FINDING_LIKELY,
	                   "Memory was exhausted: %s had %s of %s.", user.name, size, all);
}
