// SPDX-License-Identifier: GPL-2.0-or-later
/* test-report.c - tasks, CPUs and the report of a kernel that was never there. */
#include <elf.h>
#include <errno.h>
#include <stdio.h>

#include "tests/unit/schema.h"
#include "tests/unit/synth-btf.h"
#include "tests/unit/synth-symbols.h"
#include "vmcore/text/output.h"

#define AT(offset) (SYNTH_IMAGE_VA + (offset))
#define BTF        0x10000
#define BTF_SIZE   0x4000

/* The last variable that has a name. */
#define AVENRUN_AT AT(0x60020)

/* Both CPUs' own variables, in the kernel image. */
#define CPU(n)    (AT(0x70000) + (n)*UINT64_C(0x4000))
#define RUNQUEUES 0x340
#define NOTES     0x800

/* Offsets in struct task_struct, whose size is 256, and in the others. */
enum {
	FLAGS = 0,
	CPU_NR = 8,
	STATE = 12,
	EXIT_STATE = 16,
	ON_CPU = 20,
	TASKS = 24,
	PID = 40,
	TGID = 44,
	PARENT = 48,
	NODE = 56,
	SIGNAL = 72,
	COMM = 80,
	ARRIVAL = 96,
	UTIME = 104,
	STARTED = 112,
	BLOCKER = 120,
	RQ_CURR = 8,
	RQ_IDLE = 16,
	RQ_CLOCK = 24,
	THREAD_HEAD = 16,
};

#define TASK(n)      AT(0x40000 + (n)*0x100)
#define SIGNAL_OF(n) AT(0x50000 + (n)*0x40)

enum {
	STEXT,
	CRASH_KEXEC,
	BTF_START,
	BTF_STOP,
	POSSIBLE,
	ONLINE,
	OFFSETS,
	RQS,
	INIT_TASK,
	PANIC_CPU,
	CRASH_NOTES,
	TAINT,
	CMDLINE,
	AVENRUN,
	SYMBOLS,
};

/* Two idle tasks, then processes; the third has a thread. */
static const struct {
	int pid, tgid, parent, cpu;
	unsigned state, exit_state, flags;
	uint64_t arrival;
	const char *name;
	char shown;
	bool idle, thread;
} all[] = {
	{ 0, 0, 0, 0, 0, 0, 0x00200000, 900, "swapper/0", 'R', .idle = true },
	{ 0, 0, 0, 1, 0, 0, 0x00200000, 900, "swapper/1", 'R', .idle = true },
	{ 1, 1, 0, 0, 1, 0, 0, 1500, "systemd", 'S' },
	{ 2, 2, 0, 1, 0x402, 0, 0x00200000, 1000, "kworker/0:1", 'I' },
	{ 70, 70, 1, 1, 0, 0, 0, 4000, "crash\033er", 'R' },
	{ 71, 70, 1, 1, 2, 0, 0, 2000, "waits", 'D', .thread = true },
	{ 80, 80, 1, 0, 0, 0x20, 0, 0, "gone", 'Z' },
	{ 81, 81, 1, 0, 0x104, 0, 0, 0, "stopped", 'T' },
	{ 82, 82, 1, 0, 0x40, 0, 0, 0, "parked", 'P' },
};
#define N ARRAY_SIZE(all)

struct fixture {
	struct synth m;
	struct synth_log log;
	struct synth_tables tables;
	struct synth_symbol symbols[SYMBOLS];
	size_t n;
	struct dump *dump;
	struct report *report;
	char *text;
};

static void put(struct fixture *f, uint64_t va, uint64_t v, size_t size)
{
	uint8_t bytes[8];

	synth_put(bytes, v, 8, false);
	synth_store(&f->m, va, bytes, size);
}

