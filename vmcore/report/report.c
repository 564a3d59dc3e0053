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
#include "vmcore/report/log-values.h"

/* Longer logs are cut at their start. */
#define MAX_LOG MIB(64)

/* What panic_cpu is as long as no CPU has panicked (include/linux/panic.h). */
#define PANIC_CPU_INVALID UINT32_MAX

struct log_buffer {
	char *text;
	size_t len, room;
	struct report_record *records;
	size_t n;
};

static int log_note(struct log_buffer *b, const struct dmesg_record *record)
{
	int r = array_grow(&b->records, b->n, "the records of the log");

	if (r < 0)
		return r;
	b->records[b->n++] = (struct report_record){ .at = b->len,
		                                     .len = record->len,
		                                     .stamp = record->stamp,
		                                     .ns = record->ns,
		                                     .level = record->level,
		                                     .facility = record->facility };
	return 0;
}

/* A dmesg_record_fn. */
static int log_add(void *arg, const struct dmesg_record *record)
{
	struct log_buffer *b = arg;
	size_t len = record->len;
	int r;

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
	r = log_note(b, record);
	if (r < 0)
		return r;
	memcpy(b->text + b->len, record->text, len);
	b->len += len;
	b->text[b->len] = '\0';
	return 0;
}

static int read_log(struct report *report)
{
	struct log_buffer b = {};
	int r = dmesg_records(report->ks, log_add, &b);

	/* After an error, the text up to there; it may be none. */
	report->log = b.text;
	report->log_len = b.len;
	report->records = b.records;
	report->n_records = b.n;
	if (r == 0 && b.len == 0)
		r = errf(-ENODATA, "the kernel log is empty");
	r = err_note(r, report->why.log);
	if (r < 0)
		return r;
	if (!report->log)
		return err_note(errf(-ENODATA, "the kernel log is not there"), report->why.title);
	return err_note(title_of_log(report->log, &report->title), report->why.title);
}

static int read_view(struct report *report)
{
	int r = kview_open(report->ks, &report->view);

	if (r < 0)
		return r;
	r = symbols_open(report->view, &report->symbols);
	if (r < 0)
		return r;
	snprintf(report->why.modules, sizeof(report->why.modules), "%s",
	         symbols_modules(report->symbols)->remark);
	return 0;
}

static int read_traces(struct report *report)
{
	struct unwind_facts facts;
	int r;

	unwind_find_facts(report->view, &facts);
	r = unwind_open(report->ks, &facts, symbols_modules(report->symbols), &report->unwind);
	r = err_note(r, report->why.traces);
	if (r < 0 || !report->unwind)
		return r;
	return stacks_open(report->view, unwind_stack_size(report->unwind), &report->stacks);
}

/* Functions that a panic goes through: what they and those below did is not the fault. With a
 * capture kernel the registers are saved there: see crash_setup_regs() in kernel/kexec_core.c,
 * kernel/crash_core.c since 6.11. Without one, panic() waits for ever. */
static const char *const panics[] = { "__crash_kexec", "crash_kexec", "panic", "vpanic" };

/* A CPU that would panic while another one does waits here (kernel/panic.c, Linux 6.12). */
static const char *const waits_for_panic[] = { "panic_smp_self_stop", "nmi_panic_self_stop" };

/* True in one of @functions of the kernel, or in what the compiler split off: "panic.cold". */
static bool is_in(const struct report *report, uint64_t ip, const char *const *functions, size_t n)
{
	const struct module *m;
	struct symbol symbol;

	if (symbols_find(report->symbols, ip, &symbol, &m) < 0 || m)
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(functions[i]);

		if (strncmp(symbol.name, functions[i], len) == 0 &&
		    (symbol.name[len] == '\0' || symbol.name[len] == '.'))
			return true;
	}
	return false;
}

static bool is_panic(const struct report *report, uint64_t ip)
{
	return is_in(report, ip, panics, ARRAY_SIZE(panics));
}

