// SPDX-License-Identifier: GPL-2.0-or-later
/* test-report.c - tasks, CPUs and the report of a kernel that was never there. */
#include <elf.h>
#include <errno.h>
#include <stdio.h>

#include "tests/unit/crashed.h"
#include "tests/unit/schema.h"

static void all_tasks_are_found(void **state)
{
	const struct tasks *t = &crashed_report(*state)->tasks;

	assert_string_equal(t->remark, "");
	assert_int_equal(t->n, CRASHED_TASKS);
	for (size_t i = 0; i < CRASHED_TASKS; i++) {
		const struct task *task = tasks_find(t, TASK(i));

		assert_non_null(task);
		assert_int_equal(task->pid, crashed_tasks[i].pid);
		assert_int_equal(task->tgid, crashed_tasks[i].tgid);
		assert_int_equal(task->cpu, crashed_tasks[i].cpu);
		assert_int_equal(task->state, crashed_tasks[i].shown);
		assert_int_equal(task->kernel, crashed_tasks[i].flags != 0);
		assert_int_equal(task->parent, crashed_tasks[i].parent ? 1 : 0);
		if (i != 4)
			assert_string_equal(task->name, crashed_tasks[i].name);
		else
			assert_string_equal(task->name, "crash\\x1b\303\251r");
	}
	/* A thread stands behind its process. */
	assert_ptr_equal(tasks_find(t, TASK(5)), tasks_find(t, TASK(4)) + 1);
	assert_null(tasks_find(t, TASK(5) + 8));
}

static void cpus_are_found(void **state)
{
	const struct tasks *t = &crashed_report(*state)->tasks;

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
	struct crashed *f = *state;

	synth_log_init(&f->log, &f->m, 5, 12);
	synth_log_add(&f->log, 1, "Kernel panic - not syncing: no more tests", 41, SYNTH_FINAL);
	crashed_report(f);
	crashed_write(f);
	crashed_check(f, "no more tests\n\n   Fingerprint: ");
	crashed_check(f, "  panic: no more tests: _stext\n        Looser: ");
	crashed_check(f, "            Up: 1 day 1:01:01\n");
	crashed_check(f, "          Load: 1.50 1.00 0.00\n");
	crashed_check(f, "       Tainted: W, there was a warning before\n"
	                 "                O, a module built outside of the kernel\n");
	crashed_check(f, "  Command line: root=/dev/vda quiet\n");
	crashed_check(f, "  CPU 1, which panicked: crash\\x1b\303\251r, process 70, 2 to run, "
	                 "running for 1 day "
	                 "1:01:00\n");
	crashed_check(f,
	              "  CPU 0: swapper/0, process 0, 1 to run\n    (CPU 0 left no registers)\n");
	crashed_check(f, "  D 71 waits, ran 1 day 1:01:00 before\n");
	crashed_check(f,
	              "       71     1 D  1 day 1:01:00      1.500 s               1 day 1:00:51   "
	              "             {waits}\n");
	crashed_check(f, "        2     1 I ");
	crashed_check(f, "[kworker/0:1]\n");
	crashed_check(f, "] Kernel panic - not syncing: no more tests\n");
	/* The one that panicked comes first. */
	assert_true(strstr(f->text, "CPU 1,") < strstr(f->text, "CPU 0:"));
}

/* A hung machine of which a dump was made from outside. */
static void machine_that_did_not_panic_has_registers_of_the_file(void **state)
{
	struct crashed *f = *state;

	synth_log_init(&f->log, &f->m, 5, 12);
	synth_log_add(&f->log, 1, "all is well", 11, SYNTH_FINAL);
	crashed_put(f, AT(0x60000), UINT32_MAX, 4);
	crashed_put(f, CPU(1) + NOTES, 0, 8);
	crashed_put(f, CPU(1) + NOTES + 8, 0, 4);
	f->m.stacks[0] = AT(0x62000);
	f->m.stacks[1] = AT(0x62100);
	crashed_report(f);
	for (size_t i = 0; i < 2; i++) /* sp */
		assert_memory_equal(f->report->tasks.cpus[i].registers + 112 + 19 * 8,
		                    &f->m.stacks[i], 8);
	crashed_write(f);
	crashed_check(f, "No panic: the machine ran, or hung, when it was dumped\n");
}

#define PANIC_AT     AT(0x50)
#define SELF_STOP_AT AT(0x90)

