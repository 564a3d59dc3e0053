// SPDX-License-Identifier: GPL-2.0-or-later
/* test-unwind-arm64.c - stacks of arm64 are unwound along frame records. */
#include <elf.h>

#include "tests/unit/unwindbox.h"

#define THREAD_FP  0x200
#define THREAD_SP  0x208
#define THREAD_PC  0x210
#define STACKFRAME 304
#define REGS_SIZE  336

#define KERNEL_STATE 0x60400005 /* EL1h */
#define USER_STATE   0x60001000 /* EL0t */
#define USER_PC      UINT64_C(0xffff8a6f4de0)
#define PAC_MASK     UINT64_C(0xffff000000000000)

/* What a struct pt_regs says that it is. */
enum {
	FINAL = 1,
	PT_REGS = 2,
};

static int setup(void **state)
{
	struct unwindbox *b;

	unwindbox_setup(state);
	b = *state;
	b->arch.elf_machine = EM_AARCH64;
	b->facts.ret_from_fork = unwindbox_ip(40);
	b->facts.arm64 = (struct unwind_arm64_facts){
		.thread_fp = THREAD_FP,
		.thread_sp = THREAD_SP,
		.thread_pc = THREAD_PC,
		.stackframe = STACKFRAME,
		.regs_size = REGS_SIZE,
		.pac_mask = PAC_MASK,
	};
	return 0;
}

/* A frame record; returns where. */
static uint64_t push_record(struct unwindbox *b, uint64_t fp, uint64_t lr)
{
	unwindbox_push(b, lr);
	return unwindbox_push(b, fp);
}

struct regs {
	uint64_t fp, sp, pc, state;
};

/* struct pt_regs, the record in it, and what that says to be since 6.13. Returns where the record
 * is. */
static uint64_t push_regs(struct unwindbox *b, struct regs r, uint64_t fp, uint64_t lr,
                          uint64_t type)
{
	uint64_t regs;

	unwindbox_junk(b, REGS_SIZE / 8);
	regs = b->stack;
	unwindbox_put(b, regs + 29 * 8, r.fp);
	unwindbox_put(b, regs + 31 * 8, r.sp);
	unwindbox_put(b, regs + 32 * 8, r.pc);
	unwindbox_put(b, regs + 33 * 8, r.state);
	unwindbox_put(b, regs + STACKFRAME, fp);
	unwindbox_put(b, regs + STACKFRAME + 8, lr);
	unwindbox_put(b, regs + STACKFRAME + 16, type);
	return regs + STACKFRAME;
}

static uint64_t push_user(struct unwindbox *b)
{
	return push_regs(b, (struct regs){ .pc = USER_PC, .state = USER_STATE }, 0, 0, FINAL);
}

/* A new task has registers too, of which nothing is known. */
static uint64_t push_thread(struct unwindbox *b)
{
	return push_regs(b, (struct regs){ .state = KERNEL_STATE }, 0, 0, FINAL);
}

static void sleep_in(struct unwindbox *b, uint64_t pc, uint64_t fp)
{
	unwindbox_put(b, UNWINDBOX_TASK + THREAD_FP, fp);
	unwindbox_put(b, UNWINDBOX_TASK + THREAD_SP, b->stack);
	unwindbox_put(b, UNWINDBOX_TASK + THREAD_PC, pc);
	unwindbox_open(b);
	unwind_task(b->unwind, UNWINDBOX_TASK, &b->trace);
}

static void stop_in_call(struct unwindbox *b, uint64_t pc, uint64_t fp, uint64_t lr)
{
	uint8_t note[392] = {};

	synth_put(note + 112 + 30 * 8, lr, 8, false);
	synth_put(note + 112 + 29 * 8, fp, 8, false);
	synth_put(note + 112 + 31 * 8, b->stack, 8, false);
	synth_put(note + 112 + 32 * 8, pc, 8, false);
	synth_put(note + 112 + 33 * 8, KERNEL_STATE, 8, false);
	unwindbox_open(b);
	unwind_prstatus(b->unwind, UNWINDBOX_TASK, note, sizeof(note), &b->trace);
}

