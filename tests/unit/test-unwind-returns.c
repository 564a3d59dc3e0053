// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-unwind-returns.c - stacks lead on through return addresses that tracers have replaced.
 *
 * The layouts are those of Linux 5.10, 6.1, 6.12 and 7.3 on x86_64.
 */
#include "tests/unit/unwindbox-x86_64.h"

/* Trampolines are functions of their own; what precedes them has not called. */
#define GRAPH   (UNWINDBOX_TEXT + 0x10000)
#define RETHOOK (UNWINDBOX_TEXT + 0x11000)

/* Offsets in task_struct. */
enum { STACK = 0x400, USED = 0x408, HOOKS = 0x410 };

/* Memory for records, behind the task. */
#define RECORDS(i) (UNWINDBOX_TASK + 0x800 + 0x40 * (uint64_t)(i))

static void use_graph(struct unwindbox *b, bool words, uint64_t size, uint64_t retp)
{
	b->facts.returns[0] = (struct unwind_returns){ .trampoline = GRAPH,
		                                       .size = size,
		                                       .head = STACK,
		                                       .used = USED,
		                                       .words = words,
		                                       .frame = { retp, retp } };
	unwindbox_put(b, UNWINDBOX_TASK + STACK, RECORDS(0));
}

/* A record of a return to @ret that was at @slot. */
static void put_graph(struct unwindbox *b, uint64_t at, uint64_t ret, uint64_t slot)
{
	unwindbox_put(b, at + b->facts.returns[0].ret, ret);
	unwindbox_put(b, at + b->facts.returns[0].frame[0], slot);
}

static void use_hooks(struct unwindbox *b)
{
	b->facts.returns[1] = (struct unwind_returns){ .trampoline = RETHOOK,
		                                       .size = 48,
		                                       .head = HOOKS,
		                                       .next = 16,
		                                       .ret = 32,
		                                       .frame = { 40, 40 } };
}

/* Node number @i, whose list goes on with node @next; 0: it ends. */
static void put_hook(struct unwindbox *b, unsigned i, unsigned next, uint64_t ret, uint64_t slot)
{
	unwindbox_put(b, RECORDS(i) + 16, next ? RECORDS(next) + 16 : 0);
	unwindbox_put(b, RECORDS(i) + 32, ret);
	unwindbox_put(b, RECORDS(i) + 40, slot);
}

/* A process in a system call: FRAME called by SMALL, which returns to @ret instead of ENTRY.
 * Returns where that stands. */
static uint64_t push_calls(struct unwindbox *b, uint64_t ret)
{
	uint64_t slot;

	x86_push_user(b);
	slot = unwindbox_push(b, ret);
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(SMALL));
	x86_push_frame(b, 0);
	return slot;
}

/* Unwinds the task, whose stack stays as it is. */
static void look(struct unwindbox *b)
{
	uint64_t stack = b->stack;

	x86_sleep(b, x86_in(FRAME), 0);
	b->stack = stack;
}

static void check_whole(const struct unwindbox *b)
{
	unwindbox_frames(b, TRACE_USER, "", { x86_in(FRAME), "call" }, { x86_in(SMALL), "call" },
	                 { x86_in(ENTRY), "call" });
}

static void rethooks_are_followed(void **state)
{
	struct unwindbox *b = *state;
	uint64_t slot = push_calls(b, RETHOOK);

	use_hooks(b);
	/* The newest comes first: another function, a second hook of this one, the first. */
	unwindbox_put(b, UNWINDBOX_TASK + HOOKS, RECORDS(1) + 16);
	put_hook(b, 1, 2, x86_in(POINTER), slot - 8);
	put_hook(b, 2, 3, RETHOOK, slot);
	put_hook(b, 3, 4, x86_in(ENTRY), slot);
	put_hook(b, 4, 0, x86_in(POINTER), slot);
	look(b);
	check_whole(b);
	/* A CPU, which had the task. */
	x86_stop(b, (struct x86_regs){
			    .ip = x86_in(FRAME),
		    });
	assert_int_equal(b->trace.end, TRACE_USER);
	assert_int_equal(b->trace.n, 3);
}

/* Up to 5.10 all tasks share a table of lists. */
static void tables_of_kretprobes_are_followed(void **state)
{
	struct unwindbox *b = *state;
	uint64_t slot = push_calls(b, RETHOOK);

	use_hooks(b);
	b->facts.returns[1].table = RECORDS(0) - 0x200;
	b->facts.returns[1].task = 24;
	for (unsigned i = 0; i < 64; i++)
		unwindbox_put(b, b->facts.returns[1].table + 8 * i, 0);
	unwindbox_put(b, b->facts.returns[1].table + 8 * 63, RECORDS(1) + 16);
	put_hook(b, 1, 2, x86_in(POINTER), slot);
	unwindbox_put(b, RECORDS(1) + 24, UNWINDBOX_TASK + 64);
	put_hook(b, 2, 0, x86_in(ENTRY), slot);
	unwindbox_put(b, RECORDS(2) + 24, UNWINDBOX_TASK);
	look(b);
	check_whole(b);
}

