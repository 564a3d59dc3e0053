// SPDX-License-Identifier: GPL-2.0-or-later
/* report-json.c - a report as JSON, see report-json.h. */
#include "loader/cli/report-json.h"

#include "config/printable.h"

/* Text of a dump may be anything, JSON is UTF-8. */
static json_t *text_json(const char *s)
{
	_cleanup_free_ char *clean = NULL;

	if (!s || printable(s, strlen(s), true, &clean) < 0)
		return json_null();
	return json_string(clean);
}

/* Addresses do not fit into the numbers of many readers of JSON. */
static json_t *address_json(uint64_t address)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "0x%llx", (unsigned long long)address);
	return json_string(buf);
}

static json_t *frame_json(const struct report *r, const struct frame *f)
{
	char name[SYMBOLS_TEXT_MAX];

	return json_pack("{s:o, s:o, s:b, s:b}", "address", address_json(f->ip), "symbol",
	                 text_json(symbols_text(r->symbols, f->ip, f->exact, name)), "sure",
	                 f->sure, "interrupted", f->interrupted);
}

static json_t *trace_json(const struct report *r, const struct trace *t)
{
	static const char *const ends[] = {
		[TRACE_USER] = "user",
		[TRACE_KERNEL] = "kernel",
		[TRACE_BROKEN] = "broken",
	};
	json_t *frames = json_array();

	for (size_t i = 0; i < t->n; i++)
		json_array_append_new(frames, frame_json(r, &t->frames[i]));
	return json_pack("{s:o, s:s, s:o}", "frames", frames, "end", ends[t->end], "reason",
	                 t->end == TRACE_BROKEN ? text_json(t->reason) : json_null());
}

static json_t *task_json(const struct report *r, const struct task *task)
{
	const char state[] = { task->state, '\0' };
	uint64_t age = tasks_age(&r->tasks, task);

	return json_pack("{s:o, s:i, s:i, s:i, s:o, s:s, s:b, s:i, s:o}", "address",
	                 address_json(task->address), "pid", task->pid, "process", task->tgid,
	                 "parent", task->parent, "name", text_json(task->name), "state", state,
	                 "kernel", task->kernel, "cpu", (int)task->cpu, "seconds_since_run",
	                 age ? json_real(age / 1e9) : json_null());
}

static json_t *cpus_json(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->tasks.n_cpus; i++) {
		const struct cpu *cpu = &r->tasks.cpus[i];
		const struct task *task = tasks_find(&r->tasks, cpu->current);
		struct trace t;

		report_trace_cpu(r, cpu, &t);
		json_array_append_new(
			list, json_pack("{s:i, s:b, s:b, s:I, s:o, s:o}", "cpu", (int)cpu->number,
		                        "panicked", (int)cpu->number == r->tasks.panic_cpu,
		                        "online", cpu->online, "to_run", (json_int_t)cpu->n_running,
		                        "task", task ? task_json(r, task) : json_null(), "trace",
		                        trace_json(r, &t)));
	}
	return list;
}

/* Traces of those that text shows them of. */
static json_t *tasks_json(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->tasks.n; i++) {
		const struct task *task = &r->tasks.list[i];
		json_t *o = task_json(r, task);

		if (tasks_waits(&r->tasks, task)) {
			struct trace t;

			report_trace_task(r, task, &t);
			json_object_set_new(o, "trace", trace_json(r, &t));
		}
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *modules_json(const struct report *r)
{
	const struct modlist *m = symbols_modules(r->symbols);
	json_t *list = json_array();

	for (size_t i = 0; i < m->n; i++)
		json_array_append_new(list, json_pack("{s:o, s:o, s:I}", "name",
		                                      text_json(m->modules[i].name), "version",
		                                      text_json(m->modules[i].version), "size",
		                                      (json_int_t)m->modules[i].size));
	return list;
}

static json_t *taint_json(const struct report *r)
{
	json_t *list;

	if (r->no_taint[0])
		return json_null();
	list = json_array();
	for (size_t i = 0; i < report_n_taints; i++)
		if (r->taint >> i & 1) {
			const char letter[] = { report_taints[i].letter, '\0' };

			json_array_append_new(list, json_pack("{s:s, s:s}", "letter", letter,
			                                      "reason", report_taints[i].reason));
		}
	return list;
}

static json_t *summary_json(const struct report *r)
{
	json_t *loads = r->no_loads[0] ? json_null()
	                               : json_pack("[f, f, f]", r->loads[0] / 2048.0,
	                                           r->loads[1] / 2048.0, r->loads[2] / 2048.0);

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:f, s:o, s:o, s:o}", "title",
	                 text_json(r->title), "kernel_release", text_json(r->uts.release),
	                 "kernel_version", text_json(r->uts.version), "machine",
	                 text_json(r->uts.machine), "hostname", text_json(r->uts.nodename),
	                 "crash_time", (json_int_t)r->crashed, "uptime", r->uptime, "load", loads,
	                 "taint", taint_json(r), "command_line", text_json(r->command_line));
}

static json_t *remarks_json(const struct report *r)
{
	const struct {
		const char *part, *why;
	} all[] = {
		{ "kernel", r->no_kernel },
		{ "title", r->no_title },
		{ "log", r->no_log },
		{ "traces", r->no_unwind },
		{ "command_line", r->no_command_line },
		{ "taint", r->no_taint },
		{ "load", r->no_loads },
		{ "cpus", r->tasks.cpus_remark },
		{ "tasks", r->tasks.remark },
		{ "modules", r->symbols ? symbols_modules(r->symbols)->remark : "" },
	};
	json_t *o = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i].why[0])
			json_object_set_new(o, all[i].part, text_json(all[i].why));
	return o;
}

json_t *report_json(const struct report *r, const struct report_options *o)
{
	json_t *all = json_pack("{s:i, s:o}", "schema", REPORT_SCHEMA, "remarks", remarks_json(r));

	if (!r->ks)
		return all;
	json_object_set_new(all, "summary", summary_json(r));
	json_object_set_new(all, "cpus", cpus_json(r));
	json_object_set_new(all, "tasks", tasks_json(r));
	json_object_set_new(all, "modules", modules_json(r));
	if (o->whole_log)
		json_object_set_new(all, "log", text_json(r->log));
	return all;
}
