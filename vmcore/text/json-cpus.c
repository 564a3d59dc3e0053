// SPDX-License-Identifier: GPL-2.0-or-later
/* json-cpus.c - registers, queues and times as JSON, see json-cpus.h. */
#include "vmcore/text/json-cpus.h"

#include "vmcore/text/json-kit.h"

/* Registers by name, and beside them the code; null when @error says that there are none. */
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

static json_t *seconds_json(uint64_t from, uint64_t to)
{
	return from > 0 && to >= from ? json_real((to - from) / 1e9) : json_null();
}

void report_json_state(const struct report *r, const struct cpu *cpu, const struct trace *t,
                       json_t *o)
{
	const struct task *task = tasks_find(&r->tasks, cpu->current);
	uint64_t now = tasks_clock(&r->tasks);
	struct registers regs;
	int e;

	e = report_registers(r, cpu, t, &regs);
	json_object_set_new(o, "at", registers_json(&regs, e));
	e = t->user_regs ? registers_from_memory(r->ks, t->user_regs, &regs) : -1;
	json_object_set_new(o, "user", registers_json(&regs, e));
	json_object_set_new(o, "seconds_running",
	                    task && cpu->current != cpu->idle ? seconds_json(task->arrived, now)
	                                                      : json_null());
	json_object_set_new(o, "clock_behind", seconds_json(cpu->clock, now));
}

json_t *report_json_queue(const struct report *r, size_t nr)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->queues.cpus[nr].n; i++) {
		const struct queued *q = &r->queues.cpus[nr].list[i];

		json_array_append_new(list,
		                      json_pack("{s:i, s:o, s:s, s:b}", "pid", q->task->pid, "name",
		                                text_json(q->task->name), "class",
		                                queue_classes[q->class], "delayed", q->delayed));
	}
	return list;
}

void report_json_times(const struct report *r, const struct task *task, json_t *o)
{
	json_object_set_new(o, "user_seconds", json_real(task->user_time / 1e9));
	json_object_set_new(o, "system_seconds", json_real(task->system_time / 1e9));
	json_object_set_new(o, "age", seconds_json(task->started, tasks_clock(&r->tasks)));
}
