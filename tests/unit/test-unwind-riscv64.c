// SPDX-License-Identifier: GPL-2.0-or-later
/* test-unwind-riscv64.c - stacks of riscv64 are unwound along frame records. */
#include <elf.h>

#include "tests/unit/unwindbox.h"

#define THREAD_RA 0x200
#define THREAD_SP 0x208
#define THREAD_S0 0x210
#define REGS_SIZE 288

#define KERNEL_STATUS 0x200000120 /* SPP, SPIE */
#define USER_STATUS   0x200004020 /* SPIE */
#define USER_PC       UINT64_C(0xb5926)

/* Return addresses in handle_exception; its last one is ret_from_exception. */
#define ENTRY_IP  unwindbox_ip(30)
#define ENTRY_END (unwindbox_ip(30) + 12)

/* Where words of registers are in a struct pt_regs and in a note. */
enum { PC = 0, RA = 8, SP = 16, S0 = 64, STATUS = 256 };

static int setup(void **state)
{
	struct unwindbox *b;

	unwindbox_setup(state);
	b = *state;
	b->arch.elf_machine = EM_RISCV;
	b->facts.ret_from_fork = unwindbox_ip(40);
	b->facts.riscv64 = (struct unwind_riscv64_facts){
		.thread_ra = THREAD_RA,
		.thread_sp = THREAD_SP,
		.thread_s0 = THREAD_S0,
		.regs_size = REGS_SIZE,
		.begins = { unwindbox_ip(41), unwindbox_ip(42) },
		.entry = { unwindbox_ip(30) - 8, ENTRY_END },
	};
	return 0;
}

/* A frame record; returns where it ends. */
static uint64_t push_record(struct unwindbox *b, uint64_t fp, uint64_t ra)
{
	unwindbox_push(b, ra);
	unwindbox_push(b, fp);
	return b->stack + 16;
}

struct regs {
	uint64_t pc, ra, sp, s0, status;
};

/* A struct pt_regs; returns where it is. */
static uint64_t push_regs(struct unwindbox *b, struct regs r)
{
	unwindbox_junk(b, REGS_SIZE / 8);
	unwindbox_put(b, b->stack + PC, r.pc);
	unwindbox_put(b, b->stack + RA, r.ra);
	unwindbox_put(b, b->stack + SP, r.sp);
	unwindbox_put(b, b->stack + S0, r.s0);
	unwindbox_put(b, b->stack + STATUS, r.status);
	return b->stack;
}

static void push_user(struct unwindbox *b)
{
	push_regs(b, (struct regs){ .pc = USER_PC, .status = USER_STATUS });
}

static void push_thread(struct unwindbox *b)
{
	push_regs(b, (struct regs){ .status = KERNEL_STATUS });
}

static void sleep_in(struct unwindbox *b, uint64_t ra, uint64_t fp)
{
	unwindbox_put(b, UNWINDBOX_TASK + THREAD_RA, ra);
	unwindbox_put(b, UNWINDBOX_TASK + THREAD_SP, b->stack);
	unwindbox_put(b, UNWINDBOX_TASK + THREAD_S0, fp);
	unwindbox_open(b);
	unwind_task(b->unwind, UNWINDBOX_TASK, &b->trace);
}

static void stop_at(struct unwindbox *b, uint64_t pc, uint64_t fp, uint64_t ra)
{
	uint8_t note[376] = {};

	synth_put(note + 112 + PC, pc, 8, false);
	synth_put(note + 112 + RA, ra, 8, false);
	synth_put(note + 112 + SP, b->stack, 8, false);
	synth_put(note + 112 + S0, fp, 8, false);
	unwindbox_open(b);
	unwind_prstatus(b->unwind, UNWINDBOX_TASK, note, sizeof(note), &b->trace);
}

/* It begins in ret_from_fork, which calls with anything in s0: here the function to call. */
static void sleeping_thread_is_followed_to_its_begin(void **state)
{
	struct unwindbox *b = *state;
	uint64_t fp, first;

	push_thread(b);
	first = fp = push_record(b, UNWINDBOX_TEXT, unwindbox_ip(40) + 14);
	unwindbox_junk(b, 4);
	fp = push_record(b, fp, unwindbox_ip(1));
	unwindbox_junk(b, 2);
	sleep_in(b, unwindbox_ip(0), fp);
	unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(0), "call" },
	                 { unwindbox_ip(1), "call" }, { unwindbox_ip(40) + 14, "call" });
	assert_int_equal(b->trace.frames[0].sp, b->stack);
	assert_int_equal(b->trace.frames[1].sp, fp);
	assert_int_equal(b->trace.frames[2].sp, first);
}