/* True if the CPU with this trace panicked, and was the first to do so. */
static bool has_panicked(const struct report *report, const struct trace *t)
{
	for (size_t i = 0; i < t->n && t->frames[i].sure; i++) {
		uint64_t ip = t->frames[i].ip - !t->frames[i].exact;

		if (is_in(report, ip, waits_for_panic, ARRAY_SIZE(waits_for_panic)))
			return false;
		if (is_panic(report, ip))
			return true;
	}
	return false;
}

/* The one CPU that panicked by its calls; -1: none, or several. */
static int panicked_by_calls(const struct report *report)
{
	int found = -1;

	for (size_t i = 0; i < report->tasks.n_cpus; i++) {
		struct trace trace;

		report_trace_cpu(report, &report->tasks.cpus[i], &trace);
		if (!has_panicked(report, &trace))
			continue;
		if (found >= 0)
			return -1;
		found = report->tasks.cpus[i].number;
	}
	return found;
}

/* An oops that starts the capture kernel leaves the registers of the fault, so no call tells. If
 * the kernel had gone on, the task of the oops would run no more. */
static int panicked_by_oops(struct report *report)
{
	const struct tasks *t = &report->tasks;
	unsigned number;
	int pid;

	if (log_value_oops(report, &number, &pid) < 0)
		return -1;
	for (size_t i = 0; i < t->n_cpus; i++) {
		const struct task *task = tasks_find(t, t->cpus[i].current);

		if (t->cpus[i].number == number && task && task->pid == pid)
			return number;
	}
	return -1;
}

/* For a kernel whose panic_cpu is not known. */
static void find_panic_cpu(struct report *report)
{
	const struct bitmap *possible = &report->view->possible;
	struct tasks *t = &report->tasks;
	uint64_t said;

	if (t->panic_cpu >= 0 || t->n_cpus != bitmap_count(possible, 0, possible->bits) ||
	    (kview_number(report->view, "panic_cpu", 4, &said) == 0 && said == PANIC_CPU_INVALID))
		return;
	t->panic_cpu = panicked_by_calls(report);
	if (t->panic_cpu < 0)
		t->panic_cpu = panicked_by_oops(report);
}

static int read_tasks(struct report *report)
{
	int r = tasks_read(report->view, &report->tasks);

	if (r == 0)
		find_panic_cpu(report);
	return r;
}

static int read_model(struct report *report, enum report_model model)
{
	const struct kview *v = report->view;

	switch (model) {
	case REPORT_PAGES:
		return err_note(pages_count(report->dump, report->ks, &report->pages),
		                report->why.pages);
	case REPORT_LOG:
		return read_log(report);
	case REPORT_VIEW:
		return read_view(report);
	case REPORT_TRACES:
		return read_traces(report);
	case REPORT_TASKS:
		return read_tasks(report);
	case REPORT_QUEUES:
		return runqueues_read(v, &report->tasks, &report->queues);
	case REPORT_WAITS:
		return waits_read(v, report->symbols, report->unwind, &report->tasks,
		                  &report->waits);
	case REPORT_ZONES:
		return zones_read(v, &report->zones);
	case REPORT_MEMINFO:
		return meminfo_read(v, &report->zones, &report->meminfo);
	case REPORT_SLABS:
		return slabs_read(v, &report->slabs);
	default:
		return rss_read(v, &report->tasks, &report->rss);
	}
}

/* What a model needs stands before it. */
static const struct {
	enum report_model model;
	unsigned needs;
} models[] = {
	{ REPORT_PAGES, 0 },
	{ REPORT_LOG, 0 },
	{ REPORT_VIEW, 0 },
	{ REPORT_TRACES, REPORT_VIEW },
	{ REPORT_TASKS, REPORT_TRACES },
	{ REPORT_QUEUES, REPORT_TASKS },
	{ REPORT_WAITS, REPORT_TASKS | REPORT_TRACES },
	{ REPORT_ZONES, REPORT_VIEW },
	{ REPORT_MEMINFO, REPORT_ZONES },
	{ REPORT_SLABS, REPORT_VIEW },
	{ REPORT_RSS, REPORT_TASKS },
};

