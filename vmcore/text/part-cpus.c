// SPDX-License-Identifier: GPL-2.0-or-later
/* part-cpus.c - what each CPU did: its registers, calls and queue. */
#include <inttypes.h>

#include "vmcore/text/json-kit.h"
#include "vmcore/text/text-kit.h"

/* The most tasks of a queue that are named. */
#define MAX_QUEUED 20

/* A clock this far behind has missed more than a tick or an idle time. */
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
		fputs(symbols_text(w->report->symbols, value, true, name), w->f);
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
		if (row->ends_line && !begin) {
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
	bool panicked = (int)cpu->number == w->report->tasks.panic_cpu;
	uint64_t now = tasks_clock(&w->report->tasks);
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
	const struct report *report = w->report;
	const struct cpu *cpu = &report->tasks.cpus[nr];
	bool panicked = (int)cpu->number == report->tasks.panic_cpu;
	struct registers regs;
	struct trace t;

	write_head(w, cpu, tasks_find(&report->tasks, cpu->current));
	report_trace_cpu(report, cpu, &t);
	/* The registers of an idle CPU are not worth reading. */
	if ((panicked || cpu->current != cpu->idle || cpu->current == 0) &&
	    report_registers(report, cpu, &t, &regs) == 0)
		write_registers(w, &regs);
	writing_trace(w, &t);
	if (panicked && t.user_regs && registers_from_memory(report->ks, t.user_regs, &regs) == 0)
		write_registers(w, &regs);
	write_queue(w, &report->queues.cpus[nr]);
}

static void write_cpus(const struct writing *w)
{
	const struct tasks *t = &w->report->tasks;

	writing_part(w);
	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < t->n_cpus; i++)
			if (((int)t->cpus[i].number != t->panic_cpu) == others)
				write_cpu(w, i);
}

/* The registers by name, and the code; null when reading them failed with @error. */
static json_t *registers_json(const struct registers *regs, int error)
{
	char code[REGISTERS_CODE_TEXT];
	json_t *all;

	if (error < 0)
		return json_null();
	all = json_object();
	for (size_t i = 0; i < regs->layout->n_rows; i++) {
		const struct register_row *row = &regs->layout->rows[i];

		if (registers_has(regs, row))
			json_object_set_new(all, row->name, address_json(regs->words[row->word]));
		if (row->segment)
			json_object_set_new(all, row->segment_name,
			                    address_json(regs->words[row->segment]));
	}
	registers_code(regs, code);
	return json_pack("{s:o, s:o}", "registers", all, "code",
	                 code[0] ? json_string(code) : json_null());
}

/* Adds to @o, the object of @cpu: its registers, those of the user space that it came from, how
 * long it has run its task, and how far its clock is behind. @t is its trace. */
static void add_state(const struct report *report, const struct cpu *cpu, const struct trace *t,
                      json_t *o)
{
	const struct task *task = tasks_find(&report->tasks, cpu->current);
	uint64_t now = tasks_clock(&report->tasks);
	struct registers regs;
	int r = report_registers(report, cpu, t, &regs);

	json_object_set_new(o, "at", registers_json(&regs, r));
	r = t->user_regs ? registers_from_memory(report->ks, t->user_regs, &regs) : -1;
	json_object_set_new(o, "user", registers_json(&regs, r));
	json_object_set_new(o, "seconds_running",
	                    task && cpu->current != cpu->idle ? seconds_json(task->arrived, now)
	                                                      : json_null());
	json_object_set_new(o, "clock_behind", seconds_json(cpu->clock, now));
}

/* The tasks in the queue of the CPU with the index @nr. */
static json_t *queue_json(const struct report *report, size_t nr)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->queues.cpus[nr].n; i++) {
		const struct queued *q = &report->queues.cpus[nr].list[i];

		json_array_append_new(list,
		                      json_pack("{s:i, s:o, s:s, s:b}", "pid", q->task->pid, "name",
		                                text_json(q->task->name), "class",
		                                queue_classes[q->class], "delayed", q->delayed));
	}
	return list;
}

static json_t *cpus_json(const struct writing *w)
{
	const struct report *report = w->report;
	json_t *list = json_array();

	for (size_t i = 0; i < report->tasks.n_cpus; i++) {
		const struct cpu *cpu = &report->tasks.cpus[i];
		const struct task *task = tasks_find(&report->tasks, cpu->current);
		struct trace t;
		json_t *o;

		report_trace_cpu(report, cpu, &t);
		o = json_pack("{s:i, s:b, s:b, s:I, s:o, s:o, s:o}", "cpu", (int)cpu->number,
		              "panicked", (int)cpu->number == report->tasks.panic_cpu, "online",
		              cpu->online, "to_run", (json_int_t)cpu->n_running, "task",
		              task ? task_json(report, task) : json_null(), "trace",
		              trace_json(report, &t), "queue", queue_json(report, i));
		add_state(report, cpu, &t, o);
		json_array_append_new(list, o);
	}
	return list;
}

const struct report_part part_cpus = {
	.name = "cpus",
	.title = "CPUs",
	.needs = REPORT_TASKS | REPORT_QUEUES | REPORT_TRACES,
	.text = write_cpus,
	.json = cpus_json,
	.reasons = { REPORT_REASON("cpus", "remark", tasks.cpus_remark),
	             REPORT_REASON("queues", "queues", queues.remark),
	             REPORT_REASON("traces", NULL, why.traces) },
};
