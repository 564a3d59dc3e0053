// SPDX-License-Identifier: GPL-2.0-or-later
/* report.c - gathers what a dump tells about its crash, see report.h. */
#include "vmcore/report/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/array.h"
#include "base/err.h"
#include "vmcore/kernel/dmesg.h"
#include "vmcore/log/title.h"

/* Longer logs are cut at their start. */
#define MAX_LOG MIB(64)

/* Keeps why something is missing. Fails for lack of memory only. */
static int without(int error, char why[static REPORT_WHY])
{
	return err_note(error, why, REPORT_WHY);
}

struct log_buffer {
	char *text;
	size_t len, room;
	struct report_record *records;
	size_t n;
};

static int log_note(struct log_buffer *b, const struct dmesg_record *record)
{
	int e = array_grow(&b->records, b->n, "the records of the log");

	if (e < 0)
		return e;
	b->records[b->n++] = (struct report_record){ .at = b->len,
		                                     .len = record->len,
		                                     .stamp = record->stamp,
		                                     .ns = record->ns,
		                                     .level = record->level };
	return 0;
}

/* A dmesg_record_fn. */
static int log_add(void *arg, const struct dmesg_record *record)
{
	struct log_buffer *b = arg;
	size_t len = record->len;
	int e;

	if (b->len + len + 1 > b->room) {
		size_t room = MAX(2 * b->room, b->len + len + KIB(64));
		char *grown;

		if (room > MAX_LOG)
			return -EFBIG;
		grown = realloc(b->text, room);
		if (!grown)
			return oom("the log of the kernel");
		b->text = grown;
		b->room = room;
	}
	e = log_note(b, record);
	if (e < 0)
		return e;
	memcpy(b->text + b->len, record->text, len);
	b->len += len;
	b->text[b->len] = '\0';
	return 0;
}

static int read_pages(struct report *r)
{
	return without(pages_count(r->dump, &r->pages), r->why.pages);
}

static int read_log(struct report *r)
{
	struct log_buffer b = {};
	int e = dmesg_records(r->ks, log_add, &b);

	/* No text, or what there was before something went wrong. */
	r->log = b.text;
	r->log_len = b.len;
	r->records = b.records;
	r->n_records = b.n;
	if (e == 0 && b.len == 0)
		e = errf(-ENODATA, "the kernel log is empty");
	e = without(e, r->why.log);
	if (e < 0)
		return e;
	if (!r->log)
		return without(errf(-ENODATA, "the kernel log is not there"), r->why.title);
	return without(title_of_log(r->log, &r->title), r->why.title);
}

static int read_view(struct report *r)
{
	int e = kview_open(r->ks, &r->view);

	if (e < 0)
		return e;
	e = symbols_open(r->view, &r->symbols);
	if (e < 0)
		return e;
	snprintf(r->why.modules, sizeof(r->why.modules), "%s", symbols_modules(r->symbols)->remark);
	return 0;
}

static int read_traces(struct report *r)
{
	struct unwind_facts facts;
	int e;

	unwind_find_facts(r->view, &facts);
	e = without(unwind_open(r->ks, &facts, symbols_modules(r->symbols), &r->unwind),
	            r->why.traces);
	if (e < 0 || !r->unwind)
		return e;
	return stacks_open(r->view, unwind_stack_size(r->unwind), &r->stacks);
}

static int read_tasks(struct report *r)
{
	return tasks_read(r->view, &r->tasks);
}

static int read_queues(struct report *r)
{
	return runqueues_read(r->view, &r->tasks, &r->queues);
}

static int read_waits(struct report *r)
{
	return waits_read(r->view, r->symbols, r->unwind, &r->tasks, &r->waits);
}

static int read_zones(struct report *r)
{
	return zones_read(r->view, &r->zones);
}

static int read_meminfo(struct report *r)
{
	return meminfo_read(r->view, &r->zones, &r->meminfo);
}

static int read_slabs(struct report *r)
{
	return slabs_read(r->view, &r->slabs);
}

static int read_rss(struct report *r)
{
	return rss_read(r->view, &r->tasks, &r->rss);
}

/* What a model needs stands before it. */
static const struct {
	enum report_model model;
	unsigned needs;
	int (*read)(struct report *r); /* fails for lack of memory only */
} models[] = {
	{ REPORT_PAGES, 0, read_pages },
	{ REPORT_LOG, 0, read_log },
	{ REPORT_VIEW, 0, read_view },
	{ REPORT_TRACES, REPORT_VIEW, read_traces },
	{ REPORT_TASKS, REPORT_VIEW, read_tasks },
	{ REPORT_QUEUES, REPORT_TASKS, read_queues },
	{ REPORT_WAITS, REPORT_TASKS | REPORT_TRACES, read_waits },
	{ REPORT_ZONES, REPORT_VIEW, read_zones },
	{ REPORT_MEMINFO, REPORT_ZONES, read_meminfo },
	{ REPORT_SLABS, REPORT_VIEW, read_slabs },
	{ REPORT_RSS, REPORT_TASKS, read_rss },
};

