// SPDX-License-Identifier: GPL-2.0-or-later
/* test-unwind-x86_64.c - stacks of x86_64 are unwound by ORC tables. */
#include "tests/unit/unwindbox-x86_64.h"

static void sleeping_thread_is_followed_to_its_begin(void **state)
{
	struct unwindbox *b = *state;
	uint64_t bp = x86_push_thread(b);

	/* In FRAME bp is used for something else. */
	x86_sleep(b, x86_in(FRAME), UNWINDBOX_JUNK);
	unwindbox_frames(b, TRACE_KERNEL, "", { x86_in(FRAME), "call" },
	                 { x86_in(POINTER), "call" }, { x86_in(SMALL), "call" },
	                 { x86_in(THREAD), "call" });
	assert_int_equal(b->trace.frames[0].sp, b->stack + 56);
	assert_int_equal(b->trace.frames[1].sp, b->stack + 56 + 48);
	assert_int_equal(b->trace.frames[2].sp, bp + 16);
	assert_int_equal(b->trace.frames[3].sp, UNWINDBOX_STACK(0) + UNWINDBOX_STACK_SIZE);
}

static void all_versions_of_tables_do(void **state)
{
	struct unwindbox *b = *state;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	x86_push_thread(b);
	for (unsigned version = 1; version <= SYNTH_ORC_VERSIONS; version++) {
		b->orc.version = version;
		b->orc.table.n = 0;
		for (unsigned i = 0; i < FUNCTIONS; i++)
			synth_orc_add(&b->orc, x86_start(i), x86_entries[i]);
		x86_sleep(b, x86_in(FRAME), UNWINDBOX_JUNK);
		unwindbox_frames(b, TRACE_KERNEL, "", { x86_in(FRAME), "call" },
		                 { x86_in(POINTER), "call" }, { x86_in(SMALL), "call" },
		                 { x86_in(THREAD), "call" });
		b->stack += 56;
	}
}

static void task_that_never_ran_begins_exactly(void **state)
{
	struct unwindbox *b = *state;

	x86_push_user(b);
	/* Before it is SMALL. */
	x86_sleep(b, x86_start(THREAD), 0);
	unwindbox_frames(b, TRACE_KERNEL, "", { x86_start(THREAD), "exact" });
}

static void system_call_ends_in_user_space(void **state)
{
	struct unwindbox *b = *state;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	x86_push_frame(b, 0);
	x86_sleep(b, x86_in(FRAME), 0);
	unwindbox_frames(b, TRACE_USER, "", { x86_in(FRAME), "call" }, { x86_in(ENTRY), "call" });
	x86_stop(b, (struct x86_regs){ .ip = X86_USER_IP, .cs = X86_USER_CS, .sp = X86_USER_SP });
	assert_int_equal(b->trace.n, 0);
	assert_int_equal(b->trace.end, TRACE_USER);
}

static void interrupted_instruction_is_looked_up_exactly(void **state)
{
	struct unwindbox *b = *state;
	uint64_t sp, user, regs;

	x86_push_user(b);
	user = b->stack;
	unwindbox_push(b, x86_in(ENTRY));
	sp = b->stack;
	/* The first instructions of LEAF, behind UNKNOWN, and of SMALL, behind POINTER. */
	regs = x86_push_regs(
		b, (struct x86_regs){ .ip = x86_start(LEAF), .cs = X86_KERNEL_CS, .sp = sp }, 0);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	x86_stop(b, (struct x86_regs){ .ip = x86_start(SMALL) });
	unwindbox_frames(b, TRACE_USER, "", { x86_start(SMALL), "interrupted" },
	                 { x86_in(ENTRY), "call" }, { x86_start(LEAF), "interrupted" },
	                 { x86_in(ENTRY), "call" });
	assert_int_equal(b->trace.frames[2].sp, sp);
	/* What was saved, and where. */
	assert_true(b->trace.frames[0].regs == 0 && b->trace.frames[1].regs == 0);
	assert_true(b->trace.frames[2].regs == regs && b->trace.frames[3].regs == 0);
	assert_true(b->trace.user_regs == user);
}

/* Its bp is the one that was saved. */
static void interrupted_function_may_count_from_bp(void **state)
{
	struct unwindbox *b = *state;
	uint64_t bp;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	bp = unwindbox_push(b, UNWINDBOX_JUNK);
	unwindbox_junk(b, 3);
	x86_push_regs(
		b,
		(struct x86_regs){
			.ip = x86_in(POINTER), .cs = X86_KERNEL_CS, .sp = b->stack, .bp = bp },
		0);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(ENTRY), .bp = UNWINDBOX_JUNK });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(ENTRY), "interrupted" },
	                 { x86_in(POINTER), "interrupted" }, { x86_in(ENTRY), "call" });
}

