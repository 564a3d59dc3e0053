// SPDX-License-Identifier: GPL-2.0-or-later
/* test-rescue-verify.c - the capture sees that all tasks and their stacks are in the dump. */
#include "tests/unit/rescuebox.h"
#include "tests/unit/synth-kernel.h"

#define TASK  SYNTH_VA(SYNTH_DATA)
#define STACK (SYNTH_TEST_PFN + 4) /* its page frame */

/* In struct task_struct. */
enum { TASKS = 0x10, STACK_OF = 0x20 };

static struct synth_kernel k;

/* A kernel with one task, of which a page of the stack is no page of the kernel's for a dump of
 * level 31, though VMCOREINFO tells nothing of it. */
static int setup(void **state)
{
	const uint64_t ring[] = { TASK + TASKS };

	rescuebox_setup(state);
	synth_kernel_init(&k);
	synth_kernel_symbol(&k, "init_task", TASK);
	synth_kernel_put(&k, TASK + STACK_OF, SYNTH_DIRECT_VA + STACK * 4096, 8);
	synth_kernel_ring(&k, ring, 1);
	check_noise(synth_at(&k.m, (STACK + 1) << 12), 4096, 1);
	synth_pages(&k.m, &(struct synth_page){ STACK + 1, SYNTH_ANON, 0 }, 1);
	return 0;
}

static int teardown(void **state)
{
	synth_kernel_done(&k);
	return rescuebox_teardown(state);
}

static void put_type(void)
{
	const struct synth_field task[] = { { "tasks", k.list, TASKS },
		                            { "stack", k.u64, STACK_OF },
		                            {} };

	synth_kernel_struct(&k, "task_struct", 0x800, task);
}

/* All steps up to that one. */
static void save(struct rescuebox *b)
{
	struct rescue *r = &b->rescue;

	synth_kernel_dump(&k);
	temptree_bytes(&b->box->tree, "proc/vmcore", k.m.core, k.m.core_len);
	assert_int_equal(rescue_open_memory(r), 0);
	assert_int_equal(rescue_make_target(r), 0);
	(void)rescue_report(r);
	assert_int_equal(rescue_save_vmcore(r), 0);
	assert_int_equal(rescue_verify(r), 0);
	assert_int_equal(r->crash.outcome, CRASH_COMPLETE);
}

static void a_stack_that_is_missing_is_saved(void **state)
{
	struct rescuebox *b = *state;

	put_type();
	save(b);
	assert_int_equal(b->rescue.tasks.init_task, TASK);
	assert_memory_equal(b->rescue.crash.verify, "ok, since it was written again at level 1",
	                    strlen("ok, since it was written again at level 1"));
	assert_non_null(strstr(b->rescue.crash.verify, "missing: tasks, page "));
}

static void without_types_nothing_tells_of_it(void **state)
{
	struct rescuebox *b = *state;

	save(b);
	assert_int_equal(b->rescue.tasks.init_task, 0);
	assert_string_equal(b->rescue.crash.verify, "ok");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(a_stack_that_is_missing_is_saved),
		TEST(without_types_nothing_tells_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
