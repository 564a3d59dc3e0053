// SPDX-License-Identifier: GPL-2.0-or-later
/* test-verify-facts.c - tasks and their stacks are found by the kernel's types, and verified. */
#include "tests/unit/synth-kernel.h"
#include "vmcore/filter/verify.h"
#include "vmcore/format/save.h"
#include "vmcore/report/verify-facts.h"

#define PAGE       UINT64_C(4096)
#define TASK(n)    SYNTH_VA(SYNTH_DATA + UINT64_C(0x1000) * (n))
#define SIGNALS(n) SYNTH_VA(SYNTH_DATA + 0x8000 + UINT64_C(0x100) * (n))
#define RESERVED   SYNTH_VA(SYNTH_DATA + 0xf000)
#define STACK(n)   (SYNTH_TEST_PFN + UINT64_C(4) * (n)) /* its page frame */

/* In struct task_struct, of 0x800 bytes, and in struct signal_struct. */
enum { TASKS = 0x10, STACK_OF = 0x20, SIGNAL = 0x28, NODE = 0x30, HEAD = 0x18 };

/* The third is a thread of the second. */
#define N_TASKS 4

static void put_types(struct synth_kernel *k, bool threads)
{
	const struct synth_field task[] = { { "tasks", k->list, TASKS },
		                            { "stack", k->u64, STACK_OF },
		                            { threads ? "signal" : "other", k->u64, SIGNAL },
		                            { "thread_node", k->list, NODE },
		                            {} };
	const struct synth_field signal[] = { { "thread_head", k->list, HEAD }, {} };
	const struct synth_field resource[] = { { "start", k->u64, 0 }, { "end", k->u64, 8 }, {} };

	synth_kernel_struct(k, "task_struct", 0x800, task);
	synth_kernel_struct(k, "signal_struct", 0x40, signal);
	synth_kernel_struct(k, "resource", 0x10, resource);
}

static void put_tasks(struct synth_kernel *k)
{
	const uint64_t ring[] = { TASK(0) + TASKS, TASK(1) + TASKS, TASK(3) + TASKS };

	synth_kernel_ring(k, ring, ARRAY_SIZE(ring));
	for (unsigned i = 0; i < N_TASKS; i++) {
		const uint64_t threads[] = { SIGNALS(i) + HEAD, TASK(i) + NODE, TASK(2) + NODE };

		synth_kernel_put(k, TASK(i) + STACK_OF, SYNTH_DIRECT_VA + STACK(i) * PAGE, 8);
		synth_kernel_put(k, TASK(i) + SIGNAL, SIGNALS(i == 2 ? 1 : i), 8);
		if (i != 2)
			synth_kernel_ring(k, threads, i == 1 ? 3 : 2);
	}
}

static int setup(void **state)
{
	struct synth_kernel *k = calloc(1, sizeof(*k));

	assert_non_null(k);
	synth_kernel_init(k);
	synth_kernel_symbol(k, "init_task", TASK(0));
	synth_kernel_symbol(k, "crashk_res", RESERVED);
	synth_kernel_put(k, RESERVED, 0x100000, 8);
	synth_kernel_put(k, RESERVED + 8, 0x2fffff, 8);
	put_tasks(k);
	*state = k;
	return 0;
}

static int teardown(void **state)
{
	synth_kernel_done(*state);
	free(*state);
	return 0;
}

static void facts_are_found(void **state)
{
	struct verify_facts f;

	put_types(*state, true);
	assert_int_equal(verify_facts_find(synth_kernel_dump(*state), &f), 0);
	assert_int_equal(f.tasks.init_task, TASK(0));
	assert_int_equal(f.tasks.size, 0x800);
	assert_int_equal(f.tasks.signal, SIGNAL);
	assert_int_equal(f.tasks.thread_head, HEAD);
	assert_int_equal(f.crash, 0x200);
	assert_int_equal(f.present, 0);
}