static void stop_at(struct unwindbox *b, uint64_t pc, uint64_t fp)
{
	stop_in_call(b, pc, fp, 0);
}

/* They are noted with the frame pointer of the caller, by kretprobes and up to 5.16 also by the
 * function graph tracer. */
static void returns_that_are_traced_lead_on(void **state)
{
	struct unwindbox *b = *state;
	uint64_t hooks = UNWINDBOX_TASK + 0x800, graph = UNWINDBOX_TASK + 0x900, last, fp;

	last = push_user(b);
	fp = push_record(b, last, unwindbox_ip(51)); /* called by function 3 */
	fp = push_record(b, fp, unwindbox_ip(50));   /* called by function 2 */
	b->facts.returns[0] = (struct unwind_returns){ .trampoline = unwindbox_ip(50),
		                                       .size = 32,
		                                       .head = 0x400,
		                                       .used = 0x408,
		                                       .frame = { 24, 24 } };
	b->facts.returns[1] = (struct unwind_returns){ .trampoline = unwindbox_ip(51),
		                                       .size = 48,
		                                       .head = 0x410,
		                                       .next = 16,
		                                       .ret = 32,
		                                       .frame = { 40, 40 } };
	unwindbox_put(b, UNWINDBOX_TASK + 0x400, graph);
	unwindbox_put(b, UNWINDBOX_TASK + 0x408, 0);
	unwindbox_put(b, graph, unwindbox_ip(2));
	unwindbox_put(b, graph + 24, fp + 16);
	unwindbox_put(b, UNWINDBOX_TASK + 0x410, hooks + 16);
	unwindbox_put(b, hooks + 16, 0);
	unwindbox_put(b, hooks + 32, unwindbox_ip(3));
	unwindbox_put(b, hooks + 40, last);
	sleep_in(b, unwindbox_ip(1), fp);
	unwindbox_frames(b, TRACE_USER, "", { unwindbox_ip(1), "call" },
	                 { unwindbox_ip(2), "call" }, { unwindbox_ip(3), "call" });
	/* Nothing is noted. */
	unwindbox_put(b, UNWINDBOX_TASK + 0x410, 0);
	sleep_in(b, unwindbox_ip(1), fp);
	unwindbox_frames(b, TRACE_USER, "", { unwindbox_ip(1), "call" },
	                 { unwindbox_ip(2), "call" }, { unwindbox_ip(51), "exact" });
}

static void sleeping_thread_is_followed_to_its_begin(void **state)
{
	struct unwindbox *b = *state;
	uint64_t fp = push_thread(b), first;

	first = fp = push_record(b, fp, unwindbox_ip(40));
	unwindbox_junk(b, 4);
	fp = push_record(b, fp, unwindbox_ip(1));
	unwindbox_junk(b, 2);
	for (unsigned meta = 0; meta < 2; meta++) {
		b->facts.arm64.meta = meta;
		sleep_in(b, unwindbox_ip(0), fp);
		unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(0), "call" },
		                 { unwindbox_ip(1), "call" }, { unwindbox_ip(40), "call" });
		assert_int_equal(b->trace.frames[0].sp, b->stack);
		assert_int_equal(b->trace.frames[1].sp, fp + 16);
		assert_int_equal(b->trace.frames[2].sp, first + 16);
	}
	/* It is the last one even if nobody tells where registers have their record. */
	b->facts.arm64.meta = false;
	b->facts.arm64.stackframe = 0;
	sleep_in(b, unwindbox_ip(0), fp);
	assert_int_equal(b->trace.n, 3);
	assert_int_equal(b->trace.end, TRACE_KERNEL);
}

static void idle_task_has_nothing_saved(void **state)
{
	struct unwindbox *b = *state;
	uint64_t fp = push_regs(b, (struct regs){}, 0, 0, FINAL);

	stop_at(b, unwindbox_ip(0), push_record(b, fp, unwindbox_ip(1)));
	unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(0), "interrupted" },
	                 { unwindbox_ip(1), "call" });
}