static void saved_registers_may_be_those_of_a_call(void **state)
{
	struct unwindbox *b = *state;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	/* Behind SMALL. */
	x86_push_regs(b,
	              (struct x86_regs){
			      .ip = x86_start(SMALL + 1), .cs = X86_KERNEL_CS, .sp = b->stack },
	              0);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(CALLED) });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(CALLED), "interrupted" },
	                 { x86_start(SMALL + 1), "interrupted, but not exact" },
	                 { x86_in(ENTRY), "call" });
}

static void call_that_never_returns_is_looked_up_before(void **state)
{
	struct unwindbox *b = *state;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	/* The last instruction of SMALL; behind it is THREAD. */
	unwindbox_push(b, x86_start(THREAD));
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF) });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(LEAF), "interrupted" },
	                 { x86_start(THREAD), "call" }, { x86_in(ENTRY), "call" });
}

/* Then nothing is behind it. */
static void call_may_be_the_last_of_all_code(void **state)
{
	struct unwindbox *b = *state;

	synth_orc_add(&b->orc, UNWINDBOX_TEXT_END - 64, x86_entries[SMALL]);
	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	unwindbox_push(b, UNWINDBOX_TEXT_END);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF) });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(LEAF), "interrupted" },
	                 { UNWINDBOX_TEXT_END, "call" }, { x86_in(ENTRY), "call" });
}

static void interrupt_has_a_stack_of_its_own(void **state)
{
	struct unwindbox *b = *state;
	uint64_t sp;

	x86_push_thread(b);
	sp = b->stack;
	x86_push_regs(b, (struct x86_regs){ .ip = x86_in(FRAME), .cs = X86_KERNEL_CS, .sp = sp },
	              0);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	sp = b->stack;
	/* Also if that is above. */
	for (unsigned i = 1; i < 3; i++) {
		unwindbox_on(b, i);
		unwindbox_push(b, sp);
		unwindbox_push(b, x86_in(SWITCH));
		x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF) });
		unwindbox_frames(b, TRACE_KERNEL, "", { x86_in(LEAF), "interrupted" },
		                 { x86_in(SWITCH), "call" }, { x86_in(ENTRY), "call" },
		                 { x86_in(FRAME), "interrupted" }, { x86_in(POINTER), "call" },
		                 { x86_in(SMALL), "call" }, { x86_in(THREAD), "call" });
	}
}

static void stack_of_interrupts_may_end_with_bp(void **state)
{
	struct unwindbox *b = *state;
	uint64_t bp;

	b->facts.x86_64.switches =
		(struct unwind_range){ x86_start(POINTER), x86_start(POINTER) + 64 };
	unwindbox_on(b, 1);
	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	bp = unwindbox_push(b, UNWINDBOX_JUNK);
	unwindbox_on(b, 0);
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(POINTER));
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF), .bp = bp });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(LEAF), "interrupted" },
	                 { x86_in(POINTER), "call" }, { x86_in(ENTRY), "call" });
}

static void early_interrupt_keeps_registers(void **state)
{
	struct unwindbox *b = *state;
	struct x86_regs early = { .ip = x86_in(ALIGNED), .cs = X86_KERNEL_CS };
	uint64_t r10;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	r10 = b->stack + 8;
	unwindbox_junk(b, 5);
	early.sp = b->stack;
	/* On a stack for exceptions. */
	unwindbox_on(b, 1);
	x86_push_regs(b, early, 16);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(EARLY), .r10 = r10 });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(EARLY), "interrupted" },
	                 { x86_in(ALIGNED), "interrupted" }, { x86_in(ENTRY), "call" });
	/* But not those of a frame before a call. */
	unwindbox_push(b, x86_in(EARLY));
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF), .r10 = r10 });
	unwindbox_frames(b, TRACE_BROKEN, "was not saved", { x86_in(LEAF), "interrupted" },
	                 { x86_in(EARLY), "call" }, { x86_in(ALIGNED), "interrupted" },
	                 { x86_in(ENTRY), "unsure" });
}

