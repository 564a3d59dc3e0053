// SPDX-License-Identifier: GPL-2.0-or-later
/* test-trace.c - the traces of tasks that slept, and of those that a CPU ran. */
#include <elf.h>

#include "tests/unit/unwindbox.h"
#include "vmcore/report/report.h"

#define THREAD_FP 0x200
#define THREAD_SP 0x208
#define THREAD_PC 0x210

static int setup(void **state)
{
	struct unwindbox *b;

	unwindbox_setup(state);
	b = *state;
	b->arch.elf_machine = EM_AARCH64;
	b->facts.arm64 = (struct unwind_arm64_facts){ .thread_fp = THREAD_FP,
		                                      .thread_sp = THREAD_SP,
		                                      .thread_pc = THREAD_PC };
	return 0;
}

/* The last record of a stack. */
static uint64_t push_end(struct unwindbox *b)
{
	unwindbox_push(b, 0);
	return unwindbox_push(b, 0);
}

static void task_that_a_cpu_ran_has_the_trace_of_the_cpu(void **state)
{
	struct unwindbox *b = *state;
	struct task task = { .address = UNWINDBOX_TASK, .on_cpu = true };
	struct cpu cpu = { .current = UNWINDBOX_TASK };
	struct report report = { .tasks = { .list = &task, .n = 1, .cpus = &cpu, .n_cpus = 1 } };
	struct kview v = { .no_cpus = "none" };
	uint8_t note[392] = {};

	/* Where it had slept, and where it is now. */
	unwindbox_put(b, UNWINDBOX_TASK + THREAD_PC, unwindbox_ip(3));
	unwindbox_put(b, UNWINDBOX_TASK + THREAD_FP, push_end(b));
	synth_put(note + 112 + 29 * 8, push_end(b), 8, false);
	synth_put(note + 112 + 32 * 8, unwindbox_ip(1), 8, false);
	synth_put(note + 112 + 33 * 8, 0x60400005, 8, false); /* EL1h */
	unwindbox_open(b);
	v.ks = b->ks;
	assert_int_equal(stacks_open(&v, UNWINDBOX_STACK_SIZE, &report.stacks), 0);
	report.unwind = b->unwind;

	report_trace_task(&report, &task, &b->trace);
	unwindbox_frames(b, TRACE_BROKEN, "left no registers");
	cpu.registers = note;
	cpu.registers_len = sizeof(note);
	report_trace_task(&report, &task, &b->trace);
	unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(1), "interrupted" });
	cpu.current += 8;
	report_trace_task(&report, &task, &b->trace);
	unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(3), "call" });
	stacks_free(report.stacks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(task_that_a_cpu_ran_has_the_trace_of_the_cpu, setup,
		                                unwindbox_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