static void function_graph_is_followed(void **state)
{
	static const struct {
		bool words;
		uint64_t size, retp, used;
	} rows[] = {
		{ false, 32, 24, 1 },            /* 5.10 to 6.10: the number of the last */
		{ true, 32, 24, 4 + 1 + 4 + 1 }, /* 6.12: words, with a mark behind each */
		{ true, 24, 16, 3 + 2 + 3 + 2 }, /* 7.3 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct unwindbox *b = *state;
		uint64_t step = rows[i].words ? rows[i].used * 4 : rows[i].size, slot;

		unwindbox_on(b, i);
		slot = push_calls(b, GRAPH);
		use_graph(b, rows[i].words, rows[i].size, rows[i].retp);
		for (uint64_t at = 0; at < 0x100; at += 8)
			unwindbox_put(b, RECORDS(0) + at, 0);
		unwindbox_put(b, UNWINDBOX_TASK + USED, rows[i].used);
		/* A function that ended with a jump to another one has the same place. What is
		 * beyond the last is old. */
		put_graph(b, RECORDS(0), x86_in(ENTRY), slot);
		put_graph(b, RECORDS(0) + step, GRAPH, slot);
		put_graph(b, RECORDS(0) + 2 * step, x86_in(POINTER), slot);
		look(b);
		check_whole(b);
		/* No entry. */
		unwindbox_put(b, UNWINDBOX_TASK + USED, rows[i].words ? 0 : UINT32_MAX);
		look(b);
		assert_int_equal(b->trace.frames[2].ip, GRAPH);
	}
}

/* One tracer has noted the trampoline of another. */
static void tracers_may_be_many(void **state)
{
	struct unwindbox *b = *state;
	uint64_t slot = push_calls(b, GRAPH);

	use_hooks(b);
	use_graph(b, false, 32, 24);
	unwindbox_put(b, UNWINDBOX_TASK + USED, 0);
	put_graph(b, RECORDS(0), RETHOOK, slot);
	unwindbox_put(b, UNWINDBOX_TASK + HOOKS, RECORDS(4) + 16);
	put_hook(b, 4, 0, x86_in(ENTRY), slot);
	look(b);
	check_whole(b);
}

/* __crash_kexec() has no table: the return address is the one behind a call of it. */
static void calls_are_found_too(void **state)
{
	static const uint8_t call = 0xe8;
	struct unwindbox *b = *state;
	uint64_t slot, distance = x86_start(UNKNOWN) - x86_in(SMALL);
	uint8_t bytes[8];

	x86_push_user(b);
	unwindbox_push(b, x86_in(ENTRY));
	unwindbox_junk(b, 1);
	slot = unwindbox_push(b, GRAPH);
	unwindbox_junk(b, 3);
	synth_put(bytes, distance, 8, false);
	synth_store(&b->m, x86_in(SMALL) - 5, &call, 1);
	synth_store(&b->m, x86_in(SMALL) - 4, bytes, 4);
	use_graph(b, false, 32, 24);
	unwindbox_put(b, UNWINDBOX_TASK + USED, 0);
	put_graph(b, RECORDS(0), x86_in(SMALL), slot);
	x86_stop(b, (struct x86_regs){ .ip = x86_in(UNKNOWN) });
	unwindbox_frames(b, TRACE_USER, "", { x86_in(UNKNOWN), "interrupted" },
	                 { x86_in(SMALL), "call" }, { x86_in(ENTRY), "call" });
}

/* Broken lists end; without the real address the trampoline is called by its own name. */
static void what_is_not_noted_stays(void **state)
{
	struct unwindbox *b = *state;
	uint64_t slot = push_calls(b, RETHOOK);

	b->facts.returns[1].trampoline = RETHOOK;
	look(b);
	assert_int_equal(b->trace.frames[2].ip, RETHOOK);
	assert_true(b->trace.frames[2].exact);
	use_hooks(b);
	unwindbox_put(b, UNWINDBOX_TASK + HOOKS, RECORDS(1) + 16);
	put_hook(b, 1, 1, x86_in(POINTER), slot - 8);
	look(b);
	assert_int_equal(b->trace.frames[2].ip, RETHOOK);
	/* It must be code. */
	put_hook(b, 1, 0, UNWINDBOX_JUNK, slot);
	look(b);
	assert_int_equal(b->trace.frames[2].ip, RETHOOK);
	unwindbox_put(b, UNWINDBOX_TASK + HOOKS, UNWINDBOX_JUNK);
	look(b);
	assert_int_equal(b->trace.frames[2].ip, RETHOOK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, unwindbox_x86_64_setup, unwindbox_teardown)
		TEST(rethooks_are_followed),      TEST(tables_of_kretprobes_are_followed),
		TEST(function_graph_is_followed), TEST(tracers_may_be_many),
		TEST(calls_are_found_too),        TEST(what_is_not_noted_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