/* Behind the last task of a slab may be a page that is free. */
static void registers_at_the_end_of_a_task_are_no_part_of_it(void **state)
{
	const struct synth_field fpu[] = { {} };
	struct synth_kernel *k = *state;
	struct verify_facts f;

	const struct synth_field thread[] = {
		{ "fpu", synth_kernel_struct(k, "fpu", 0x1000, fpu), 0x40 }, {}
	};
	const struct synth_field task[] = {
		{ "tasks", k->list, TASKS },
		{ "stack", k->u64, STACK_OF },
		{ "thread", synth_kernel_struct(k, "thread_struct", 0x1040, thread), 0x700 },
		{}
	};
	synth_kernel_struct(k, "task_struct", 0x1740, task);
	assert_int_equal(verify_facts_find(synth_kernel_dump(k), &f), 0);
	assert_int_equal(f.tasks.size, 0x740);
}

static void all_tasks_are_verified(void **state)
{
	struct synth_kernel *k = *state;
	struct verify_result v;
	struct verify_facts f;

	put_types(k, true);
	assert_int_equal(verify_facts_find(synth_kernel_dump(k), &f), 0);
	assert_int_equal(verify_tasks(k->dump, 0, &f.tasks, &v), 0);
	assert_int_equal(v.tasks, N_TASKS);
	assert_false(v.parts[SURVEY_TASKS].unknown);
	assert_int_equal(v.broken, 0);
	/* Those of the image that have tasks are told of with the tables already. */
	assert_int_equal(v.parts[SURVEY_TASKS].checked, 4 * N_TASKS);
}

static void threads_may_not_be_known(void **state)
{
	struct synth_kernel *k = *state;
	struct verify_result v;
	struct verify_facts f;

	put_types(k, false);
	assert_int_equal(verify_facts_find(synth_kernel_dump(k), &f), 0);
	assert_int_equal(verify_tasks(k->dump, 0, &f.tasks, &v), 0);
	assert_int_equal(v.tasks, N_TASKS - 1);
}

/* A ring of threads that does not come back to its head. */
static void circles_end(void **state)
{
	struct synth_kernel *k = *state;
	struct verify_result v;
	struct verify_facts f;

	put_types(k, true);
	synth_kernel_put(k, TASK(2) + NODE, TASK(1) + NODE, 8);
	assert_int_equal(verify_facts_find(synth_kernel_dump(k), &f), 0);
	assert_int_equal(verify_tasks(k->dump, 0, &f.tasks, &v), 0);
	assert_int_equal(v.broken, 1);
	assert_true(v.tasks >= N_TASKS && v.tasks < 3 * N_TASKS);
}

/* A page of the thread's stack is taken out of the dump. */
static void a_stack_that_is_missing_is_found(void **state)
{
	struct synth_kernel *k = *state;
	struct save_options o = { .level = 31, .threads = 1, .uts = { [4] = "x86_64" } };
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_(bitmap_done) struct bitmap keep = {};
	struct save_result saved;
	struct verify_result v;
	struct verify_facts f;
	const void *file;
	size_t size;

	put_types(k, true);
	synth_kernel_dump(k);
	assert_int_equal(bitmap_init(&keep, k->dump->max_pfn), 0);
	for (size_t i = 0; i < k->dump->n_ram; i++)
		bitmap_set(&keep, k->dump->ram[i].start, k->dump->ram[i].end);
	bitmap_clear(&keep, STACK(2) + 1, STACK(2) + 2);
	assert_int_equal(codec_parse("lzo", &o.codec, &o.codec_level), 0);
	assert_int_equal(sink_to_memory(&sink), 0);
	assert_int_equal(save_kdump(k->dump, &keep, &o, sink, &saved), 0);
	file = sink_memory(sink, &size);
	assert_int_equal(synth_open(file, size, &d), 0);
	assert_int_equal(verify_facts_find(d, &f), 0);
	assert_int_equal(verify_tasks(d, 0, &f.tasks, &v), 0);
	assert_int_equal(v.missing, 1);
	assert_int_equal(v.parts[SURVEY_TASKS].missing, 1);
	assert_true(verify_finds_fault(&v));
	assert_int_equal(verify_dump(d, 0, &v), 0);
	assert_int_equal(v.missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(facts_are_found),
		TEST(registers_at_the_end_of_a_task_are_no_part_of_it),
		TEST(all_tasks_are_verified),
		TEST(threads_may_not_be_known),
		TEST(circles_end),
		TEST(a_stack_that_is_missing_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
