// SPDX-License-Identifier: GPL-2.0-or-later
/* report-text.c - a report as text, see report.h. */
#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "vmcore/base/err.h"
#include "vmcore/base/text.h"
#include "vmcore/report/report.h"

#define LOG_TAIL 50 /* lines */

/* Printed where there are more tasks than anybody reads. */
#define MAX_TRACES 100

struct writing {
	const struct report *r;
	const struct report_options *o;
	FILE *f;
};

static void heading(const struct writing *w, const char *text)
{
	fprintf(w->f, "\n%s\n", text);
}

static void missing(const struct writing *w, const char *what, const char *why)
{
	if (*why)
		fprintf(w->f, "  %s: %s\n", what, why);
}

static void row(const struct writing *w, const char *key, const char *value)
{
	if (*value)
		fprintf(w->f, "%14s: %s\n", key, value);
}

/* "3 days 4:05:06", or "12.345 s" of what is short. */
static const char *duration(double seconds, char buf[static 64])
{
	uint64_t s = seconds, days = s / 86400;

	if (seconds < 60)
		snprintf(buf, 64, "%.3f s", seconds);
	else if (days == 0)
		snprintf(buf, 64, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600, s / 60 % 60,
		         s % 60);
	else
		snprintf(buf, 64, "%" PRIu64 " day%s %" PRIu64 ":%02" PRIu64 ":%02" PRIu64, days,
		         days == 1 ? "" : "s", s / 3600 % 24, s / 60 % 60, s % 60);
	return buf;
}

static void write_taint(const struct writing *w)
{
	const struct report *r = w->r;
	const char *key = "Tainted";

	if (r->no_taint[0] || r->taint == 0) {
		row(w, key, r->no_taint[0] ? r->no_taint : "no");
		return;
	}
	for (size_t i = 0; i < 64; i++) {
		if (!(r->taint >> i & 1))
			continue;
		if (i < report_n_taints)
			fprintf(w->f, "%14s%s %c, %s\n", key, *key ? ":" : " ",
			        report_taints[i].letter, report_taints[i].reason);
		else
			fprintf(w->f, "%14s%s bit %zu\n", key, *key ? ":" : " ", i);
		key = "";
	}
}

static void write_summary(const struct writing *w)
{
	const struct report *r = w->r;
	char buf[64], when[64] = "";
	time_t t = r->crashed;
	struct tm tm;

	fprintf(w->f, "%s\n\n", r->title ? r->title : "A crash without a message");
	row(w, "Remark", r->no_title);
	row(w, "Kernel", r->uts.release);
	row(w, "Version", r->uts.version);
	row(w, "Machine", r->uts.machine);
	row(w, "Host", r->uts.nodename);
	if (t > 0 && gmtime_r(&t, &tm) && strftime(when, sizeof(when), "%F %T UTC", &tm) > 0)
		row(w, "Time", when);
	if (r->uptime > 0)
		row(w, "Up", duration(r->uptime, buf));
	if (r->no_loads[0] == '\0')
		fprintf(w->f, "%14s: %.2f %.2f %.2f\n", "Load", r->loads[0] / 2048.0,
		        r->loads[1] / 2048.0, r->loads[2] / 2048.0);
	if (r->tasks.n_cpus > 0)
		fprintf(w->f, "%14s: %zu\n", "CPUs", r->tasks.n_cpus);
	write_taint(w);
	row(w, "Command line", r->command_line ? r->command_line : r->no_command_line);
}

static void write_trace(const struct writing *w, const struct trace *t)
{
	char name[SYMBOLS_TEXT_MAX];

	for (size_t i = 0; i < t->n; i++) {
		const struct frame *f = &t->frames[i];

		if (f->interrupted && i > 0)
			fprintf(w->f, "    -- interrupted --\n");
		fprintf(w->f, "    %s%s\n", f->sure ? "" : "? ",
		        symbols_text(w->r->symbols, f->ip, f->exact, name));
	}
	if (t->end == TRACE_BROKEN)
		fprintf(w->f, "    (%s)\n", t->reason);
	else if (t->end == TRACE_USER)
		fprintf(w->f, "    (from user space)\n");
}

static void write_cpu(const struct writing *w, const struct cpu *cpu)
{
	const struct task *task = tasks_find(&w->r->tasks, cpu->current);
	struct trace t;

	fprintf(w->f, "  CPU %u%s", cpu->number,
	        (int)cpu->number == w->r->tasks.panic_cpu ? ", which panicked" : "");
	if (task)
		fprintf(w->f, ": %s, process %d", task->name[0] ? task->name : "?", task->pid);
	if (cpu->n_running > 0)
		fprintf(w->f, ", %" PRIu64 " to run", cpu->n_running);
	fputc('\n', w->f);
	report_trace_cpu(w->r, cpu, &t);
	write_trace(w, &t);
}

