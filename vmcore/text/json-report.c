// SPDX-License-Identifier: GPL-2.0-or-later
/* json-report.c - a report as JSON, see json-report.h. */
#include "vmcore/text/json-report.h"

#include "vmcore/text/json-kit.h"
#include "vmcore/text/json-cpus.h"
#include "vmcore/text/json-waits.h"
#include "vmcore/text/json-dump.h"
#include "vmcore/text/json-memory.h"
#include "vmcore/report/fingerprint.h"

static json_t *frame_json(const struct report *r, const struct frame *f)
{
	char name[SYMBOLS_TEXT_MAX];

	return json_pack("{s:o, s:o, s:b, s:b, s:o}", "address", address_json(f->ip), "symbol",
	                 text_json(symbols_text(r->symbols, f->ip, f->exact, name)), "sure",
	                 f->sure, "interrupted", f->interrupted, "stack",
	                 f->stack ? json_string(f->stack) : json_null());
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
		json_t *o;

		report_trace_cpu(r, cpu, &t);
		o = json_pack("{s:i, s:b, s:b, s:I, s:o, s:o, s:o}", "cpu", (int)cpu->number,
		              "panicked", (int)cpu->number == r->tasks.panic_cpu, "online",
		              cpu->online, "to_run", (json_int_t)cpu->n_running, "task",
		              task ? task_json(r, task) : json_null(), "trace", trace_json(r, &t),
		              "queue", report_json_queue(r, i));
		report_json_state(r, cpu, &t, o);
		json_array_append_new(list, o);
	}
	return list;
}

/* Traces of those that text shows them of, or of all. */
static json_t *tasks_json(const struct report *r, bool all)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->tasks.n; i++) {
		const struct task *task = &r->tasks.list[i];
		json_t *o = task_json(r, task);

		report_json_rss(r, task, o);
		report_json_times(r, task, o);
		report_json_wait(r, task, o);
		if (all || tasks_waits(&r->tasks, task) || waits_find(&r->waits, task)) {
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

static json_t *fingerprint_json(const struct report *r)
{
	struct fingerprint f;

	if (fingerprint_of_report(r, &f) < 0)
		return json_null();
	return json_pack("{s:s, s:o, s:s, s:o, s:s}", "hash", f.hash, "text", text_json(f.text),
	                 "loose_hash", f.loose, "loose_text", text_json(f.loose_text), "calls_from",
	                 f.from_log ? "log" : "dump");
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
		{ "queues", r->queues.remark },
		{ "waits", r->waits.remark },
		{ "tasks", r->tasks.remark },
		{ "pages", r->no_pages },
		{ "classes", r->pages.remark },
		{ "meminfo", r->meminfo.remark },
		{ "zones", r->zones.remark },
		{ "caches", r->slabs.remark },
		{ "processes", r->rss.remark },
		{ "modules", r->symbols ? symbols_modules(r->symbols)->remark : "" },
	};
	json_t *o = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i].why[0])
			json_object_set_new(o, all[i].part, text_json(all[i].why));
	return o;
}

/* What the text of a record says, without the time in front of its lines. */
static json_t *message_json(const char *text, size_t len, size_t stamp)
{
	_cleanup_free_ char *message = malloc(len + 1);
	char *out = message;

	if (!message)
		return json_null();
	/* The last byte ends the line; further lines are indented as far as the stamp reaches. */
	for (size_t i = stamp; i + 1 < len; i++) {
		*out++ = text[i];
		if (text[i] == '\n')
			i += stamp;
	}
	*out = '\0';
	return text_json(message);
}

static json_t *records_json(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->n_records; i++) {
		const struct report_record *record = &r->records[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o}", "time",
		                  record->ns ? json_real(record->ns / 1e9) : json_null(), "level",
		                  record->level < 0 ? json_null() : json_integer(record->level),
		                  "message",
		                  message_json(r->log + record->at, record->len, record->stamp)));
	}
	return list;
}

json_t *report_json(const struct report *r, const struct report_options *o)
{
	json_t *all = json_pack("{s:i, s:o}", "schema", REPORT_SCHEMA, "remarks", remarks_json(r));

	json_object_set_new(all, "dump", report_json_dump(r, o->origin));
	if (!r->ks)
		return all;
	json_object_set_new(all, "summary", summary_json(r));
	json_object_set_new(all, "fingerprint", fingerprint_json(r));
	json_object_set_new(all, "cpus", cpus_json(r));
	json_object_set_new(all, "tasks", tasks_json(r, o->all_tasks));
	json_object_set_new(all, "deadlocks", report_json_deadlocks(r));
	json_object_set_new(all, "locks", report_json_locks(r));
	json_object_set_new(all, "memory", report_json_memory(r));
	json_object_set_new(all, "modules", modules_json(r));
	if (o->whole_log) {
		json_object_set_new(all, "log", text_json(r->log));
		json_object_set_new(all, "log_records", r->log ? records_json(r) : json_null());
	}
	return all;
}