static void callers_stack_may_be_kept_below_bp(void **state)
{
	struct unwindbox *b = *state;
	uint64_t sp, bp;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	sp = b->stack + 8;
	unwindbox_junk(b, 3);
	bp = unwindbox_push(b, UNWINDBOX_JUNK);
	unwindbox_push(b, sp);
	unwindbox_junk(b, 2);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(KEPT), .bp = bp });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(KEPT), "interrupted" },
	                 { x86_in(ENTRY), "call" });
}

static void modules_have_tables_of_their_own(void **state)
{
	struct unwindbox *b = *state;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	x86_push_frame(b, UNWINDBOX_JUNK);
	unwindbox_push(b, X86_MODULE_IP);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF) });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(LEAF), "interrupted" },
	                 { X86_MODULE_IP, "call" }, { x86_in(ENTRY), "call" });
	b->module_orc.table.n = 0;
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF) });
	unwindbox_frames(b, TRACE_BROKEN, "no ORC table for 0xffffffffc0345054",
	                 { x86_in(LEAF), "interrupted" }, { X86_MODULE_IP, "call" },
	                 { x86_in(ENTRY), "unsure" });
}

static void generated_code_has_a_frame_pointer(void **state)
{
	struct unwindbox *b = *state;
	uint64_t bp;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(SMALL));
	bp = unwindbox_push(b, UNWINDBOX_JUNK);
	unwindbox_junk(b, 3);
	unwindbox_push(b, X86_BPF);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF), .bp = bp });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(LEAF), "interrupted" }, { X86_BPF, "call" },
	                 { x86_in(SMALL), "call" }, { x86_in(ENTRY), "call" });
	/* Or not: then all that may be a return address is shown, up to the end of the stack. */
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF), .bp = UNWINDBOX_JUNK });
	unwindbox_frames(b, TRACE_BROKEN, "0xffffc", { x86_in(LEAF), "interrupted" },
	                 { X86_BPF, "call" }, { x86_in(SMALL), "unsure" },
	                 { x86_in(ENTRY), "unsure" });
}

/* When not all modules are known, it may be the code of one, whose frame has any size. */
static void code_of_unknown_modules_is_not_guessed(void **state)
{
	struct unwindbox *b = *state;
	uint64_t bp;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(SMALL));
	bp = unwindbox_push(b, UNWINDBOX_JUNK);
	unwindbox_push(b, X86_BPF);
	strcpy(b->modules.remark, "no modules are known: so");
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF), .bp = bp });
	unwindbox_frames(b, TRACE_BROKEN, "no modules are known: so",
	                 { x86_in(LEAF), "interrupted" }, { X86_BPF, "call" },
	                 { x86_in(SMALL), "unsure" }, { x86_in(ENTRY), "unsure" });
}

static void call_of_nothing_is_seen(void **state)
{
	struct unwindbox *b = *state;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(SMALL));
	for (unsigned i = 0; i < 2; i++) {
		uint64_t ip = i ? SYNTH_DIRECT_VA : 0;

		x86_stop(b, (struct x86_regs){ .ip = ip });
		unwindbox_frames(b, TRACE_USER, "", { ip, "interrupted" },
		                 { x86_in(SMALL), "call" }, { x86_in(ENTRY), "call" });
	}
}

/* What returns to @ret is a call of @to. */
static void put_call(struct unwindbox *b, uint64_t ret, uint64_t to)
{
	uint8_t call[5] = { 0xe8 };

	synth_put(call + 1, to - ret, 4, false);
	synth_store(&b->m, ret - sizeof(call), call, sizeof(call));
}

static void frame_that_nobody_knows_ends_with_its_call(void **state)
{
	struct unwindbox *b = *state;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(SMALL));
	put_call(b, x86_in(SMALL), x86_start(UNKNOWN));
	/* What is left over from others, also of calls of something before that function, and
	 * behind ip. */
	unwindbox_push(b, x86_in(EARLY));
	put_call(b, x86_in(EARLY), x86_start(UNKNOWN) - 1);
	unwindbox_push(b, x86_in(FRAME));
	put_call(b, x86_in(FRAME), x86_start(LEAF));
	unwindbox_push(b, x86_in(POINTER));
	put_call(b, x86_in(POINTER), x86_in(UNKNOWN) + 1);
	unwindbox_push(b, x86_in(LEAF));
	unwindbox_push(b, X86_MODULE_IP);
	unwindbox_push(b, x86_in(UNKNOWN));
	x86_stop(b, (struct x86_regs){ .ip = x86_in(UNKNOWN) });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(UNKNOWN), "interrupted" },
	                 { x86_in(SMALL), "call" }, { x86_in(ENTRY), "call" });
}