/* Leaves the registers of a CPU of arm64 that is in @ip, called from @caller; 0: from nowhere. */
static void stop_cpu(struct crashed *f, unsigned nr, uint64_t ip, uint64_t caller)
{
	uint64_t note = CPU(nr) + NOTES, regs = note + 20 + 112, fp = AT(0x62000 + nr * 0x100);

	crashed_put(f, note, 5, 4);
	crashed_put(f, note + 4, 392, 4);
	crashed_put(f, note + 8, NT_PRSTATUS, 4);
	synth_store(&f->m, note + 12, "CORE", 5);
	crashed_put(f, regs + 29 * 8, fp, 8);
	crashed_put(f, regs + 31 * 8, fp - 0x40, 8);
	crashed_put(f, regs + 32 * 8, ip, 8);
	crashed_put(f, regs + 33 * 8, 5, 8); /* EL1h */
	crashed_put(f, fp, fp + 0x40, 8);
	crashed_put(f, fp + 8, caller, 8);
	crashed_put(f, fp + 0x40, 0, 8);
	crashed_put(f, fp + 0x48, 0, 8);
}

static int panicked(struct crashed *f)
{
	const struct arch *x86_64;
	struct arch arm64;

	f->symbols[CMDLINE] = (struct synth_symbol){ "_etext", 'T', AT(0x1000) };
	f->symbols[TAINT] = (struct synth_symbol){ "panic_smp_self_stop", 'T', AT(0x80) };
	crashed_open(f);
	x86_64 = f->report->ks->tables.arch;
	arm64 = *x86_64;
	arm64.elf_machine = EM_AARCH64;
	f->report->ks->tables.arch = &arm64;
	assert_int_equal(report_need(f->report, REPORT_TASKS), 0);
	f->report->ks->tables.arch = x86_64;
	return f->report->tasks.panic_cpu;
}

