// SPDX-License-Identifier: GPL-2.0-or-later
/* findings.c - asks all rules, see findings.h. */
#include "vmcore/findings/findings.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "vmcore/findings/rules.h"
#include "vmcore/report/fingerprint.h"

const char *const finding_degrees[FINDING_DEGREES] = {
	[FINDING_CERTAIN] = "certain",
	[FINDING_LIKELY] = "likely",
	[FINDING_HINT] = "hint",
};

/* Of equal degree, the one that stands first here is told first. */
static const struct rule rules[] = {
	{ "requested", WANTS_CRASH, rule_requested },
	{ "machine_check", WANTS_ANYTHING, rule_machine_check },
	{ "memory_error", WANTS_ANYTHING, rule_ecc },
	{ "pci_error", WANTS_ANYTHING, rule_pci },
	{ "deadlock", WANTS_ANYTHING, rule_deadlock },
	{ "lock", WANTS_ANYTHING, rule_lock },
	{ "out_of_memory", WANTS_ANYTHING, rule_memory },
	{ "stack", WANTS_CRASH, rule_stack },
	{ "freed_memory", WANTS_ANYTHING, rule_freed },
	{ "overwritten", WANTS_ANYTHING, rule_overwritten },
	{ "flipped_bit", WANTS_FAULT, rule_bit },
	{ "root", WANTS_CRASH, rule_root },
	{ "init", WANTS_CRASH, rule_init },
	{ "rcu_stall", WANTS_ANYTHING, rule_rcu },
	{ "busy_cpu", WANTS_ANYTHING, rule_cpu },
	{ "hung_task", WANTS_ANYTHING, rule_hung },
	{ "no_answer", WANTS_ANYTHING, rule_io },
	{ "io_error", WANTS_ANYTHING, rule_io_error },
	{ "interrupts", WANTS_ANYTHING, rule_interrupts },
	{ "earlier_oops", WANTS_CRASH, rule_oopses },
	{ "second_panic", WANTS_CRASH, rule_panics },
	{ "module", WANTS_CRASH, rule_module },
	{ "warning", WANTS_CRASH, rule_warning },
};

/* --- For the rules --------------------------------------------------------------------------- */

bool inquiry_is(const struct inquiry *q, const char *name)
{
	return q->crashed && strncmp(q->kind.name, name, strlen(name)) == 0;
}

static bool is_fault(const struct inquiry *q)
{
	static const char *const kinds[] = { "null pointer",   "page fault",
		                             "BUG at",         "general protection fault",
		                             "oops",           "KASAN",
		                             "invalid opcode", "internal error" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (inquiry_is(q, kinds[i]))
			return true;
	return false;
}

const struct task *inquiry_task(const struct inquiry *q)
{
	const struct tasks *t = &q->report->tasks;

	for (size_t i = 0; i < t->n_cpus; i++)
		if ((int)t->cpus[i].number == t->panic_cpu)
			return tasks_find(t, t->cpus[i].current);
	return NULL;
}

const char *inquiry_before(const struct inquiry *q, uint64_t ns,
                           char buf[static INQUIRY_BEFORE_MAX])
{
	if (ns == 0 || q->crash_ns == 0)
		buf[0] = '\0';
	else if (ns + UINT64_C(1000000000) > q->crash_ns)
		snprintf(buf, INQUIRY_BEFORE_MAX, " with the crash");
	else
		snprintf(buf, INQUIRY_BEFORE_MAX, " %" PRIu64 " s before the crash",
		         (q->crash_ns - ns) / 1000000000);
	return buf;
}

bool inquiry_find_meminfo(const struct inquiry *q, const char *name, uint64_t *ret)
{
	const struct meminfo *m = &q->report->meminfo;

	for (size_t i = 0; i < m->n; i++)
		if (streq(m->rows[i].name, name)) {
			*ret = m->rows[i].value;
			return true;
		}
	return false;
}

uint64_t inquiry_meminfo(const struct inquiry *q, const char *name)
{
	uint64_t value = 0;

	inquiry_find_meminfo(q, name, &value);
	return value;
}

bool finding_say(struct finding *f, enum finding_degree degree, const char *fmt, ...)
{
	va_list args;

	f->degree = degree;
	va_start(args, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, args);
	va_end(args);
	return true;
}

bool finding_show(struct finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->evidence, sizeof(f->evidence), fmt, args);
	va_end(args);
	return true;
}