static void put_types(struct fixture *f)
{
	struct synth_btf b;
	uint32_t u32, u64, list, comm, info;
	uint8_t *bytes;
	size_t len;

	synth_btf_init(&b);
	u32 = synth_btf_int(&b, "int", 4);
	u64 = synth_btf_int(&b, "long", 8);
	list = synth_btf_array(&b, u64, 2);
	comm = synth_btf_array(&b, synth_btf_int(&b, "char", 1), 16);
	synth_btf_struct(&b, "cpumask", 0, 8);
	info = synth_btf_struct(&b, "sched_info", 1, 8);
	synth_btf_member(&b, "last_arrival", u64, 0);
	synth_btf_struct(&b, "mutex", 1, 8);
	synth_btf_member(&b, "owner", u64, 0);
	synth_btf_struct(&b, "task_struct", 16, 256);
	synth_btf_member(&b, "utime", u64, UTIME * 8);
	synth_btf_member(&b, "start_boottime", u64, STARTED * 8);
	synth_btf_member(&b, "blocker", u64, BLOCKER * 8);
	synth_btf_member(&b, "flags", u32, FLAGS * 8);
	synth_btf_member(&b, "cpu", u32, CPU_NR * 8);
	synth_btf_member(&b, "__state", u32, STATE * 8);
	synth_btf_member(&b, "exit_state", u32, EXIT_STATE * 8);
	synth_btf_member(&b, "on_cpu", u32, ON_CPU * 8);
	synth_btf_member(&b, "tasks", list, TASKS * 8);
	synth_btf_member(&b, "pid", u32, PID * 8);
	synth_btf_member(&b, "tgid", u32, TGID * 8);
	synth_btf_member(&b, "real_parent", u64, PARENT * 8);
	synth_btf_member(&b, "thread_node", list, NODE * 8);
	synth_btf_member(&b, "signal", u64, SIGNAL * 8);
	synth_btf_member(&b, "comm", comm, COMM * 8);
	synth_btf_member(&b, "sched_info", info, ARRIVAL * 8);
	synth_btf_struct(&b, "signal_struct", 1, 64);
	synth_btf_member(&b, "thread_head", list, THREAD_HEAD * 8);
	synth_btf_struct(&b, "rq", 4, 32);
	synth_btf_member(&b, "nr_running", u32, 0);
	synth_btf_member(&b, "curr", u64, RQ_CURR * 8);
	synth_btf_member(&b, "idle", u64, RQ_IDLE * 8);
	synth_btf_member(&b, "clock", u64, RQ_CLOCK * 8);
	bytes = synth_btf_bytes(&b, &len);
	assert_true(len <= BTF_SIZE);
	synth_store(&f->m, AT(BTF), bytes, len);
	f->symbols[BTF_STOP].address = AT(BTF) + len;
	free(bytes);
}

/* A ring of list_heads: the nodes at @at. */
static void put_ring(struct fixture *f, const uint64_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put(f, at[i], at[(i + 1) % n], 8);
		put(f, at[i] + 8, at[(i + n - 1) % n], 8);
	}
}

static void put_task(struct fixture *f, size_t i)
{
	char name[16] = "";

	strncpy(name, all[i].name, sizeof(name) - 1);
	put(f, TASK(i) + FLAGS, all[i].flags, 4);
	put(f, TASK(i) + CPU_NR, all[i].cpu, 4);
	put(f, TASK(i) + STATE, all[i].state, 4);
	put(f, TASK(i) + EXIT_STATE, all[i].exit_state, 4);
	put(f, TASK(i) + PID, all[i].pid, 4);
	put(f, TASK(i) + TGID, all[i].tgid, 4);
	put(f, TASK(i) + PARENT, all[i].parent ? TASK(2) : TASK(0), 8);
	put(f, TASK(i) + ARRIVAL, all[i].arrival, 8);
	synth_store(&f->m, TASK(i) + COMM, name, sizeof(name));
	put(f, TASK(i) + SIGNAL, SIGNAL_OF(all[i].thread ? i - 1 : i), 8);
}

static void put_tasks(struct fixture *f)
{
	uint64_t ring[N] = { TASK(0) + TASKS };
	size_t n = 1;

	for (size_t i = 0; i < N; i++) {
		uint64_t threads[3] = { SIGNAL_OF(i) + THREAD_HEAD, TASK(i) + NODE,
			                TASK(i + 1) + NODE };

		put_task(f, i);
		if (!all[i].idle && !all[i].thread)
			ring[n++] = TASK(i) + TASKS;
		if (!all[i].thread)
			put_ring(f, threads, i + 1 < N && all[i + 1].thread ? 3 : 2);
	}
	put_ring(f, ring, n);
}