/* Where nobody tells. Another CPU may have wanted to panic too, and waits. */
static void calls_show_which_cpu_panicked(void **state)
{
	static const struct {
		const char *function;
		uint64_t ip[2], caller[2];
		int panicked;
	} rows[] = {
		{ "__crash_kexec", { AT(0x30), PANIC_AT }, {}, 1 },
		{ "panic", { AT(0x30), PANIC_AT }, {}, 1 },
		{ "vpanic", { PANIC_AT, AT(0x30) }, {}, 0 },
		{ "panic.cold", { PANIC_AT, AT(0x30) }, {}, 0 },
		{ "panic_print", { PANIC_AT, AT(0x30) }, {}, -1 },
		{ "panic", { AT(0x30), AT(0x30) }, { 0, PANIC_AT }, 1 },
		{ "panic", { SELF_STOP_AT, AT(0x30) }, { PANIC_AT, PANIC_AT }, 1 },
		{ "panic", { AT(0x30), PANIC_AT }, { SELF_STOP_AT, 0 }, 1 },
		{ "panic", { PANIC_AT, PANIC_AT }, {}, -1 },
		{ "panic", { AT(0x30), AT(0x30) }, {}, -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct crashed *f = *state;

		f->symbols[CRASH_KEXEC].name = rows[i].function;
		f->symbols[PANIC_CPU].name = "another";
		for (unsigned nr = 0; nr < 2; nr++)
			stop_cpu(f, nr, rows[i].ip[nr], rows[i].caller[nr]);
		if (panicked(f) != rows[i].panicked)
			fail_msg("row %zu: CPU %d", i, f->report->tasks.panic_cpu);
		crashed_teardown(state);
		crashed_setup(state);
	}
}

/* The crasher is process 70, on CPU 1. */
static void oops_shows_which_cpu_panicked(void **state)
{
#define OOPS     "Internal error: Oops: 96000005 [#1] SMP"
#define ON(n, p) "CPU: " #n " PID: " #p " Comm: PID: 4 Tainted: G"
	static const struct {
		const char *lines[3];
		int facility, panicked;
	} rows[] = {
		{ { OOPS, ON(1, 70) }, 0, 1 },
		{ { OOPS, ON(1 UID : 0, 70), ON(0, 0) }, 0, 1 },
		{ { OOPS, ON(1, 70), OOPS }, 0, -1 },
		{ { OOPS, ON(1, 71) }, 0, -1 },
		{ { OOPS, ON(0, 70) }, 0, -1 },
		{ { ON(1, 70), OOPS }, 0, -1 },
		{ { OOPS, ON(1, 70) }, 1, -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct crashed *f = *state;

		f->symbols[PANIC_CPU].name = "another";
		synth_log_init(&f->log, &f->m, 5, 12);
		for (size_t k = 0; k < 3 && rows[i].lines[k]; k++) {
			f->log.facility = rows[i].facility;
			synth_log_add(&f->log, k + 1, rows[i].lines[k], strlen(rows[i].lines[k]),
			              SYNTH_FINAL);
		}
		if (panicked(f) != rows[i].panicked)
			fail_msg("row %zu: CPU %d", i, f->report->tasks.panic_cpu);
		crashed_teardown(state);
		crashed_setup(state);
	}
}

/* What the kernel says wins, if it has such a CPU. */
static void kernel_says_which_cpu_panicked(void **state)
{
	static const struct {
		uint32_t said;
		int panicked;
	} rows[] = { { 1, 1 }, { UINT32_MAX, -1 }, { 5, 0 }, { 64, 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct crashed *f = *state;

		stop_cpu(f, 0, PANIC_AT, 0);
		crashed_put(f, AT(0x60000), rows[i].said, 4);
		assert_int_equal(panicked(f), rows[i].panicked);
		crashed_teardown(state);
		crashed_setup(state);
	}
}

static void registers_are_told(void **state)
{
	struct crashed *f = *state;

	crashed_report(f);
	crashed_write(f);
	crashed_check(f, "    RIP: 0000:_stext+0x30/0x");
	crashed_check(f, "    Code: 00 00 00");
	crashed_check(f,
	              "\n    RAX: 0000000000000abc RBX: 0000000000000000 RCX: 0000000000000000\n");
}

/* Those of a CPU on its way to the capture kernel are no fault's. */
static void registers_are_those_of_the_fault(void **state)
{
	struct crashed *f = *state;
	struct trace t = { .n = 3, .frames = { {}, { .ip = AT(0x30) }, { .regs = AT(0x62000) } } };
	const struct cpu *cpu;
	struct registers regs;

	crashed_put(f, AT(0x62000) + 16 * 8, AT(0x123), 8);
	crashed_report(f);
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
	struct crashed *f = *state;

	crashed_put(f, TASK(5) + BLOCKER, AVENRUN_AT, 8);
	crashed_put(f, AVENRUN_AT, TASK(5) | 1, 8);
	crashed_report(f);
	crashed_write(f);
	crashed_check(f, "\nDeadlocks\n"
	                 "  1. waits (71) waits for mutex avenrun+0x0/0x0, held by waits (71)\n");
	crashed_check(f, "\nWaited for\n  1 waits for mutex avenrun+0x0/0x0, held by waits (71)\n");
	crashed_check(f, "  D 71 waits, ran 1 day 1:01:00 before\n"
	                 "    waits for mutex avenrun+0x0/0x0, held by waits (71)\n"
	                 "      part of deadlock 1\n");
}

static void who_holds_a_lock_may_do_something_else(void **state)
{
	struct crashed *f = *state;

	crashed_put(f, TASK(5) + BLOCKER, AVENRUN_AT, 8);
	crashed_put(f, AVENRUN_AT, TASK(4), 8);
	crashed_report(f);
	crashed_write(f);
	crashed_check(f, "    waits for mutex avenrun+0x0/0x0, held by crash\\x1b\303\251r (70)\n"
	                 "      crash\\x1b\303\251r (70) ran on CPU 1\n");
	assert_null(strstr(f->text, "Deadlocks"));
}

/* What is written element by element is what the whole would be. */
static void json_is_the_same_in_pieces(void **state)
{
	const struct report_options o = { .all_tasks = true, .whole_log = true };
	struct report *report = crashed_report(*state);
	json_auto_t *all = report_json(report, &o);
	_cleanup_free_ char *whole = json_dumps(all, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	_cleanup_free_ char *pieces = NULL;
	size_t len;
	FILE *f = open_memstream(&pieces, &len);

	assert_non_null(f);
	assert_int_equal(report_json_write(report, &o, f), 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(pieces[len - 1], '\n');
	pieces[len - 1] = '\0';
	assert_string_equal(pieces, whole);
	assert_int_equal(json_array_size(json_object_get(all, "tasks")), CRASHED_TASKS);
}

/* With many tasks, each would take some kilobytes. */
static void equal_traces_are_in_memory_once(void **state)
{
	const struct report_options o = { .all_tasks = true };
	json_auto_t *all = report_json(crashed_report(*state), &o);
	const json_t *tasks = json_object_get(all, "tasks");
	const json_t *ran = json_object_get(json_array_get(tasks, 4), "trace");
	const json_t *slept = json_object_get(json_array_get(tasks, 5), "trace");

	assert_non_null(slept);
	assert_ptr_equal(json_object_get(json_array_get(tasks, 2), "trace"), slept);
	assert_ptr_not_equal(ran, slept);
}

/* Tasks that wait for one mutex in the same calls. */
static void equal_waits_are_told_once(void **state)
{
	struct crashed *f = *state;

	for (unsigned i = 5; i < CRASHED_TASKS; i++) {
		crashed_put(f, TASK(i) + STATE, 2, 4);
		crashed_put(f, TASK(i) + EXIT_STATE, 0, 4);
		crashed_put(f, TASK(i) + BLOCKER, AVENRUN_AT, 8);
	}
	/* Another one waits alone. */
	crashed_put(f, TASK(7) + BLOCKER, 0, 8);
	crashed_put(f, AVENRUN_AT, TASK(4), 8);
	crashed_report(f);
	crashed_write(f);
	crashed_check(f, "\n  3 wait for mutex");
	crashed_check(f, "  D 71 waits, ran 1 day 1:01:00 before\n"
	                 "    3 tasks like this: 71, 80, 82\n"
	                 "    waits for mutex avenrun+0x0/0x0, held by crash");
	crashed_check(f, "\n  D 81 stopped\n    waits ");
	assert_null(strstr(f->text, "\n  D 80 "));
	assert_null(strstr(f->text, "\n  D 82 "));
}

/* Those who are each other's parents, too. */
static void every_task_is_in_the_tree_once(void **state)
{
	struct crashed *f = *state;

	crashed_put(f, TASK(6) + PARENT, TASK(7), 8);
	crashed_put(f, TASK(7) + PARENT, TASK(6), 8);
	crashed_report(f);
	crashed_write(f);
	crashed_check(f, "        1     0 S");
	crashed_check(f, "  systemd\n");
	crashed_check(f, "    crash\\x1b\303\251r\n");
	crashed_check(f, "      {waits}\n");
	for (size_t i = 0; i < CRASHED_TASKS; i++) {
		char line[32];
		const char *found;

		snprintf(line, sizeof(line), "\n%9d %5d %c ", crashed_tasks[i].pid,
		         crashed_tasks[i].cpu, crashed_tasks[i].shown);
		found = strstr(f->text, line);
		assert_non_null(found);
		assert_null(strstr(found + 1, line));
	}
}

/* Without symbols there is still the log, and each part says what it lacks. */
static void kernels_without_symbols_have_a_log(void **state)
{
	struct crashed *f = *state;

	synth_log_init(&f->log, &f->m, 5, 12);
	synth_log_add(&f->log, 1, "Kernel panic - not syncing: no names", 36, SYNTH_FINAL);
	f->dump = synth_dump(&f->m);
	assert_int_equal(report_open(f->dump, &f->report), 0);
	crashed_write(f);
	crashed_check(f, "no names\n\n   Fingerprint: ");
	crashed_check(f, "  panic: no names\n        Kernel: " SYNTH_RELEASE "\n");
	crashed_check(f, "  Command line: not known\n");
	crashed_check(f, "          Load: not known\n"
	                 "        Remark: the kernel's symbols are not known: VMCOREINFO has no ");
	crashed_check(f, "\nCPUs\n  not known\n");
	crashed_check(f, "] Kernel panic - not syncing: no names\n");
}

/* Without CONFIG_KALLSYMS_ALL the names of functions are all there is. */
static void kernels_without_names_of_data_have_registers_and_a_log(void **state)
{
	struct crashed *f = *state;

	synth_log_init(&f->log, &f->m, 5, 12);
	synth_log_add(&f->log, 1, "Kernel panic - not syncing: no data", 35, SYNTH_FINAL);
	f->n = CRASH_KEXEC + 1;
	crashed_report(f);
	crashed_write(f);
	crashed_check(f, "\nCPUs\n  remark: the kernel has no symbol \"__cpu_possible_mask\"\n");
	crashed_check(f, "  CPU 0\n    RIP: 0033:0x0\n");
	crashed_check(f, "  CPU 1\n    RIP: 0033:0x0\n");
	crashed_check(f, "] Kernel panic - not syncing: no data\n");
}

static void members_are_described(void **state)
{
	struct crashed *f = *state;

	synth_log_init(&f->log, &f->m, 5, 12);
	synth_log_add(&f->log, 1, "Kernel panic - not syncing: no more tests", 41, SYNTH_FINAL);
	crashed_put(f, TASK(5) + BLOCKER, AVENRUN_AT, 8);
	crashed_put(f, AVENRUN_AT, TASK(5) | 1, 8);
	crashed_report(f);
	assert_int_equal(report_classify(f->report), 0);
	schema_check_report(f->report, "tasks");
	schema_check_report(f->report, "locks");
	schema_check_report(f->report, "log_records");
}

static void records_tell_who_wrote_them(void **state)
{
	static const struct {
		unsigned facility;
		const char *name;
	} rows[] = {
		{ 0, "kern" }, { 1, "user" }, { 3, "daemon" }, { 16, "local0" }, { 13, "13" }
	};
	struct crashed *f = *state;
	const struct report_options o = { .whole_log = true };
	json_t *all, *records;

	synth_log_init(&f->log, &f->m, 5, 12);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->log.facility = rows[i].facility;
		synth_log_add(&f->log, 1, "text", 4, SYNTH_FINAL);
	}
	crashed_report(f);
	f->report->records[1].facility = -1;
	all = report_json(f->report, &o);
	records = json_object_get(all, "log_records");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *facility = json_object_get(json_array_get(records, i), "facility");

		if (i == 1)
			assert_true(json_is_null(facility));
		else
			assert_string_equal(json_string_value(facility) ?: "", rows[i].name);
	}
	json_decref(all);
}

static void broken_lists_give_what_comes_before(void **state)
{
	struct crashed *f = *state;

	crashed_put(f, TASK(4) + TASKS, 0x1000, 8);
	crashed_report(f);
	assert_true(f->report->tasks.n >= 5);
	assert_non_null(tasks_find(&f->report->tasks, TASK(5)));
	assert_null(tasks_find(&f->report->tasks, TASK(6)));
	crashed_write(f);
	crashed_check(f, "Blocked and waiting to run\n  remark: ");
}

/* A circle that the first task is not part of. */
static void circles_end(void **state)
{
	struct crashed *f = *state;

	crashed_put(f, TASK(6) + TASKS, TASK(3) + TASKS, 8);
	crashed_report(f);
	assert_true(f->report->tasks.n < 8 * CRASHED_TASKS);
	assert_true(f->report->tasks.remark[0]);
}

static void dumps_of_no_kernel_say_so(void **state)
{
	struct crashed *f = *state;

	f->m.no_vmcoreinfo = true;
	f->dump = synth_dump(&f->m);
	assert_int_equal(report_open(f->dump, &f->report), 0);
	crashed_write(f);
	crashed_check(f, "The kernel cannot be found in this dump: ");
	crashed_check(f, "has no VMCOREINFO\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, crashed_setup, crashed_teardown)
		TEST(all_tasks_are_found),
		TEST(cpus_are_found),
		TEST(text_tells_all),
		TEST(machine_that_did_not_panic_has_registers_of_the_file),
		TEST(calls_show_which_cpu_panicked),
		TEST(oops_shows_which_cpu_panicked),
		TEST(kernel_says_which_cpu_panicked),
		TEST(registers_are_told),
		TEST(registers_are_those_of_the_fault),
		TEST(deadlocks_are_told),
		TEST(who_holds_a_lock_may_do_something_else),
		TEST(equal_waits_are_told_once),
		TEST(equal_traces_are_in_memory_once),
		TEST(json_is_the_same_in_pieces),
		TEST(every_task_is_in_the_tree_once),
		TEST(kernels_without_symbols_have_a_log),
		TEST(kernels_without_names_of_data_have_registers_and_a_log),
		TEST(members_are_described),
		TEST(records_tell_who_wrote_them),
		TEST(broken_lists_give_what_comes_before),
		TEST(circles_end),
		TEST(dumps_of_no_kernel_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