/* The function is called by a jump to it. */
static void static_call_is_a_call(void **state)
{
	uint8_t jump[5] = { 0xe9 };
	struct unwindbox *b = *state;
	uint64_t tramp = x86_start(STRANGE);

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(SMALL));
	put_call(b, x86_in(SMALL), tramp);
	unwindbox_junk(b, 2);
	synth_put(jump + 1, x86_start(UNKNOWN) - tramp - 5, 4, false);
	synth_store(&b->m, tramp, jump, sizeof(jump));
	x86_stop(b, (struct x86_regs){ .ip = x86_in(UNKNOWN) });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(UNKNOWN), "interrupted" },
	                 { x86_in(SMALL), "call" }, { x86_in(ENTRY), "call" });
}

/* Copies of SMALL, and of FRAME with all registers, as two struct ftrace_ops tell. */
static void trampoline_of_ftrace_has_the_frame_of_its_original(void **state)
{
	struct unwindbox *b = *state;

	b->facts.x86_64.ftrace = (struct unwind_ftrace){ .list = UNWINDBOX_TASK,
		                                         .caller = x86_start(SMALL),
		                                         .regs_caller = x86_start(FRAME),
		                                         .next = 0,
		                                         .flags = 8,
		                                         .trampoline = 16,
		                                         .size = 24 };
	for (unsigned i = 0; i < 2; i++) {
		uint64_t ops = UNWINDBOX_TASK + 0x100 * (i + 1);

		unwindbox_put(b, ops - 0x100, ops);
		unwindbox_put(b, ops + 8, i ? 7 : 3);
		unwindbox_put(b, ops + 16, X86_BPF - 20 + 0x1000 * i);
		unwindbox_put(b, ops + 24, 40);
		unwindbox_put(b, ops, 0);
	}
	for (unsigned i = 0; i < 2; i++) {
		unwindbox_on(b, i);
		x86_push_user(b);
		unwindbox_push(b, x86_in(ENTRY));
		unwindbox_junk(b, 1);
		unwindbox_push(b, x86_in(SMALL));
		unwindbox_junk(b, i ? 5 : 1);
		unwindbox_push(b, X86_BPF + 0x1000 * i);
		x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF), .bp = UNWINDBOX_JUNK });
		unwindbox_frames(b, TRACE_USER, "", { x86_in(LEAF), "interrupted" },
		                 { X86_BPF + 0x1000 * i, "call" }, { x86_in(SMALL), "call" },
		                 { x86_in(ENTRY), "call" });
	}
}

/* Its code has saved all registers before it calls POINTER. */
static void optimized_kprobe_interrupts(void **state)
{
	struct unwindbox *b = *state;
	uint64_t bp;

	b->facts.x86_64.optimized =
		(struct unwind_range){ x86_start(POINTER), x86_start(POINTER) + 64 };
	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	x86_push_regs(b,
	              (struct x86_regs){ .ip = x86_in(SMALL), .cs = X86_KERNEL_CS, .sp = b->stack },
	              0);
	unwindbox_push(b, X86_BPF);
	bp = unwindbox_push(b, UNWINDBOX_JUNK);
	unwindbox_junk(b, 2);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(POINTER), .bp = bp });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(POINTER), "interrupted" }, { X86_BPF, "call" },
	                 { x86_in(SMALL), "interrupted" }, { x86_in(ENTRY), "call" });
}

/* Which are no tasks' stacks, and so begin at any page. */
static void call_is_found_on_stacks_of_interrupts_too(void **state)
{
	struct unwindbox *b = *state;
	uint64_t stack = UNWINDBOX_STACK(3) + 5 * UNWINDBOX_PAGE;

	synth_map(&b->m, stack, (SYNTH_TEST_PFN + 32) * UNWINDBOX_PAGE, UNWINDBOX_STACK_SIZE,
	          UNWINDBOX_PAGE);
	b->stack = stack + UNWINDBOX_STACK_SIZE;
	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(SMALL));
	put_call(b, x86_in(SMALL), x86_start(UNKNOWN));
	unwindbox_junk(b, UNWINDBOX_PAGE / 8);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(UNKNOWN) });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(UNKNOWN), "interrupted" },
	                 { x86_in(SMALL), "call" }, { x86_in(ENTRY), "call" });
}