int report_need(struct report *r, unsigned wanted)
{
	for (size_t i = ARRAY_SIZE(models); i-- > 0;)
		if (wanted & models[i].model)
			wanted |= models[i].needs;
	wanted &= ~r->models & (r->ks ? REPORT_ALL : REPORT_PAGES);
	for (size_t i = 0; i < ARRAY_SIZE(models) && r->error == 0; i++)
		if (wanted & models[i].model) {
			r->error = models[i].read(r);
			r->models |= models[i].model;
		}
	return r->error;
}

int report_open(const struct dump *d, struct report **ret)
{
	_cleanup_(report_freep) struct report *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return oom("the report");
	r->dump = d;
	e = without(kspace_open(d, &r->ks), r->why.kernel);
	if (e < 0)
		return e;
	if (r->ks)
		kspace_uts(r->ks, &r->uts);
	*ret = TAKE_PTR(r);
	return 0;
}

int report_classify(struct report *r)
{
	int e = report_need(r, REPORT_PAGES);

	if (e < 0)
		return e;
	return without(pages_classify(r->dump, r->ks, &r->pages), r->why.pages);
}

struct report *report_free(struct report *r)
{
	if (!r)
		return NULL;
	waits_done(&r->waits);
	runqueues_done(&r->queues);
	rss_done(&r->rss);
	slabs_done(&r->slabs);
	zones_done(&r->zones);
	tasks_done(&r->tasks);
	stacks_free(r->stacks);
	unwind_free(r->unwind);
	symbols_free(r->symbols);
	kview_free(r->view);
	kspace_free(r->ks);
	free(r->title);
	free(r->log);
	free(r->records);
	free(r);
	return NULL;
}

void report_freep(struct report **r)
{
	*r = report_free(*r);
}

/* An empty trace that says why. */
static void no_trace(struct trace *ret, const char *fmt, ...) _printf_(2, 3);

static void no_trace(struct trace *ret, const char *fmt, ...)
{
	va_list args;

	ret->n = 0;
	ret->user_regs = 0;
	ret->end = TRACE_BROKEN;
	va_start(args, fmt);
	vsnprintf(ret->reason, sizeof(ret->reason), fmt, args);
	va_end(args);
}

void report_trace_cpu(const struct report *r, const struct cpu *cpu, struct trace *ret)
{
	if (!r->unwind) {
		no_trace(ret, "%.150s", r->why.traces);
	} else if (!cpu->registers) {
		no_trace(ret, "CPU %u left no registers", cpu->number);
	} else {
		unwind_prstatus(r->unwind, cpu->registers, cpu->registers_len, ret);
		for (size_t i = 0; i < ret->n; i++)
			ret->frames[i].stack =
				stacks_name(r->stacks, cpu->number, ret->frames[i].sp);
	}
}

/* Whether the registers of a CPU are those with which it went on to the capture kernel, which are
 * no fault's: see crash_setup_regs() in kernel/kexec_core.c, kernel/crash_core.c since 6.11. */
static bool registers_of_panic(const struct report *r, const struct registers *regs)
{
	static const char *const names[] = { "__crash_kexec", "crash_kexec", "panic", "vpanic" };
	const struct module *m;
	struct symbol symbol;

	if (symbols_find(r->symbols, registers_ip(regs), &symbol, &m) < 0 || m)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(symbol.name, names[i]))
			return true;
	return false;
}

int report_registers(const struct report *r, const struct cpu *cpu, const struct trace *t,
                     struct registers *ret)
{
	int e;

	if (!cpu->registers)
		return errf(-ENODATA, "CPU %u left no registers", cpu->number);
	e = registers_from_note(r->ks, cpu->registers, cpu->registers_len, ret);
	if (e < 0 || !registers_of_panic(r, ret))
		return e;
	for (size_t i = 0; i < t->n; i++)
		if (t->frames[i].regs)
			return registers_from_memory(r->ks, t->frames[i].regs, ret);
	return 0;
}

void report_trace_task(const struct report *r, const struct task *task, struct trace *ret)
{
	if (!r->unwind)
		no_trace(ret, "%.150s", r->why.traces);
	else
		unwind_task(r->unwind, task->address, ret);
}
