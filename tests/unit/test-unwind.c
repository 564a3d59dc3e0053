// SPDX-License-Identifier: GPL-2.0-or-later
/* test-unwind.c - stacks that are broken, or cannot be read, end with a reason. */
#include <elf.h>
#include <errno.h>

#include "tests/unit/unwindbox-x86_64.h"
#include "base/err.h"

static void scan_shows_code_of_kernel_and_modules(void **state)
{
	struct unwindbox *b = *state;

	/* A call may be the last of all, but not be in front of the first. */
	unwindbox_push(b, UNWINDBOX_TEXT_END);
	unwindbox_push(b, UNWINDBOX_TEXT_END + 1);
	unwindbox_push(b, UNWINDBOX_TEXT + 1);
	unwindbox_push(b, UNWINDBOX_TEXT);
	unwindbox_push(b, UNWINDBOX_INIT_END);
	unwindbox_push(b, UNWINDBOX_STACK(0));
	unwindbox_push(b, X86_MODULE_IP);
	unwindbox_push(b, UNWINDBOX_DATA + 8);
	unwindbox_push(b, X86_BPF);
	unwindbox_push(b, SYNTH_IMAGE_VA);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(UNKNOWN) });
	unwindbox_frames(b, TRACE_BROKEN, "do not tell of 0xffffffff81100014",
	                 { x86_in(UNKNOWN), "interrupted" }, { X86_MODULE_IP, "unsure" },
	                 { UNWINDBOX_INIT_END, "unsure" }, { UNWINDBOX_TEXT + 1, "unsure" },
	                 { UNWINDBOX_TEXT_END, "unsure" });
	assert_int_equal(b->trace.frames[4].sp, UNWINDBOX_STACK(0) + UNWINDBOX_STACK_SIZE);
}

static void return_address_must_be_code(void **state)
{
	struct unwindbox *b = *state;

	unwindbox_push(b, x86_in(THREAD));
	unwindbox_push(b, UNWINDBOX_JUNK);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF) });
	unwindbox_frames(b, TRACE_BROKEN, "is 0x1234567890, where there is no code",
	                 { x86_in(LEAF), "interrupted" }, { x86_in(THREAD), "unsure" });
}

static void stack_must_lead_up(void **state)
{
	struct unwindbox *b = *state;
	uint64_t bp;

	bp = unwindbox_push(b, x86_in(LEAF));
	unwindbox_push(b, x86_in(POINTER));
	unwindbox_push(b, bp - 16);
	unwindbox_junk(b, 2);
	/* To the frame itself, and to one that is too far up. */
	x86_stop(b, (struct x86_regs){ .ip = x86_in(POINTER), .bp = b->stack - 16 });
	unwindbox_frames(b, TRACE_BROKEN, "the stack leads from",
	                 { x86_in(POINTER), "interrupted" }, { x86_in(POINTER), "unsure" },
	                 { x86_in(LEAF), "unsure" });
	x86_stop(b, (struct x86_regs){ .ip = x86_in(POINTER),
	                               .bp = b->stack + UNWINDBOX_STACK_SIZE - 8 });
	unwindbox_frames(b, TRACE_BROKEN, "the stack leads from",
	                 { x86_in(POINTER), "interrupted" }, { x86_in(POINTER), "unsure" },
	                 { x86_in(LEAF), "unsure" });
}

static void stacks_that_lead_in_a_circle_end(void **state)
{
	struct unwindbox *b = *state;
	uint64_t sp[2];

	/* Each of two stacks says that it interrupted the other one. */
	for (unsigned i = 0; i < 2; i++)
		sp[i] = UNWINDBOX_STACK(i) + UNWINDBOX_STACK_SIZE - 21 * 8;
	for (unsigned i = 0; i < 2; i++) {
		unwindbox_on(b, i);
		x86_push_regs(
			b,
			(struct x86_regs){ .ip = x86_in(ENTRY), .cs = X86_KERNEL_CS, .sp = sp[!i] },
			0);
		assert_int_equal(b->stack, sp[i]);
	}
	x86_stop(b, (struct x86_regs){ .ip = x86_in(ENTRY) });
	assert_int_equal(b->trace.end, TRACE_BROKEN);
	assert_in_range(b->trace.n, 4, 40);
	assert_non_null(strstr(b->trace.reason, "again and again"));
	/* One that interrupted itself. */
	x86_push_regs(b,
	              (struct x86_regs){
			      .ip = x86_in(ENTRY), .cs = X86_KERNEL_CS, .sp = b->stack - 21 * 8 },
	              0);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(ENTRY) });
	assert_int_equal(b->trace.end, TRACE_BROKEN);
	assert_in_range(b->trace.n, 4, 40);
}

static void long_traces_are_cut(void **state)
{
	struct unwindbox *b = *state;

	for (unsigned i = 0; i < TRACE_MAX; i++)
		unwindbox_push(b, x86_in(LEAF));
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF) });
	assert_int_equal(b->trace.n, TRACE_MAX);
	assert_int_equal(b->trace.end, TRACE_BROKEN);
	assert_string_equal(b->trace.reason, "there are more frames");
	/* So are those that are guessed. */
	unwindbox_push(b, UNWINDBOX_JUNK);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF) });
	assert_int_equal(b->trace.n, TRACE_MAX);
	assert_false(b->trace.frames[TRACE_MAX - 1].sure);
}

