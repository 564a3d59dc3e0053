// SPDX-License-Identifier: GPL-2.0-or-later
/* text-cpus.c - what each CPU did, as text. */
#include <inttypes.h>

#include "vmcore/text/text-kit.h"

/* Names of tasks in one queue. */
#define MAX_QUEUED 20

/* A clock that is further behind than an idle one or a tick can be. */
#define LATE_NS UINT64_C(2000000000)

static void write_register(const struct writing *w, const struct registers *regs,
                           const struct register_row *row)
{
	uint64_t value = regs->words[row->word];
	char name[SYMBOLS_TEXT_MAX];

	fprintf(w->f, "%-*s: ", regs->layout->name_width, row->name);
	if (row->segment)
		fprintf(w->f, "%04" PRIx64 ":", regs->words[row->segment]);
	if (row->symbol)
		fputs(symbols_text(w->r->symbols, value, true, name), w->f);
	else
		fprintf(w->f, "%0*" PRIx64, (int)row->digits, value);
}

static void write_registers(const struct writing *w, const struct registers *regs)
{
	const struct register_layout *l = regs->layout;
	bool begin = true;

	for (size_t i = 0; i < l->n_rows; i++) {
		const struct register_row *row = &l->rows[i];
		char code[REGISTERS_CODE_TEXT];

		if (registers_has(regs, row)) {
			fputs(begin ? "    " : " ", w->f);
			write_register(w, regs, row);
			begin = false;
		}
		if (row->ends_line) {
			fputc('\n', w->f);
			begin = true;
		}
		if (row->before_code && registers_code(regs, code)[0])
			fprintf(w->f, "    Code: %s\n", code);
	}
}

static void write_queue(const struct writing *w, const struct runqueue *q)
{
	enum queue_class class = QUEUE_CLASSES;
	size_t n = 0;

	for (size_t i = 0; i < q->n; i++) {
		const struct queued *queued = &q->list[i];

		if (queued->delayed || ++n > MAX_QUEUED)
			continue;
		fputs(n == 1 ? "    queued: " : ", ", w->f);
		if (queued->class != class)
			fprintf(w->f, "%s ", queue_classes[queued->class]);
		class = queued->class;
		fprintf(w->f, "%s (%d)", queued->task->name, queued->task->pid);
	}
	if (n > MAX_QUEUED)
		fprintf(w->f, " and %zu more", n - MAX_QUEUED);
	if (n > 0)
		fputc('\n', w->f);
}

static void write_head(const struct writing *w, const struct cpu *cpu, const struct task *task)
{
	bool panicked = (int)cpu->number == w->r->tasks.panic_cpu;
	uint64_t now = tasks_clock(&w->r->tasks);
	char buf[64];

	if (panicked)
		writing_style(w, REPORT_PANICKED);
	fprintf(w->f, "  CPU %u%s", cpu->number, panicked ? ", which panicked" : "");
	if (task)
		fprintf(w->f, ": %s, process %d", task->name[0] ? task->name : "?", task->pid);
	if (cpu->n_running > 0)
		fprintf(w->f, ", %" PRIu64 " to run", cpu->n_running);
	if (task && task->address != cpu->idle && task->arrived > 0 && now > task->arrived)
		fprintf(w->f, ", running for %s",
		        writing_duration((now - task->arrived) / 1e9, buf));
	fputc('\n', w->f);
	writing_style(w, REPORT_PLAIN);
	/* Idle CPUs need no clock. */
	if (cpu->clock > 0 && cpu->current != cpu->idle && now - cpu->clock > LATE_NS)
		fprintf(w->f, "    (its queue's clock stood still for %s)\n",
		        writing_duration((now - cpu->clock) / 1e9, buf));
}

static void write_cpu(const struct writing *w, size_t nr)
{
	const struct report *r = w->r;
	const struct cpu *cpu = &r->tasks.cpus[nr];
	bool panicked = (int)cpu->number == r->tasks.panic_cpu;
	struct registers regs;
	struct trace t;

	write_head(w, cpu, tasks_find(&r->tasks, cpu->current));
	report_trace_cpu(r, cpu, &t);
	/* What a CPU had in its registers while it did nothing is not worth reading. */
	if ((panicked || cpu->current != cpu->idle || cpu->current == 0) &&
	    report_registers(r, cpu, &t, &regs) == 0)
		write_registers(w, &regs);
	writing_trace(w, &t);
	if (panicked && t.user_regs && registers_from_memory(r->ks, t.user_regs, &regs) == 0)
		write_registers(w, &regs);
	write_queue(w, &r->queues.cpus[nr]);
}

void writing_cpus(const struct writing *w)
{
	const struct tasks *t = &w->r->tasks;

	writing_heading(w, "CPUs");
	writing_missing(w, "remark", t->cpus_remark);
	writing_missing(w, "queues", t->n_cpus ? w->r->queues.remark : "");
	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < t->n_cpus; i++)
			if (((int)t->cpus[i].number != t->panic_cpu) == others)
				write_cpu(w, i);
}