int report_need(struct report *report, unsigned wanted)
{
	for (size_t i = ARRAY_SIZE(models); i-- > 0;)
		if (wanted & models[i].model)
			wanted |= models[i].needs;
	wanted &= ~report->models & (report->ks ? REPORT_ALL : REPORT_PAGES);
	for (size_t i = 0; i < ARRAY_SIZE(models) && report->error == 0; i++)
		if (wanted & models[i].model) {
			report->error = read_model(report, models[i].model);
			report->models |= models[i].model;
		}
	return report->error;
}

int report_open(const struct dump *d, struct report **ret)
{
	_cleanup_(report_freep) struct report *report = calloc(1, sizeof(*report));
	int r;

	if (!report)
		return oom("the report");
	report->dump = d;
	r = err_note(kspace_open(d, &report->ks), report->why.kernel);
	if (r < 0)
		return r;
	/* The page with the names may be lost. */
	if (report->ks && kspace_uts(report->ks, &report->uts) < 0) {
		vmcoreinfo_copy(&d->vmcoreinfo, "OSRELEASE", report->uts.release,
		                sizeof(report->uts.release));
		snprintf(report->uts.machine, sizeof(report->uts.machine), "%s",
		         report->ks->tables.arch->machine);
	}
	*ret = TAKE_PTR(report);
	return 0;
}

int report_classify(struct report *report)
{
	int r = report_need(report, REPORT_PAGES);

	if (r < 0)
		return r;
	r = pages_classify(report->dump, report->ks, &report->pages);
	return err_note(r, report->why.pages);
}

struct report *report_free(struct report *report)
{
	if (!report)
		return NULL;
	waits_done(&report->waits);
	runqueues_done(&report->queues);
	rss_done(&report->rss);
	slabs_done(&report->slabs);
	zones_done(&report->zones);
	tasks_done(&report->tasks);
	stacks_free(report->stacks);
	unwind_free(report->unwind);
	symbols_free(report->symbols);
	kview_free(report->view);
	kspace_free(report->ks);
	free(report->title);
	free(report->log);
	free(report->records);
	free(report);
	return NULL;
}

/* Makes an empty trace with a reason. */
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

void report_trace_cpu(const struct report *report, const struct cpu *cpu, struct trace *ret)
{
	if (!report->unwind) {
		no_trace(ret, "%.150s", report->why.traces);
	} else if (!cpu->registers) {
		no_trace(ret, "CPU %u left no registers", cpu->number);
	} else {
		unwind_prstatus(report->unwind, cpu->current, cpu->registers, cpu->registers_len,
		                ret);
		for (size_t i = 0; i < ret->n; i++)
			ret->frames[i].stack =
				stacks_name(report->stacks, cpu->number, ret->frames[i].sp);
	}
}

int report_registers(const struct report *report, const struct cpu *cpu, const struct trace *t,
                     struct registers *ret)
{
	bool panicked;
	int r;

	if (!cpu->registers)
		return errf(-ENODATA, "CPU %u left no registers", cpu->number);
	r = registers_from_note(report->ks, cpu->registers, cpu->registers_len, ret);
	if (r < 0)
		return r;
	panicked = is_panic(report, registers_ip(ret));
	for (size_t i = 0; i < t->n; i++) {
		if (t->frames[i].regs)
			return panicked ? registers_from_memory(report->ks, t->frames[i].regs, ret)
			                : 0;
		panicked |= t->frames[i].sure &&
		            is_panic(report, t->frames[i].ip - !t->frames[i].exact);
	}
	return 0;
}

bool report_is_hung(const struct report *report)
{
	uint64_t cpu;

	return report->log && !report->title && report->view &&
	       kview_number(report->view, "panic_cpu", 4, &cpu) == 0 && cpu == PANIC_CPU_INVALID;
}

void report_trace_task(const struct report *report, const struct task *task, struct trace *ret)
{
	const struct cpu *cpu = tasks_cpu_of(&report->tasks, task);

	/* What a task has saved is from when it last stopped to run. */
	if (cpu)
		report_trace_cpu(report, cpu, ret);
	else if (!report->unwind)
		no_trace(ret, "%.150s", report->why.traces);
	else
		unwind_task(report->unwind, task->address, ret);
}