/* Up to 5.13 a kernel thread has no record that is its last: x29 is 0 where it begins. */
static void thread_without_a_last_record_is_followed_to_its_begin(void **state)
{
	struct unwindbox *b = *state;
	uint64_t fp = push_record(b, 0, unwindbox_ip(40));

	sleep_in(b, unwindbox_ip(0), push_record(b, fp, unwindbox_ip(1)));
	unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(0), "call" },
	                 { unwindbox_ip(1), "call" }, { unwindbox_ip(40), "call" });
}

/* Up to 5.13 the first function of an idle task makes the last record, of no caller, which it
 * signs. No registers lie around it, whatever there is. */
static void idle_task_without_registers_ends_at_its_first_record(void **state)
{
	static const uint64_t nobody[] = { 0, UINT64_C(0x4c) << 48 };
	struct unwindbox *b = *state;
	uint64_t top = b->stack;

	for (size_t i = 0; i < ARRAY_SIZE(nobody); i++) {
		uint64_t fp;

		b->stack = top;
		unwindbox_junk(b, 20);
		fp = push_record(b, 0, nobody[i]);
		unwindbox_junk(b, 40);
		unwindbox_put(b, fp - STACKFRAME + 33 * 8, USER_STATE);
		sleep_in(b, unwindbox_ip(0), push_record(b, fp, unwindbox_ip(1)));
		unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(0), "call" },
		                 { unwindbox_ip(1), "call" });
	}
}

static void system_call_ends_in_user_space(void **state)
{
	struct unwindbox *b = *state;
	uint64_t fp = push_record(b, push_user(b), unwindbox_ip(1));

	for (unsigned meta = 0; meta < 2; meta++) {
		b->facts.arm64.meta = meta;
		sleep_in(b, unwindbox_ip(0), fp);
		unwindbox_frames(b, TRACE_USER, "", { unwindbox_ip(0), "call" },
		                 { unwindbox_ip(1), "call" });
	}
}

static void task_that_never_ran_begins_exactly(void **state)
{
	struct unwindbox *b = *state;

	sleep_in(b, unwindbox_ip(40), push_user(b));
	unwindbox_frames(b, TRACE_USER, "", { unwindbox_ip(40), "exact" });
}

static void signed_addresses_are_stripped(void **state)
{
	struct unwindbox *b = *state;
	uint64_t sign = UINT64_C(0x8a55000000000000);
	uint64_t fp = push_record(b, push_thread(b), unwindbox_ip(1) & ~sign);

	sleep_in(b, unwindbox_ip(0) & ~sign, fp);
	unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(0), "call" },
	                 { unwindbox_ip(1), "call" });
}

/* An interrupt on a stack of its own, and an exception in it. */
static void exceptions_are_told(void **state)
{
	struct unwindbox *b = *state;

	for (unsigned meta = 0; meta < 2; meta++) {
		struct regs r = { .pc = unwindbox_ip(3), .state = KERNEL_STATE };
		uint64_t fp, regs;

		b->facts.arm64.meta = meta;
		unwindbox_on(b, 1);
		r.fp = push_record(b, push_user(b), unwindbox_ip(4));
		r.sp = b->stack;
		regs = meta ? push_regs(b, r, 0, 0, PT_REGS) : push_regs(b, r, r.fp, r.pc, 0);
		fp = push_record(b, regs, unwindbox_ip(2));
		/* Also if that lies below. */
		unwindbox_on(b, 2 * meta);
		fp = push_record(b, fp, unwindbox_ip(1));
		unwindbox_junk(b, 6);
		stop_at(b, unwindbox_ip(0), fp);
		unwindbox_frames(b, TRACE_USER, "", { unwindbox_ip(0), "interrupted" },
		                 { unwindbox_ip(1), "call" }, { unwindbox_ip(2), "call" },
		                 { unwindbox_ip(3), "interrupted" }, { unwindbox_ip(4), "call" });
		assert_int_equal(b->trace.frames[3].sp, r.sp);
		assert_true(b->trace.frames[3].regs == regs - STACKFRAME);
		assert_true(b->trace.frames[2].regs == 0);
	}
}