/* Of a CPU that was started later; there is nothing above its first frame. */
static void idle_task_may_begin_with_nothing(void **state)
{
	struct unwindbox *b = *state;

	stop_at(b, unwindbox_ip(0), push_record(b, 0, unwindbox_ip(1)), 0);
	unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(0), "interrupted" },
	                 { unwindbox_ip(1), "call" });
}

static void system_call_ends_in_user_space(void **state)
{
	struct unwindbox *b = *state;
	uint64_t fp;

	for (unsigned i = 0; i < 2; i++) {
		uint64_t entry = i ? ENTRY_END : ENTRY_IP, regs;

		unwindbox_on(b, i);
		push_user(b);
		regs = b->stack;
		fp = push_record(b, 0x1234, entry);
		fp = push_record(b, fp, unwindbox_ip(1));
		sleep_in(b, unwindbox_ip(0), fp);
		unwindbox_frames(b, TRACE_USER, "", { unwindbox_ip(0), "call" },
		                 { unwindbox_ip(1), "call" }, { entry, "call" });
		assert_int_equal(b->trace.user_regs, regs);
	}
}

static void task_that_never_ran_begins_exactly(void **state)
{
	struct unwindbox *b = *state;

	push_user(b);
	sleep_in(b, unwindbox_ip(40), 0);
	unwindbox_frames(b, TRACE_USER, "", { unwindbox_ip(40), "exact" });
	unwindbox_on(b, 1);
	push_thread(b);
	for (unsigned i = 40; i <= 42; i++) {
		sleep_in(b, unwindbox_ip(i), UNWINDBOX_TEXT);
		unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(i), "exact" });
	}
}

/* An interrupt on a stack of its own, whose first frame has its record at the very end. */
static void exceptions_are_told(void **state)
{
	struct unwindbox *b = *state;
	struct regs r = { .pc = unwindbox_ip(5), .status = KERNEL_STATUS };
	uint64_t fp, regs;

	unwindbox_on(b, 1);
	push_user(b);
	fp = push_record(b, 0, ENTRY_IP);
	r.s0 = push_record(b, fp, unwindbox_ip(6));
	r.sp = b->stack;
	regs = push_regs(b, r);
	fp = push_record(b, r.s0, ENTRY_IP);
	fp = push_record(b, fp, unwindbox_ip(3));
	unwindbox_on(b, 0);
	fp = push_record(b, fp, unwindbox_ip(2));
	/* Where on the stack of a task registers would begin. */
	unwindbox_junk(b, REGS_SIZE / 8 - 2);
	fp = push_record(b, fp, unwindbox_ip(1));
	stop_at(b, unwindbox_ip(0), fp, 0);
	unwindbox_frames(b, TRACE_USER, "", { unwindbox_ip(0), "interrupted" },
	                 { unwindbox_ip(1), "call" }, { unwindbox_ip(2), "call" },
	                 { unwindbox_ip(3), "call" }, { ENTRY_IP, "call" },
	                 { unwindbox_ip(5), "interrupted" }, { unwindbox_ip(6), "call" },
	                 { ENTRY_IP, "call" });
	assert_true(b->trace.frames[5].regs == regs);
	assert_int_equal(b->trace.frames[5].sp, r.sp);
	/* A jump to nowhere is no user space. */
	unwindbox_put(b, regs + PC, 0);
	stop_at(b, unwindbox_ip(0), fp, 0);
	assert_int_equal(b->trace.n, 8);
	assert_int_equal(b->trace.frames[5].ip, 0);
}

/* A function that calls no other saves only s0, where others save the return address. */
static void caller_of_a_leaf_is_in_ra(void **state)
{
	struct unwindbox *b = *state;
	uint64_t fp;

	push_thread(b);
	fp = push_record(b, 0, unwindbox_ip(40) + 14);
	unwindbox_junk(b, 2);
	fp = unwindbox_push(b, fp) + 8;
	unwindbox_junk(b, 1);
	stop_at(b, unwindbox_ip(0), fp, unwindbox_ip(1));
	unwindbox_frames(b, TRACE_KERNEL, "", { unwindbox_ip(0), "interrupted" },
	                 { unwindbox_ip(1), "call" }, { unwindbox_ip(40) + 14, "call" });
}

static void put_code(struct unwindbox *b, uint64_t at, uint32_t insn, size_t size)
{
	uint8_t bytes[4];

	synth_put(bytes, insn, size, false);
	synth_store(&b->m, at, bytes, size);
}