static void missing_page_is_named(void **state)
{
	struct unwindbox *b = *state;
	uint64_t page = UNWINDBOX_STACK(0) + UNWINDBOX_STACK_SIZE - UNWINDBOX_PAGE;

	/* The return address is in it; what is in front of it is of no use then. */
	b->stack = page;
	unwindbox_push(b, x86_in(LEAF));
	unwindbox_push(b, x86_in(SMALL));
	synth_put(synth_entry(&b->m, page, 1), 0, 8, false);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(FRAME) });
	unwindbox_frames(b, TRACE_BROKEN, "0xffffc90000043000 is not mapped",
	                 { x86_in(FRAME), "interrupted" });
	/* A page of memory that the machine does not have. */
	synth_map(&b->m, page, UINT64_C(1) << 33, UNWINDBOX_PAGE, UNWINDBOX_PAGE);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(FRAME) });
	unwindbox_frames(b, TRACE_BROKEN, "0xffffc90000043000 is not in RAM",
	                 { x86_in(FRAME), "interrupted" });
}

static void stack_pointer_may_be_nonsense(void **state)
{
	struct unwindbox *b = *state;
	static const uint64_t nonsense[] = { 1, UINT64_MAX, UINT64_MAX - 7, INT64_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(nonsense); i++) {
		x86_stop(b, (struct x86_regs){ .ip = x86_in(FRAME), .sp = nonsense[i] });
		assert_int_equal(b->trace.n, 1);
		assert_int_equal(b->trace.end, TRACE_BROKEN);
		assert_true(b->trace.reason[0]);
	}
	unwindbox_push(b, x86_in(THREAD));
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF), .sp = b->stack - 3 });
	unwindbox_frames(b, TRACE_BROKEN, "which is not aligned", { x86_in(LEAF), "interrupted" },
	                 { x86_in(THREAD), "unsure" });
	x86_stop(b, (struct x86_regs){ .ip = x86_in(STRANGE) });
	unwindbox_frames(b, TRACE_BROKEN, "makes no sense", { x86_in(STRANGE), "interrupted" },
	                 { x86_in(THREAD), "unsure" });
}

static void task_may_be_nonsense(void **state)
{
	struct unwindbox *b = *state;

	x86_sleep(b, x86_in(FRAME), 0);
	unwind_task(b->unwind, UNWINDBOX_STACK(0) - UNWINDBOX_PAGE, &b->trace);
	unwindbox_frames(b, TRACE_BROKEN, "task_struct at 0xffffc9000003f000");
	unwindbox_put(b, UNWINDBOX_TASK + X86_THREAD_SP, UNWINDBOX_STACK(0) - 100 * 8);
	unwind_task(b->unwind, UNWINDBOX_TASK, &b->trace);
	unwindbox_frames(b, TRACE_BROKEN, "0xffffc9000003f000 is not mapped");
	b->facts.x86_64.thread_sp = 0;
	x86_sleep(b, x86_in(FRAME), 0);
	unwindbox_frames(b, TRACE_BROKEN, "does not tell how");
}

static void short_note_is_refused(void **state)
{
	struct unwindbox *b = *state;
	uint8_t note[112 + 20 * 8] = {};

	unwindbox_open(b);
	for (size_t len = 0; len <= sizeof(note); len += sizeof(note) / 4) {
		unwind_prstatus(b->unwind, 0, note, len, &b->trace);
		unwindbox_frames(b, TRACE_BROKEN, "registers: ");
	}
}

static void missing_tables_leave_a_guess(void **state)
{
	struct unwindbox *b = *state;

	unwindbox_junk(b, 2);
	unwindbox_push(b, x86_in(THREAD));
	b->orc.table.n = 0;
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF) });
	unwindbox_frames(b, TRACE_BROKEN, "no ORC table", { x86_in(LEAF), "interrupted" },
	                 { x86_in(THREAD), "unsure" });
	/* Of the same worth is one that cannot be read. */
	b->orc.table.n = 5;
	b->orc.table.ips = UNWINDBOX_STACK(3) + UNWINDBOX_STACK_SIZE;
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF) });
	unwindbox_frames(b, TRACE_BROKEN, "cannot be read at 0xffffc90000074008",
	                 { x86_in(LEAF), "interrupted" }, { x86_in(THREAD), "unsure" });
}

static void other_machines_are_refused(void **state)
{
	struct unwindbox *b = *state;
	struct unwind *u = NULL;

	unwindbox_open(b);
	b->arch.elf_machine = EM_S390;
	assert_fails(unwind_open(b->ks, &b->facts, NULL, &u), -ENODATA, "x86_64");
	assert_null(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, unwindbox_x86_64_setup, unwindbox_teardown)
		TEST(scan_shows_code_of_kernel_and_modules),
		TEST(return_address_must_be_code),
		TEST(stack_must_lead_up),
		TEST(stacks_that_lead_in_a_circle_end),
		TEST(long_traces_are_cut),
		TEST(missing_page_is_named),
		TEST(stack_pointer_may_be_nonsense),
		TEST(task_may_be_nonsense),
		TEST(short_note_is_refused),
		TEST(missing_tables_leave_a_guess),
		TEST(other_machines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