/* BPF programs lie anywhere, in memory that may be executed. */
static void generated_code_is_told_by_its_page(void **state)
{
	struct unwindbox *b = *state;
	const uint64_t program = UINT64_C(0xffffc90000200000), no_exec = UINT64_C(1) << 63;
	uint64_t fp = push_record(b, push_thread(b), program + 0x30);

	for (unsigned data = 0; data < 2; data++) {
		uint64_t entry = SYNTH_TEST_PFN * UNWINDBOX_PAGE | 0x63;

		synth_map(&b->m, program, SYNTH_TEST_PFN * UNWINDBOX_PAGE, UNWINDBOX_PAGE,
		          UNWINDBOX_PAGE);
		b->no_exec = no_exec;
		synth_put(synth_entry(&b->m, program, 1), data ? entry | no_exec : entry, 8, false);
		stop_at(b, unwindbox_ip(0), fp);
		if (data)
			unwindbox_frames(b, TRACE_BROKEN, "where there is no code",
			                 { unwindbox_ip(0), "interrupted" });
		else
			unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(0), "interrupted" },
			                 { program + 0x30, "call" });
	}
}

/* Of the words around a record one may be as in saved registers. */
static void record_among_other_words_is_no_exception(void **state)
{
	struct unwindbox *b = *state;
	uint64_t last = push_thread(b), fp;

	unwindbox_junk(b, 40);
	fp = push_record(b, last, unwindbox_ip(1));
	unwindbox_junk(b, 40);
	for (unsigned i = 0; i < 2; i++) {
		unwindbox_put(b, fp - STACKFRAME + 29 * 8, i ? UNWINDBOX_JUNK : last);
		unwindbox_put(b, fp - STACKFRAME + 32 * 8, i ? unwindbox_ip(1) : UNWINDBOX_JUNK);
		stop_at(b, unwindbox_ip(0), fp);
		unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(0), "interrupted" },
		                 { unwindbox_ip(1), "call" });
	}
}

static void put_code(struct unwindbox *b, uint64_t at, uint32_t insn)
{
	uint8_t bytes[4];

	synth_put(bytes, insn, sizeof(bytes), false);
	synth_store(&b->m, at, bytes, sizeof(bytes));
}

/* A function that calls no other, 144 bytes before the call, up to where pc is. */
static void caller_without_a_record_is_found_by_its_call(void **state)
{
	static const struct {
		uint32_t call, before; /* of the caller, and an instruction of the function */
		bool found;
	} rows[] = {
		{ 0x97ffffdc, 0xd503201f, true },  /* bl -144; nop */
		{ 0x97ffffdc, 0xa9be7bfd, false }, /* stp x29, x30, [sp, #-32]! */
		{ 0x97ffffdc, 0xa9017bfd, false }, /* stp x29, x30, [sp, #16] */
		{ 0x97ffffdc, 0xa9be53f3, true },  /* stp x19, x20, [sp, #-32]! */
		{ 0x9400003c, 0xd503201f, false }, /* another function is called */
		{ 0xd63f0020, 0xd503201f, false }, /* blr x1: any function may be called */
		{ 0xd503201f, 0xd503201f, false }, /* no call */
	};
	struct unwindbox *b = *state;
	const uint64_t lr = unwindbox_ip(2), function = lr - 4 - 144, pc = function + 8;
	const uint64_t sign = UINT64_C(0x8a55000000000000);
	uint64_t fp = push_record(b, push_thread(b), unwindbox_ip(1));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		put_code(b, lr - 4, rows[i].call);
		put_code(b, function, rows[i].before);
		stop_in_call(b, pc, fp, lr & ~sign);
		if (rows[i].found)
			unwindbox_frames(b, TRACE_KERNEL, "", { pc, "interrupted" }, { lr, "call" },
			                 { unwindbox_ip(1), "call" });
		else
			unwindbox_frames(b, TRACE_KERNEL, "", { pc, "interrupted" },
			                 { unwindbox_ip(1), "call" });
	}
	/* A function that begins behind pc, or far before it. */
	put_code(b, lr - 4, 0x97ffffdc);
	stop_in_call(b, function - 4, fp, lr);
	assert_int_equal(b->trace.n, 2);
	stop_in_call(b, function + KIB(5), fp, lr);
	assert_int_equal(b->trace.n, 2);
}