/* Functions of the tests have 64 bytes. Number 0 is called by number 2, up to where pc is. */
static void caller_without_a_record_is_found_by_its_call(void **state)
{
	static const struct {
		uint32_t high, call, before; /* of the caller, and an instruction of the function */
		unsigned size;
		bool found;
	} rows[] = {
		{ 0x13, 0xf71ff0ef, 0x13, 4, true },   /* jal ra, -144; nop */
		{ 0x97, 0xf74080e7, 0x0001, 2, true }, /* auipc ra, 0; jalr ra, -140(ra); c.nop */
		{ 0x13, 0xf71ff0ef, 0x02010413, 4, false }, /* addi s0, sp, 32 */
		{ 0x13, 0xf71ff0ef, 0x1000, 2, false },     /* c.addi4spn s0, sp, 32 */
		{ 0x13, 0x0f0000ef, 0x13, 4, false },       /* another function is called */
		{ 0x13, 0xf70080e7, 0x13, 4, false },       /* jalr without auipc */
		{ 0x13, 0x00a50533, 0x13, 4, false },       /* no call */
	};
	struct unwindbox *b = *state;
	const uint64_t ra = unwindbox_ip(2), function = ra - 4 - 144, pc = function + 4;
	uint64_t fp;

	push_thread(b);
	fp = push_record(b, 0, unwindbox_ip(40) + 14);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		put_code(b, ra - 8, rows[i].high, 4);
		put_code(b, ra - 4, rows[i].call, 4);
		put_code(b, function, 0x00010001, 4);
		put_code(b, function, rows[i].before, rows[i].size);
		stop_at(b, pc, fp, ra);
		if (rows[i].found)
			unwindbox_frames(b, TRACE_KERNEL, "", { pc, "interrupted" }, { ra, "call" },
			                 { unwindbox_ip(40) + 14, "call" });
		else
			unwindbox_frames(b, TRACE_KERNEL, "", { pc, "interrupted" },
			                 { unwindbox_ip(40) + 14, "call" });
	}
}

static void records_that_lead_in_a_circle_end(void **state)
{
	struct unwindbox *b = *state;
	uint64_t fp;

	push_thread(b);
	fp = push_record(b, 0, unwindbox_ip(1));
	unwindbox_put(b, fp - 16, fp);
	stop_at(b, unwindbox_ip(0), fp, 0);
	assert_int_equal(b->trace.end, TRACE_KERNEL);
	unwindbox_junk(b, 4);
	fp = push_record(b, 0, unwindbox_ip(1));
	unwindbox_put(b, fp - 16, fp);
	stop_at(b, unwindbox_ip(0), fp, 0);
	assert_int_equal(b->trace.end, TRACE_BROKEN);
	assert_in_range(b->trace.n, 2, 40);
	assert_non_null(strstr(b->trace.reason, "again and again"));
}

static void what_is_no_record_ends_it(void **state)
{
	struct unwindbox *b = *state;
	uint64_t fp;

	push_thread(b);
	fp = push_record(b, 0, UNWINDBOX_JUNK);
	stop_at(b, unwindbox_ip(0), fp, 0);
	unwindbox_frames(b, TRACE_BROKEN, "is 0x1234567890, where there is no code",
	                 { unwindbox_ip(0), "interrupted" });
	stop_at(b, unwindbox_ip(0), fp + 4, 0);
	unwindbox_frames(b, TRACE_BROKEN, "which is not aligned",
	                 { unwindbox_ip(0), "interrupted" });
	stop_at(b, unwindbox_ip(0), 0, 0);
	unwindbox_frames(b, TRACE_BROKEN, "page at 0xfffffffffffff000 is not",
	                 { unwindbox_ip(0), "interrupted" });
}

static void offsets_may_be_unknown(void **state)
{
	struct unwindbox *b = *state;

	b->facts.riscv64.thread_ra = 0;
	push_user(b);
	sleep_in(b, unwindbox_ip(0), 0);
	unwindbox_frames(b, TRACE_BROKEN, "does not tell how");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, unwindbox_teardown)
		TEST(sleeping_thread_is_followed_to_its_begin),
		TEST(idle_task_may_begin_with_nothing),
		TEST(system_call_ends_in_user_space),
		TEST(task_that_never_ran_begins_exactly),
		TEST(exceptions_are_told),
		TEST(caller_of_a_leaf_is_in_ra),
		TEST(caller_without_a_record_is_found_by_its_call),
		TEST(records_that_lead_in_a_circle_end),
		TEST(what_is_no_record_ends_it),
		TEST(offsets_may_be_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