static void write_cpus(const struct writing *w)
{
	const struct tasks *t = &w->r->tasks;

	heading(w, "CPUs");
	missing(w, "remark", t->cpus_remark);
	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < t->n_cpus; i++)
			if (((int)t->cpus[i].number != t->panic_cpu) == others)
				write_cpu(w, &t->cpus[i]);
}

/* Tasks in state D, which wait for something and cannot be killed, and those in R that no CPU ran.
 */
static void write_waiting(const struct writing *w)
{
	const struct tasks *t = &w->r->tasks;
	size_t n = 0;

	heading(w, "Blocked and waiting to run");
	missing(w, "remark", t->remark);
	for (size_t i = 0; i < t->n; i++) {
		const struct task *task = &t->list[i];
		uint64_t age = tasks_age(t, task);
		struct trace trace;
		char buf[64];

		if (!tasks_waits(t, task))
			continue;
		if (++n > MAX_TRACES)
			continue;
		fprintf(w->f, "  %c %d %s", task->state, task->pid, task->name);
		if (age > 0)
			fprintf(w->f, ", ran %s before", duration(age / 1e9, buf));
		fputc('\n', w->f);
		report_trace_task(w->r, task, &trace);
		write_trace(w, &trace);
	}
	if (n > MAX_TRACES)
		fprintf(w->f, "  and %zu more\n", n - MAX_TRACES);
	else if (n == 0 && t->n > 0)
		fprintf(w->f, "  none\n");
}

static void write_tasks(const struct writing *w)
{
	const struct tasks *t = &w->r->tasks;

	heading(w, "Tasks");
	fprintf(w->f, "%9s %9s %9s %5s S %14s  %s\n", "PID", "PROCESS", "PARENT", "CPU", "LAST RUN",
	        "NAME");
	for (size_t i = 0; i < t->n; i++) {
		const struct task *task = &t->list[i];
		uint64_t age = tasks_age(t, task);
		char buf[64] = "";

		fprintf(w->f, "%9d %9d %9d %5u %c %14s  %s%s%s\n", task->pid, task->tgid,
		        task->parent, task->cpu, task->state, age ? duration(age / 1e9, buf) : "",
		        task->kernel ? "[" : "", task->name, task->kernel ? "]" : "");
	}
}

static void write_modules(const struct writing *w)
{
	static const char *const states[MODULE_STATES] = {
		[MODULE_LIVE] = "",
		[MODULE_COMING] = " (being set up)",
		[MODULE_GOING] = " (being removed)",
		[MODULE_UNFORMED] = " (being loaded)",
	};
	const struct modlist *m = symbols_modules(w->r->symbols);

	heading(w, "Modules");
	missing(w, "remark", m->remark);
	for (size_t i = 0; i < m->n; i++) {
		const struct module *module = &m->modules[i];
		char size[TEXT_SIZE_MAX], taints[32] = "";
		size_t n = 0;

		for (size_t bit = 0; bit < report_n_taints; bit++)
			if (module->taints >> bit & 1)
				taints[n++] = report_taints[bit].letter;
		fprintf(w->f, "  %-24s %8s%s%s%s\n", module->name,
		        text_from_size(module->size, size), n ? " " : "", taints,
		        states[module->state]);
	}
	if (m->n == 0 && !m->remark[0])
		fprintf(w->f, "  none\n");
}

static void write_log(const struct writing *w)
{
	const struct report *r = w->r;
	const char *from = r->log;

	heading(w, w->o->whole_log ? "Log" : "End of the log");
	missing(w, "remark", r->no_log);
	if (!r->log)
		return;
	if (!w->o->whole_log) {
		unsigned lines = 0;

		for (from = r->log + r->log_len; from > r->log; from--)
			if (from[-1] == '\n' && lines++ == LOG_TAIL)
				break;
	}
	fwrite(from, 1, r->log + r->log_len - from, w->f);
}

static void write_dump(const struct writing *w)
{
	const struct dump *d = w->r->dump;

	heading(w, "Dump");
	row(w, "Format", dump_format_name(d));
	fprintf(w->f, "%14s: %u\n", "Level", d->level);
	row(w, "State", d->state == DUMP_COMPLETE ? "complete" : "incomplete");
}

int report_text(const struct report *r, const struct report_options *o, FILE *f)
{
	const struct writing w = { .r = r, .o = o, .f = f };

	if (!r->ks) {
		fprintf(f, "The kernel cannot be found in this dump: %s\n", r->no_kernel);
		write_dump(&w);
		return ferror(f) ? errf(-EIO, "the report cannot be written") : 0;
	}
	write_summary(&w);
	write_cpus(&w);
	write_waiting(&w);
	if (o->all_tasks)
		write_tasks(&w);
	write_modules(&w);
	write_log(&w);
	write_dump(&w);
	return ferror(f) ? errf(-EIO, "the report cannot be written") : 0;
}