static void record_of_unknown_type_ends_it(void **state)
{
	struct unwindbox *b = *state;
	struct regs r = { .pc = unwindbox_ip(3), .state = KERNEL_STATE };

	b->facts.arm64.meta = true;
	stop_at(b, unwindbox_ip(0), push_regs(b, r, 0, 0, 3));
	unwindbox_frames(b, TRACE_BROKEN, "unknown type 3", { unwindbox_ip(0), "interrupted" });
}

static void records_that_lead_in_a_circle_end(void **state)
{
	struct unwindbox *b = *state;
	uint64_t fp = push_record(b, 0, unwindbox_ip(1));

	unwindbox_put(b, fp, fp);
	stop_at(b, unwindbox_ip(0), fp);
	assert_int_equal(b->trace.end, TRACE_BROKEN);
	assert_in_range(b->trace.n, 2, 40);
	assert_non_null(strstr(b->trace.reason, "again and again"));
}

static void what_is_no_record_ends_it(void **state)
{
	struct unwindbox *b = *state;
	uint64_t fp = push_record(b, push_thread(b), UNWINDBOX_JUNK);

	stop_at(b, unwindbox_ip(0), fp);
	unwindbox_frames(b, TRACE_BROKEN, "is 0x1234567890, where there is no code",
	                 { unwindbox_ip(0), "interrupted" });
	stop_at(b, unwindbox_ip(0), fp + 4);
	unwindbox_frames(b, TRACE_BROKEN, "which is not aligned",
	                 { unwindbox_ip(0), "interrupted" });
	stop_at(b, unwindbox_ip(0), 0);
	unwindbox_frames(b, TRACE_BROKEN, "page at 0 is not mapped",
	                 { unwindbox_ip(0), "interrupted" });
	stop_at(b, unwindbox_ip(0), UNWINDBOX_STACK(3) + UNWINDBOX_STACK_SIZE - 8);
	unwindbox_frames(b, TRACE_BROKEN, "page at 0xffffc90000074000 is not mapped",
	                 { unwindbox_ip(0), "interrupted" });
}

static void offsets_may_be_unknown(void **state)
{
	struct unwindbox *b = *state;

	b->facts.arm64.thread_pc = 0;
	sleep_in(b, unwindbox_ip(0), push_user(b));
	unwindbox_frames(b, TRACE_BROKEN, "does not tell how");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, unwindbox_teardown)
		TEST(returns_that_are_traced_lead_on),
		TEST(sleeping_thread_is_followed_to_its_begin),
		TEST(idle_task_has_nothing_saved),
		TEST(thread_without_a_last_record_is_followed_to_its_begin),
		TEST(idle_task_without_registers_ends_at_its_first_record),
		TEST(system_call_ends_in_user_space),
		TEST(task_that_never_ran_begins_exactly),
		TEST(signed_addresses_are_stripped),
		TEST(exceptions_are_told),
		TEST(generated_code_is_told_by_its_page),
		TEST(record_among_other_words_is_no_exception),
		TEST(caller_without_a_record_is_found_by_its_call),
		TEST(record_of_unknown_type_ends_it),
		TEST(records_that_lead_in_a_circle_end),
		TEST(what_is_no_record_ends_it),
		TEST(offsets_may_be_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