/* CPU 1 ran the crasher and left its registers, CPU 0 was idle and left none. */
static void put_cpus(struct fixture *f)
{
	put(f, AT(0x21000), 3, 8);
	put(f, AT(0x21800), 2, 8);
	for (unsigned i = 0; i < 2; i++) {
		put(f, AT(0x22000) + 8 * i, CPU(i) - AT(0), 8);
		put(f, CPU(i) + RUNQUEUES, 1 + i, 4);
		put(f, CPU(i) + RUNQUEUES + RQ_CURR, TASK(i ? 4 : 0), 8);
		put(f, CPU(i) + RUNQUEUES + RQ_IDLE, TASK(i), 8);
		put(f, CPU(i) + RUNQUEUES + RQ_CLOCK, UINT64_C(90061) * 1000000000, 8);
	}
	put(f, CPU(1) + NOTES, 5, 4);
	put(f, CPU(1) + NOTES + 4, 336, 4);
	put(f, CPU(1) + NOTES + 8, NT_PRSTATUS, 4);
	synth_store(&f->m, CPU(1) + NOTES + 12, "CORE", 5);
	put(f, CPU(1) + NOTES + 20 + 32, 70, 4);
	/* ip and ax. */
	put(f, CPU(1) + NOTES + 20 + 112 + 16 * 8, AT(0x30), 8);
	put(f, CPU(1) + NOTES + 20 + 112 + 10 * 8, 0xabc, 8);
}

