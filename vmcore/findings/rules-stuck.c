// SPDX-License-Identifier: GPL-2.0-or-later
/* rules-stuck.c - rules about what others waited for: locks, CPUs, RCU. See rules.h. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

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
	bool sure = true;

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
		sure &= at->sure;
		at = at->next;
	} while (at != first && n < MAX_LINKS);
	for (size_t i = 0; i < all->n; i++)
		behind += all->list[i].cycle == 0 && root_of(&all->list[i])->cycle == first->cycle;
	if (behind > 0)
		snprintf(more, sizeof(more), " %zu more wait%s behind them.", behind,
		         behind == 1 ? "s" : "");
	/* A guess by the trace may be wrong. */
	return finding_say(ret, sure ? FINDING_CERTAIN : FINDING_LIKELY,
	                   n == 1 ? "Deadlock: a task waits for a lock that it holds itself.%s"
	                          : "Deadlock: tasks wait for each other in a circle.%s",
	                   more);
}

/* Of as many locks that most wait for it is found what holds them up: more would take long. */
#define MAX_LOCKS 16

/* The lock that most tasks are behind, directly or by other locks, and how long the first waits. */
static const struct wait *most_wanted(const struct inquiry *q, size_t *ret_n, uint64_t *ret_age)
{
	const struct waits *all = &q->report->waits;
	const struct wait *found = NULL;

	*ret_n = 0;
	for (size_t l = 0; l < MIN(all->n_locks, (size_t)MAX_LOCKS); l++) {
		const struct wait *root = root_of(all->locks[l].wait);
		uint64_t longest = 0;
		size_t n = 0;

		if (root->cycle || (!root->owner && !root->gone) || !root->lock)
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
	enum finding_degree degree = FINDING_LIKELY;
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
	/* The last of several readers may not be the one that holds it. */
	if (wait->shared)
		degree = FINDING_HINT;
	else if (inquiry_is(q, "hung task") && wait->sure)
		degree = FINDING_CERTAIN;
	return finding_say(ret, degree, "%zu task%s waited %.0f s for a lock of %s (%d), %s.", n,
	                   n == 1 ? " has" : "s have", age / 1e9, name_of(wait->owner),
	                   wait->owner->pid, doing);
}

/* --- CPUs ------------------------------------------------------------------------------------ */

static const struct task *task_of_cpu(const struct inquiry *q, int nr)
{
	const struct tasks *t = &q->report->tasks;

	for (size_t i = 0; i < t->n_cpus; i++)
		if ((int)t->cpus[i].number == nr)
			return tasks_find(t, t->cpus[i].current);
	return NULL;
}

/* A task that runs this long while others want to is not going to stop. */
#define BUSY_NS UINT64_C(5000000000)

/* Ends with where the CPU was, since that is what does not end. */
static bool say_busy(const struct inquiry *q, const struct cpu *cpu, const struct task *task,
                     uint64_t ns, struct finding *ret)
{
	char name[SYMBOLS_TEXT_MAX] = "";
	struct trace t;

	report_trace_cpu(q->report, cpu, &t);
	/* Above the interrupt that came last is what it interrupted. */
	for (size_t i = 0; i < t.n; i++)
		if (t.frames[i].sure && (!name[0] || t.frames[i].interrupted))
			symbols_text(q->report->symbols, t.frames[i].ip, t.frames[i].exact, name);
	finding_show(ret, "%" PRIu64 " tasks want to run on it%s%.150s", cpu->n_running,
	             name[0] ? "; it is in " : "", name);
	return finding_say(ret,
	                   inquiry_is(q, "soft lockup") || inquiry_is(q, "hard lockup")
	                           ? FINDING_CERTAIN
	                           : FINDING_LIKELY,
	                   "CPU %u ran %s (%d) for %.0f s and let no other task run.", cpu->number,
	                   name_of(task), task->pid, ns / 1e9);
}

bool rule_cpu(const struct inquiry *q, struct finding *ret)
{
	const struct tasks *t = &q->report->tasks;
	bool lockup = inquiry_is(q, "soft lockup") || inquiry_is(q, "hard lockup");
	uint64_t now = tasks_clock(t);

	for (size_t i = 0; i < t->n_cpus; i++) {
		const struct cpu *cpu = &t->cpus[i];
		const struct task *task = tasks_find(t, cpu->current);

		/* Writing the log of a crash may take long. */
		if (!task || cpu->current == cpu->idle || cpu->n_running < 2 ||
		    ((int)cpu->number == t->panic_cpu && !lockup))
			continue;
		if (task->arrived > 0 && now > task->arrived + BUSY_NS)
			return say_busy(q, cpu, task, now - task->arrived, ret);
	}
	return !lockup &&
	       finding_say_clue(q, CLUE_STUCK, FINDING_HINT, "A CPU did not change tasks", ret);
}

bool rule_hung(const struct inquiry *q, struct finding *ret)
{
	return !inquiry_is(q, "hung task") &&
	       finding_say_clue(q, CLUE_HUNG, FINDING_HINT, "A task was blocked for long", ret);
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
	const struct task *ran;
	int nr;

	if (q->clues[CLUE_RCU_STARVED].n > 0 && cpu->n == 0 && task->n == 0) {
		finding_show_line(ret, &q->clues[CLUE_RCU_STARVED].last);
		return finding_say(ret, FINDING_LIKELY, "RCU stalled: its own thread did not run.");
	}
	if (stall->n == 0)
		return false;
	inquiry_before(q, stall->last.ns, before);
	finding_show_line(ret, cpu->n > 0 ? &cpu->last : task->n > 0 ? &task->last : &stall->last);
	nr = cpu->n > 0 ? stalled_cpu(&cpu->last) : -1;
	/* Later the CPU may have gone on. */
	ran = inquiry_is(q, "RCU stall") ? task_of_cpu(q, nr) : NULL;
	if (ran)
		return finding_say(ret, FINDING_CERTAIN,
		                   "RCU stalled%s: it waited for CPU %d, which ran %s (%d).",
		                   before, nr, name_of(ran), ran->pid);
	if (nr >= 0)
		return finding_say(ret, FINDING_CERTAIN, "RCU stalled%s: it waited for CPU %d.",
		                   before, nr);
	if (task->n > 0)
		return finding_say(
			ret, FINDING_CERTAIN,
			"RCU stalled%s: it waited for tasks that were preempted or slept "
			"while they read.",
			before);
	return finding_say(ret, FINDING_CERTAIN, "RCU stalled%s.", before);
}
