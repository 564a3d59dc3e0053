// SPDX-License-Identifier: GPL-2.0-or-later
/* report.c - gathers what a dump tells about its crash, see report.h. */
#include "vmcore/report/report.h"

#include <errno.h>
#include <stdarg.h>

#include "base/err.h"
#include "vmcore/kernel/dmesg.h"
#include "vmcore/log/title.h"

/* Longer logs are cut at their start. */
#define MAX_LOG MIB(64)

/* COMMAND_LINE_SIZE of x86_64 and arm64. */
#define MAX_COMMAND_LINE 4096

/* kernel/panic.c, Linux 6.12: in the order of the bits. */
const struct report_taint report_taints[] = {
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
const size_t report_n_taints = ARRAY_SIZE(report_taints);

/* Notes why something is missing; only a lack of memory ends the report. */
static int without(int error, char why[static REPORT_WHY])
{
	if (error >= 0 || error == -ENOMEM)
		return error < 0 ? error : 0;
	snprintf(why, REPORT_WHY, "%s", err_text(error));
	return 0;
}

struct log_buffer {
	char *text;
	size_t len, room;
	struct report_record *records;
	size_t n, records_room;
};

static int log_note(struct log_buffer *b, const struct dmesg_record *record)
{
	if (b->n == b->records_room) {
		size_t room = MAX(2 * b->records_room, 1024);
		struct report_record *grown = reallocarray(b->records, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		b->records = grown;
		b->records_room = room;
	}
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

	if (b->len + len + 1 > b->room) {
		size_t room = MAX(2 * b->room, b->len + len + KIB(64));
		char *grown;

		if (room > MAX_LOG)
			return -EFBIG;
		grown = realloc(b->text, room);
		if (!grown)
			return -ENOMEM;
		b->text = grown;
		b->room = room;
	}
	if (log_note(b, record) < 0)
		return -ENOMEM;
	memcpy(b->text + b->len, record->text, len);
	b->len += len;
	b->text[b->len] = '\0';
	return 0;
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
	e = without(e, r->no_log);
	if (e == 0 && !r->log)
		return without(errf(-ENODATA, "the kernel log is not there"), r->no_title);
	return e < 0 ? e : without(title_of_log(r->log, &r->title), r->no_title);
}

static int read_command_line(struct report *r)
{
	uint64_t address;
	int e;

	e = kview_number(r->view, "saved_command_line", 8, &address);
	if (e < 0)
		return e;
	r->command_line = calloc(1, MAX_COMMAND_LINE);
	if (!r->command_line)
		return -ENOMEM;
	e = kview_string(r->view, address, r->command_line, MAX_COMMAND_LINE);
	if (e < 0) {
		free(r->command_line);
		r->command_line = NULL;
	}
	return e;
}

static int read_loads(struct report *r)
{
	uint64_t address;
	int e;

	e = kview_address(r->view, "avenrun", &address);
	for (unsigned i = 0; i < ARRAY_SIZE(r->loads) && e == 0; i++)
		e = kspace_u64(r->ks, address + 8 * i, &r->loads[i]);
	return e;
}

static void find_times(struct report *r)
{
	r->uptime = tasks_clock(&r->tasks) / 1e9;
	r->crashed = r->dump->crash_time;
	if (r->crashed == 0)
		vmcoreinfo_plain(&r->dump->vmcoreinfo, "CRASHTIME", 10, &r->crashed);
}

static int open_unwind(struct report *r)
{
	struct unwind_facts facts;

	unwind_find_facts(r->view, &facts);
	return unwind_open(r->ks, &facts, symbols_modules(r->symbols), &r->unwind);
}

static int read_all(struct report *r)
{
	int e;

	kspace_uts(r->ks, &r->uts);
	e = kview_open(r->ks, &r->view);
	if (e == 0)
		e = symbols_open(r->view, &r->symbols);
	if (e == 0)
		e = without(open_unwind(r), r->no_unwind);
	if (e == 0 && r->unwind)
		e = stacks_open(r->view, unwind_stack_size(r->unwind), &r->stacks);
	if (e == 0)
		e = tasks_read(r->view, &r->tasks);
	if (e == 0)
		e = runqueues_read(r->view, &r->tasks, &r->queues);
	if (e == 0)
		e = waits_read(r->view, r->symbols, r->unwind, &r->tasks, &r->waits);
	if (e == 0)
		e = zones_read(r->view, &r->zones);
	if (e == 0)
		e = meminfo_read(r->view, &r->zones, &r->meminfo);
	if (e == 0)
		e = slabs_read(r->view, &r->slabs);
	if (e == 0)
		e = rss_read(r->view, &r->tasks, &r->rss);
	if (e == 0)
		e = read_log(r);
	if (e == 0)
		e = without(read_command_line(r), r->no_command_line);
	if (e == 0)
		e = without(kview_number(r->view, "tainted_mask", 8, &r->taint), r->no_taint);
	if (e == 0)
		e = without(read_loads(r), r->no_loads);
	find_times(r);
	return e;
}

int report_open(const struct dump *d, struct report **ret)
{
	_cleanup_(report_freep) struct report *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return -ENOMEM;
	r->dump = d;
	e = without(pages_count(d, &r->pages), r->no_pages);
	if (e == 0)
		e = without(kspace_open(d, &r->ks), r->no_kernel);
	if (e == 0 && r->ks)
		e = read_all(r);
	if (e < 0)
		return e;
	*ret = TAKE_PTR(r);
	return 0;
}

int report_classify(struct report *r)
{
	return without(pages_classify(r->dump, r->ks, &r->pages), r->no_pages);
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
	free(r->command_line);
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
		no_trace(ret, "%.150s", r->no_unwind);
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
		no_trace(ret, "%.150s", r->no_unwind);
	else
		unwind_task(r->unwind, task->address, ret);
}
