// SPDX-License-Identifier: GPL-2.0-or-later
/* text-kit.c - what several parts of a report tell, see text-kit.h. */
#include "vmcore/text/text-kit.h"

#include <inttypes.h>

#include "vmcore/text/json-kit.h"

void writing_style(const struct writing *w, enum report_style style)
{
	if (w->o->style)
		w->o->style(w->o->arg, style);
}

void writing_heading(const struct writing *w, const char *text)
{
	fputc('\n', w->f);
	writing_style(w, REPORT_HEADING);
	fprintf(w->f, "%s\n", text);
	writing_style(w, REPORT_PLAIN);
}

const char writing_from_log[] = "from the log";

bool writing_is_new(const struct writing *w, const char *reason)
{
	struct report_told *told = w->told;

	for (size_t i = 0; i < told->n; i++)
		if (streq(told->texts[i], reason))
			return false;
	if (told->n < ARRAY_SIZE(told->texts))
		snprintf(told->texts[told->n++], ERR_WHY, "%s", reason);
	return true;
}

void writing_part_as(const struct writing *w, const char *heading)
{
	bool any = false;

	writing_heading(w, heading);
	writing_style(w, REPORT_REMARK);
	for (size_t i = 0; i < w->n_reasons; i++) {
		if (!w->reasons[i].label)
			continue;
		if (writing_is_new(w, w->reasons[i].text))
			fprintf(w->f, "  %s: %s\n", w->reasons[i].label, w->reasons[i].text);
		else if (!any)
			fprintf(w->f, "  not known\n");
		any = true;
	}
	if (w->from_log)
		fprintf(w->f, "  %s\n", writing_from_log);
	writing_style(w, REPORT_PLAIN);
	*w->said = true;
}

void writing_part(const struct writing *w)
{
	writing_part_as(w, w->part->title);
}

const char *writing_mark(const struct writing *w)
{
	return w->from_log ? " (from the log)" : "";
}

void writing_row(const struct writing *w, const char *key, const char *value)
{
	if (*value)
		fprintf(w->f, "%14s: %s%s\n", key, value, writing_mark(w));
}

const char *writing_duration(double seconds, char buf[static 64])
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

/* Marks where a trace enters and leaves a stack, as the kernel does. */
static void write_stack(const struct writing *w, const char *before, const char *here)
{
	if (before == here)
		return;
	if (before)
		fprintf(w->f, "    </%s>\n", before);
	if (here)
		fprintf(w->f, "    <%s>\n", here);
}

void writing_trace(const struct writing *w, const struct trace *t)
{
	char name[SYMBOLS_TEXT_MAX];
	const char *stack = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const struct frame *f = &t->frames[i];

		write_stack(w, stack, f->stack);
		stack = f->stack;
		if (f->interrupted && i > 0)
			fprintf(w->f, "    -- interrupted --\n");
		if (!f->sure)
			writing_style(w, REPORT_ASIDE);
		fprintf(w->f, "    %s%s\n", f->sure ? "" : "? ",
		        symbols_text(w->report->symbols, f->ip, f->exact, name));
		if (!f->sure)
			writing_style(w, REPORT_PLAIN);
	}
	write_stack(w, stack, NULL);
	if (t->end == TRACE_BROKEN)
		fprintf(w->f, "    (%s)\n", t->reason);
	else if (t->end == TRACE_USER)
		fprintf(w->f, "    (from user space)\n");
}

static json_t *frame_json(const struct report *report, const struct frame *f)
{
	char name[SYMBOLS_TEXT_MAX];

	return json_pack("{s:o, s:o, s:b, s:b, s:o}", "address", address_json(f->ip), "symbol",
	                 text_json(symbols_text(report->symbols, f->ip, f->exact, name)), "sure",
	                 f->sure, "interrupted", f->interrupted, "stack",
	                 f->stack ? json_string(f->stack) : json_null());
}

json_t *trace_json(const struct report *report, const struct trace *t)
{
	static const char *const ends[] = {
		[TRACE_USER] = "user", [TRACE_KERNEL] = "kernel", [TRACE_BROKEN] = "broken"
	};
	json_t *frames = json_array();

	for (size_t i = 0; i < t->n; i++)
		json_array_append_new(frames, frame_json(report, &t->frames[i]));
	return json_pack("{s:o, s:s, s:o}", "frames", frames, "end", ends[t->end], "reason",
	                 t->end == TRACE_BROKEN ? text_json(t->reason) : json_null());
}

json_t *task_json(const struct report *report, const struct task *task)
{
	const char state[] = { task->state, '\0' };
	uint64_t age = tasks_age(&report->tasks, task);

	return json_pack("{s:o, s:i, s:i, s:i, s:o, s:s, s:b, s:i, s:o}", "address",
	                 address_json(task->address), "pid", task->pid, "process", task->tgid,
	                 "parent", task->parent, "name", text_json(task->name), "state", state,
	                 "kernel", task->kernel, "cpu", (int)task->cpu, "seconds_since_run",
	                 age ? json_real(age / 1e9) : json_null());
}

json_t *seconds_json(uint64_t from, uint64_t to)
{
	return from > 0 && to >= from ? json_real((to - from) / 1e9) : json_null();
}

/* kernel/panic.c, Linux 6.12: in the order of the bits. */
const struct taint taints[TAINTS] = {
	{ 'P', "a module that is not under the GPL" },
	{ 'F', "a module was loaded by force" },
	{ 'S', "CPUs that do not go together" },
	{ 'R', "a module was unloaded by force" },
	{ 'M', "the processor reported a machine check" },
	{ 'B', "a bad page was found" },
	{ 'U', "a user asked for it" },
	{ 'D', "there was an oops or BUG before" },
	{ 'A', "an ACPI table was overridden" },
	{ 'W', "there was a warning before" },
	{ 'C', "a driver from staging" },
	{ 'I', "a fault of the firmware was worked around" },
	{ 'O', "a module built outside of the kernel" },
	{ 'E', "a module without a signature" },
	{ 'L', "a soft lockup came before" },
	{ 'K', "the kernel was patched live" },
	{ 'X', "of the distribution's own meaning" },
	{ 'T', "built with randomised structures" },
	{ 'N', "a test was run" },
	{ 'J', "a mutating fwctl operation" },
};