bool finding_show_line(struct finding *f, const struct line *line)
{
	line_copy(line, f->evidence, sizeof(f->evidence));
	return true;
}

bool finding_show_crash(const struct inquiry *q, struct finding *ret)
{
	struct lines it = { .report = q->report };
	struct line line;

	lines_seek(&it, q->kind.line);
	return lines_next(&it, &line) && finding_show_line(ret, &line);
}

bool finding_say_clue(const struct inquiry *q, enum clue_kind kind, enum finding_degree degree,
                      const char *text, struct finding *ret)
{
	const struct clue *clue = &q->clues[kind];
	char before[INQUIRY_BEFORE_MAX];

	if (clue->n == 0)
		return false;
	finding_show_line(ret, &clue->last);
	if (clue->n == 1)
		return finding_say(ret, degree, "%s%s.", text,
		                   inquiry_before(q, clue->last.ns, before));
	return finding_say(ret, degree, "%s, %zu times, the last one%s.", text, clue->n,
	                   inquiry_before(q, clue->last.ns, before));
}

/* --- All of them ----------------------------------------------------------------------------- */

/* The address in the message of a fault: "address: 0123456789abcdef", "at virtual address ...",
 * "address 0x...", "paging request at ...". 0: it has none. */
static uint64_t address_of(const struct line *line)
{
	static const char *const words[] = { "address: ", "address ", "request at ",
		                             "dereference at " };
	char text[256];

	line_copy(line, text, sizeof(text));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *at = strstr(text, words[i]);

		if (at && isxdigit((unsigned char)at[strlen(words[i])]))
			return strtoull(at + strlen(words[i]), NULL, 16);
	}
	return 0;
}

static void look_at_crash(struct inquiry *q)
{
	struct lines it = { .report = q->report };
	struct line line;

	if (!q->report->log || crash_kind_find(q->report->log, &q->kind) < 0)
		return;
	q->crashed = true;
	fingerprint_calls(q->report, &q->kind, CALLS_MAX, &q->calls);
	/* Up to 4.20, SysRq wrote to address 0 (drivers/tty/sysrq.c). */
	if (q->calls.n > 0 && streq(q->calls.names[0], "sysrq_handle_crash"))
		strcpy(q->kind.name, "sysrq");
	lines_seek(&it, q->kind.line);
	if (lines_next(&it, &line)) {
		q->crash_ns = line.ns;
		q->address = address_of(&line);
	}
}

static bool is_wanted(const struct rule *rule, const struct inquiry *q)
{
	return rule->wants == WANTS_ANYTHING || (rule->wants == WANTS_CRASH && q->crashed) ||
	       (rule->wants == WANTS_FAULT && is_fault(q));
}

/* Keeps the most certain ones. */
static void add(struct findings *all, const struct finding *f)
{
	size_t at = all->n;

	while (at > 0 && all->list[at - 1].degree > f->degree)
		at--;
	if (at == FINDINGS_MAX)
		return;
	if (all->n < FINDINGS_MAX)
		all->n++;
	memmove(&all->list[at + 1], &all->list[at], (all->n - 1 - at) * sizeof(*f));
	all->list[at] = *f;
}

void findings_make(struct report *report, struct findings *ret)
{
	struct inquiry q = { .report = report };

	ret->n = 0;
	look_at_crash(&q);
	if (report->log)
		clues_find(report, q.crashed ? q.kind.line : NULL, q.clues);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct finding f = { .rule = rules[i].name };

		if (is_wanted(&rules[i], &q) && rules[i].check(&q, &f))
			add(ret, &f);
	}
}