static int setup(void **state)
{
	/* Variables of each CPU have an address of the image here, to which the offset is added. */
	static const struct synth_symbol symbols[SYMBOLS] = {
		[STEXT] = { "_stext", 'T', AT(0) },
		[CRASH_KEXEC] = { "__crash_kexec", 'T', AT(0x40) },
		[BTF_START] = { "__start_BTF", 'R', AT(BTF) },
		[BTF_STOP] = { "__stop_BTF", 'R', 0 },
		[POSSIBLE] = { "__cpu_possible_mask", 'R', AT(0x21000) },
		[ONLINE] = { "__cpu_online_mask", 'R', AT(0x21800) },
		[OFFSETS] = { "__per_cpu_offset", 'R', AT(0x22000) },
		[RQS] = { "runqueues", 'D', AT(0x22000 + RUNQUEUES) },
		[INIT_TASK] = { "init_task", 'D', TASK(0) },
		[PANIC_CPU] = { "panic_cpu", 'D', AT(0x60000) },
		[CRASH_NOTES] = { "crash_notes", 'D', AT(0x60008) },
		[TAINT] = { "tainted_mask", 'D', AT(0x60010) },
		[CMDLINE] = { "saved_command_line", 'D', AT(0x60018) },
		[AVENRUN] = { "avenrun", 'D', AVENRUN_AT },
	};
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	memcpy(f->symbols, symbols, sizeof(symbols));
	f->symbols[RQS].address = AT(RUNQUEUES);
	f->n = SYMBOLS;
	f->tables = (struct synth_tables){ .addresses = SYNTH_BASE_RELATIVE, .long_lengths = true };
	put_types(f);
	put_tasks(f);
	put_cpus(f);
	put(f, TASK(5) + UTIME, 1500000000, 8);
	put(f, TASK(5) + STARTED, UINT64_C(10000000000), 8);
	put(f, AT(0x60000), 1, 4);
	put(f, AT(0x60008), AT(NOTES), 8);
	put(f, AT(0x60010), 1 << 9 | 1 << 12, 8);
	put(f, AT(0x60018), AT(0x61000), 8);
	put(f, AT(0x60020), 2048 * 3 / 2, 8);
	put(f, AT(0x60028), 2048, 8);
	put(f, AT(0x60030), 0, 8);
	synth_store(&f->m, AT(0x61000), "root=/dev/vda quiet", 20);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	report_free(f->report);
	free(f->text);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

static struct report *open_report(struct fixture *f)
{
	struct synth_symbol sorted[SYMBOLS];

	memcpy(sorted, f->symbols, sizeof(sorted));
	for (size_t i = 1; i < f->n; i++)
		for (size_t j = i; j > 0 && sorted[j].address < sorted[j - 1].address; j--) {
			struct synth_symbol s = sorted[j];

			sorted[j] = sorted[j - 1];
			sorted[j - 1] = s;
		}
	synth_tables(&f->m, &f->tables, sorted, f->n);
	f->dump = synth_dump(&f->m);
	assert_int_equal(report_open(f->dump, &f->report), 0);
	assert_int_equal(report_need(f->report, REPORT_ALL), 0);
	return f->report;
}

static const char *write_report(struct fixture *f)
{
	const struct report_options o = { .all_tasks = true, .whole_log = true };
	size_t len;
	FILE *out = open_memstream(&f->text, &len);

	assert_non_null(out);
	assert_int_equal(report_text(f->report, &o, out), 0);
	assert_int_equal(fclose(out), 0);
	return f->text;
}

static void check_text(struct fixture *f, const char *part)
{
	if (!strstr(f->text, part))
		fail_msg("\"%s\" is not in:\n%s", part, f->text);
}

static void all_tasks_are_found(void **state)
{
	const struct tasks *t = &open_report(*state)->tasks;

	assert_string_equal(t->remark, "");
	assert_int_equal(t->n, N);
	for (size_t i = 0; i < N; i++) {
		const struct task *task = tasks_find(t, TASK(i));

		assert_non_null(task);
		assert_int_equal(task->pid, all[i].pid);
		assert_int_equal(task->tgid, all[i].tgid);
		assert_int_equal(task->cpu, all[i].cpu);
		assert_int_equal(task->state, all[i].shown);
		assert_int_equal(task->kernel, all[i].flags != 0);
		assert_int_equal(task->parent, all[i].parent ? 1 : 0);
		if (i != 4)
			assert_string_equal(task->name, all[i].name);
		else
			assert_string_equal(task->name, "crash?er");
	}
	/* A thread stands behind its process. */
	assert_ptr_equal(tasks_find(t, TASK(5)), tasks_find(t, TASK(4)) + 1);
	assert_null(tasks_find(t, TASK(5) + 8));
}

static void cpus_are_found(void **state)
{
	const struct tasks *t = &open_report(*state)->tasks;

	assert_string_equal(t->cpus_remark, "");
	assert_int_equal(t->n_cpus, 2);
	assert_int_equal(t->panic_cpu, 1);
	assert_true(t->cpus[0].current == TASK(0) && t->cpus[1].current == TASK(4));
	assert_true(t->cpus[0].idle == TASK(0) && t->cpus[1].idle == TASK(1));
	assert_int_equal(t->cpus[1].n_running, 2);
	assert_false(t->cpus[0].online);
	assert_true(t->cpus[1].online);
	assert_null(t->cpus[0].registers);
	assert_int_equal(t->cpus[1].registers_len, 336);
	assert_int_equal(t->cpus[1].registers[32], 70);
}

static void text_tells_all(void **state)
{
	struct fixture *f = *state;

	synth_log_init(&f->log, &f->m, 5, 12);
	synth_log_add(&f->log, 1, "Kernel panic - not syncing: no more tests", 41, SYNTH_FINAL);
	open_report(f);
	write_report(f);
	check_text(f, "no more tests\n\n   Fingerprint: ");
	check_text(f, "  panic: no more tests: _stext\n        Looser: ");
	check_text(f, "            Up: 1 day 1:01:01\n");
	check_text(f, "          Load: 1.50 1.00 0.00\n");
	check_text(f, "       Tainted: W, there was a warning before\n"
	              "                O, a module built outside of the kernel\n");
	check_text(f, "  Command line: root=/dev/vda quiet\n");
	check_text(f, "  CPU 1, which panicked: crash?er, process 70, 2 to run, running for 1 day "
	              "1:01:00\n");
	check_text(f, "  CPU 0: swapper/0, process 0, 1 to run\n    (CPU 0 left no registers)\n");
	check_text(f, "  D 71 waits, ran 1 day 1:01:00 before\n");
	check_text(f, "       71     1 D  1 day 1:01:00      1.500 s               1 day 1:00:51   "
	              "             {waits}\n");
	check_text(f, "        2     1 I ");
	check_text(f, "[kworker/0:1]\n");
	check_text(f, "] Kernel panic - not syncing: no more tests\n");
	/* The one that panicked comes first. */
	assert_true(strstr(f->text, "CPU 1,") < strstr(f->text, "CPU 0:"));
}

/* A hung machine of which a dump was made from outside. */
static void machine_that_did_not_panic_has_registers_of_the_file(void **state)
{
	struct fixture *f = *state;

	synth_log_init(&f->log, &f->m, 5, 12);
	synth_log_add(&f->log, 1, "all is well", 11, SYNTH_FINAL);
	put(f, AT(0x60000), UINT32_MAX, 4);
	put(f, CPU(1) + NOTES, 0, 8);
	put(f, CPU(1) + NOTES + 8, 0, 4);
	f->m.stacks[0] = AT(0x62000);
	f->m.stacks[1] = AT(0x62100);
	open_report(f);
	for (size_t i = 0; i < 2; i++) /* sp */
		assert_memory_equal(f->report->tasks.cpus[i].registers + 112 + 19 * 8,
		                    &f->m.stacks[i], 8);
	write_report(f);
	check_text(f, "No panic: the machine ran, or hung, when it was dumped\n");
}

static void registers_show_which_cpu_panicked(void **state)
{
	struct fixture *f = *state;

	f->symbols[PANIC_CPU].name = "another";
	put(f, CPU(1) + NOTES + 20 + 112 + 16 * 8, AT(0x50), 8);
	assert_int_equal(open_report(f)->tasks.panic_cpu, 1);
}

static void registers_are_told(void **state)
{
	struct fixture *f = *state;

	open_report(f);
	write_report(f);
	check_text(f, "    RIP: 0000:_stext+0x30/0x");
	check_text(f, "    Code: 00 00 00");
	check_text(f, "\n    RAX: 0000000000000abc RBX: 0000000000000000 RCX: 0000000000000000\n");
}

/* Those of a CPU on its way to the capture kernel are no fault's. */
static void registers_are_those_of_the_fault(void **state)
{
	struct fixture *f = *state;
	struct trace t = { .n = 3, .frames = { {}, { .ip = AT(0x30) }, { .regs = AT(0x62000) } } };
	const struct cpu *cpu;
	struct registers regs;

	put(f, AT(0x62000) + 16 * 8, AT(0x123), 8);
	open_report(f);
	cpu = &f->report->tasks.cpus[1];
	assert_int_equal(report_registers(f->report, cpu, &t, &regs), 0);
	assert_true(registers_ip(&regs) == AT(0x30));
	synth_put(cpu->registers + 112 + 16 * 8, AT(0x50), 8, false);
	assert_int_equal(report_registers(f->report, cpu, &t, &regs), 0);
	assert_true(registers_ip(&regs) == AT(0x123));
	t.n = 2;
	assert_int_equal(report_registers(f->report, cpu, &t, &regs), 0);
	assert_true(registers_ip(&regs) == AT(0x50));
	assert_int_equal(report_registers(f->report, cpu - 1, &t, &regs), -ENODATA);
}

static void deadlocks_are_told(void **state)
{
	struct fixture *f = *state;

	put(f, TASK(5) + BLOCKER, AVENRUN_AT, 8);
	put(f, AVENRUN_AT, TASK(5) | 1, 8);
	open_report(f);
	write_report(f);
	check_text(f, "\nDeadlocks\n"
	              "  1. waits (71) waits for mutex avenrun+0x0/0x0, held by waits (71)\n");
	check_text(f, "\nWaited for\n  1 waits for mutex avenrun+0x0/0x0, held by waits (71)\n");
	check_text(f, "  D 71 waits, ran 1 day 1:01:00 before\n"
	              "    waits for mutex avenrun+0x0/0x0, held by waits (71)\n"
	              "      part of deadlock 1\n");
}

static void who_holds_a_lock_may_do_something_else(void **state)
{
	struct fixture *f = *state;

	put(f, TASK(5) + BLOCKER, AVENRUN_AT, 8);
	put(f, AVENRUN_AT, TASK(4), 8);
	open_report(f);
	write_report(f);
	check_text(f, "    waits for mutex avenrun+0x0/0x0, held by crash?er (70)\n"
	              "      crash?er (70) ran on CPU 1\n");
	assert_null(strstr(f->text, "Deadlocks"));
}

/* Those who are each other's parents, too. */
static void every_task_is_in_the_tree_once(void **state)
{
	struct fixture *f = *state;

	put(f, TASK(6) + PARENT, TASK(7), 8);
	put(f, TASK(7) + PARENT, TASK(6), 8);
	open_report(f);
	write_report(f);
	check_text(f, "        1     0 S");
	check_text(f, "  systemd\n");
	check_text(f, "    crash?er\n");
	check_text(f, "      {waits}\n");
	for (size_t i = 0; i < N; i++) {
		char line[32];
		const char *found;

		snprintf(line, sizeof(line), "\n%9d %5d %c ", all[i].pid, all[i].cpu, all[i].shown);
		found = strstr(f->text, line);
		assert_non_null(found);
		assert_null(strstr(found + 1, line));
	}
}

/* Without symbols there is still the log, and each part says what it lacks. */
static void kernels_without_symbols_have_a_log(void **state)
{
	struct fixture *f = *state;

	synth_log_init(&f->log, &f->m, 5, 12);
	synth_log_add(&f->log, 1, "Kernel panic - not syncing: no names", 36, SYNTH_FINAL);
	f->dump = synth_dump(&f->m);
	assert_int_equal(report_open(f->dump, &f->report), 0);
	write_report(f);
	check_text(f, "no names\n\n   Fingerprint: ");
	check_text(f, "  panic: no names\n        Kernel: " SYNTH_RELEASE "\n");
	check_text(f, "  Command line: not known\n");
	check_text(f, "          Load: not known\n"
	              "        Remark: the kernel's symbols are not known: VMCOREINFO has no ");
	check_text(f, "\nCPUs\n  not known\n");
	check_text(f, "] Kernel panic - not syncing: no names\n");
}

/* Without CONFIG_KALLSYMS_ALL the names of functions are all there is. */
static void kernels_without_names_of_data_have_registers_and_a_log(void **state)
{
	struct fixture *f = *state;

	synth_log_init(&f->log, &f->m, 5, 12);
	synth_log_add(&f->log, 1, "Kernel panic - not syncing: no data", 35, SYNTH_FINAL);
	f->n = CRASH_KEXEC + 1;
	open_report(f);
	write_report(f);
	check_text(f, "\nCPUs\n  remark: the kernel has no symbol \"__cpu_possible_mask\"\n");
	check_text(f, "  CPU 0\n    RIP: 0033:0x0\n");
	check_text(f, "  CPU 1\n    RIP: 0033:0x0\n");
	check_text(f, "] Kernel panic - not syncing: no data\n");
}

static void members_are_described(void **state)
{
	struct fixture *f = *state;

	synth_log_init(&f->log, &f->m, 5, 12);
	synth_log_add(&f->log, 1, "Kernel panic - not syncing: no more tests", 41, SYNTH_FINAL);
	put(f, TASK(5) + BLOCKER, AVENRUN_AT, 8);
	put(f, AVENRUN_AT, TASK(5) | 1, 8);
	open_report(f);
	assert_int_equal(report_classify(f->report), 0);
	schema_check_report(f->report, "tasks");
	schema_check_report(f->report, "locks");
	schema_check_report(f->report, "log_records");
}

static void broken_lists_give_what_comes_before(void **state)
{
	struct fixture *f = *state;

	put(f, TASK(4) + TASKS, 0x1000, 8);
	open_report(f);
	assert_true(f->report->tasks.n >= 5);
	assert_non_null(tasks_find(&f->report->tasks, TASK(5)));
	assert_null(tasks_find(&f->report->tasks, TASK(6)));
	write_report(f);
	check_text(f, "Blocked and waiting to run\n  remark: ");
}

/* A circle that the first task is not part of. */
static void circles_end(void **state)
{
	struct fixture *f = *state;

	put(f, TASK(6) + TASKS, TASK(3) + TASKS, 8);
	open_report(f);
	assert_true(f->report->tasks.n < 8 * N);
	assert_true(f->report->tasks.remark[0]);
}

static void dumps_of_no_kernel_say_so(void **state)
{
	struct fixture *f = *state;

	f->m.no_vmcoreinfo = true;
	f->dump = synth_dump(&f->m);
	assert_int_equal(report_open(f->dump, &f->report), 0);
	write_report(f);
	check_text(f, "The kernel cannot be found in this dump: ");
	check_text(f, "has no VMCOREINFO\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(all_tasks_are_found),
		TEST(cpus_are_found),
		TEST(text_tells_all),
		TEST(machine_that_did_not_panic_has_registers_of_the_file),
		TEST(registers_show_which_cpu_panicked),
		TEST(registers_are_told),
		TEST(registers_are_those_of_the_fault),
		TEST(deadlocks_are_told),
		TEST(who_holds_a_lock_may_do_something_else),
		TEST(every_task_is_in_the_tree_once),
		TEST(kernels_without_symbols_have_a_log),
		TEST(kernels_without_names_of_data_have_registers_and_a_log),
		TEST(members_are_described),
		TEST(broken_lists_give_what_comes_before),
		TEST(circles_end),
		TEST(dumps_of_no_kernel_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