static void trampoline_ends_with_its_call(void **state)
{
	struct unwindbox *b = *state;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(SMALL));
	unwindbox_junk(b, 3);
	unwindbox_push(b, X86_BPF);
	put_call(b, x86_in(SMALL), X86_BPF - 50);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF), .bp = UNWINDBOX_JUNK });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(LEAF), "interrupted" }, { X86_BPF, "call" },
	                 { x86_in(SMALL), "call" }, { x86_in(ENTRY), "call" });
	/* Which is not that of a function far away, nor is there one of nothing. */
	put_call(b, x86_in(SMALL), X86_BPF - 5000);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF), .bp = UNWINDBOX_JUNK });
	assert_int_equal(b->trace.end, TRACE_BROKEN);
	unwindbox_push(b, UNWINDBOX_JUNK);
	x86_stop(b, (struct x86_regs){ .ip = UINT64_MAX });
	assert_int_equal(b->trace.end, TRACE_BROKEN);
	assert_false(b->trace.frames[1].sure);
}

static void registers_are_taken_from_memory_too(void **state)
{
	struct unwindbox *b = *state;
	uint64_t regs;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	regs = x86_push_regs(
		b, (struct x86_regs){ .ip = x86_start(LEAF), .cs = X86_KERNEL_CS, .sp = b->stack },
		0);
	unwindbox_open(b);
	unwind_regs(b->unwind, regs, &b->trace);
	unwindbox_frames(b, TRACE_USER, "", { x86_start(LEAF), "interrupted" },
	                 { x86_in(ENTRY), "call" });
	unwind_regs(b->unwind, UNWINDBOX_STACK(0) + UNWINDBOX_STACK_SIZE, &b->trace);
	unwindbox_frames(b, TRACE_BROKEN, "0xffffc90000044000 is not mapped");
}

/* It keeps that of its caller, which a guess by the call does not know. */
static void frame_pointer_counts_more_than_the_call(void **state)
{
	struct unwindbox *b = *state;
	uint64_t bp;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	bp = unwindbox_push(b, UNWINDBOX_JUNK);
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(POINTER));
	put_call(b, x86_in(POINTER), X86_BPF - 50);
	bp = unwindbox_push(b, bp);
	unwindbox_junk(b, 3);
	unwindbox_push(b, X86_BPF);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF), .bp = bp });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(LEAF), "interrupted" }, { X86_BPF, "call" },
	                 { x86_in(POINTER), "call" }, { x86_in(ENTRY), "call" });
}

/* The frame pointer is that of the caller of the caller. */
static void trampoline_has_no_frame_pointer(void **state)
{
	struct unwindbox *b = *state;
	uint64_t bp;

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	bp = unwindbox_push(b, UNWINDBOX_JUNK);
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(POINTER));
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(SMALL));
	unwindbox_junk(b, 3);
	unwindbox_push(b, X86_BPF);
	put_call(b, x86_in(SMALL), X86_BPF - 50);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(LEAF), .bp = bp });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(LEAF), "interrupted" }, { X86_BPF, "call" },
	                 { x86_in(SMALL), "call" }, { x86_in(POINTER), "call" },
	                 { x86_in(ENTRY), "call" });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, unwindbox_x86_64_setup, unwindbox_teardown)
		TEST(sleeping_thread_is_followed_to_its_begin),
		TEST(all_versions_of_tables_do),
		TEST(task_that_never_ran_begins_exactly),
		TEST(system_call_ends_in_user_space),
		TEST(interrupted_instruction_is_looked_up_exactly),
		TEST(interrupted_function_may_count_from_bp),
		TEST(saved_registers_may_be_those_of_a_call),
		TEST(call_that_never_returns_is_looked_up_before),
		TEST(call_may_be_the_last_of_all_code),
		TEST(interrupt_has_a_stack_of_its_own),
		TEST(stack_of_interrupts_may_end_with_bp),
		TEST(early_interrupt_keeps_registers),
		TEST(callers_stack_may_be_kept_below_bp),
		TEST(modules_have_tables_of_their_own),
		TEST(generated_code_has_a_frame_pointer),
		TEST(code_of_unknown_modules_is_not_guessed),
		TEST(call_of_nothing_is_seen),
		TEST(frame_that_nobody_knows_ends_with_its_call),
		TEST(call_is_found_on_stacks_of_interrupts_too),
		TEST(trampoline_ends_with_its_call),
		TEST(static_call_is_a_call),
		TEST(trampoline_of_ftrace_has_the_frame_of_its_original),
		TEST(optimized_kprobe_interrupts),
		TEST(frame_pointer_counts_more_than_the_call),
		TEST(trampoline_has_no_frame_pointer),
		TEST(registers_are_taken_from_memory_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
