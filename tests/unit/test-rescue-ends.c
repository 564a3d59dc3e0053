// SPDX-License-Identifier: GPL-2.0-or-later
/* test-rescue-ends.c - what is left when a capture ends before all its steps have. */
#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/rescuebox.h"

static const struct rescue_step steps[] = {
	{ "memory", rescue_open_memory }, { "target", rescue_make_target },
	{ "dmesg", rescue_save_dmesg },   { "vmcore", rescue_save_vmcore },
	{ "report", rescue_report },
};

static void run_steps(struct rescuebox *b)
{
	rescue_run_steps(&b->rescue, steps, ARRAY_SIZE(steps));
}

static int dies(struct rescue *rescue)
{
	abort();
}

static void end_in_dmesg(struct rescuebox *b)
{
	static const struct rescue_step short_steps[] = {
		{ "memory", rescue_open_memory },
		{ "target", rescue_make_target },
		{ "dmesg", dies },
	};

	rescue_run_steps(&b->rescue, short_steps, ARRAY_SIZE(short_steps));
}

static void before_the_log_is_saved_there_are_facts(void **state)
{
	struct rescuebox *b = *state;
	struct crash c;

	assert_true(WIFSIGNALED(rescuebox_fork(b, end_in_dmesg, MIB(100))));
	c = rescuebox_facts(b);
	assert_int_equal(c.outcome, CRASH_FAILED);
	assert_string_equal(c.step, "dmesg");
	assert_int_equal(c.n_steps, 2);
	assert_int_equal(c.crash_time, SYNTH_CRASH_TIME);
	crash_done(&c);
}

static void dump_that_was_begun_is_told_of(void **state)
{
	struct rescuebox *b = *state;
	struct crash c;
	int status = rescuebox_fork(b, run_steps, KIB(200));

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGXFSZ);
	c = rescuebox_facts(b);
	assert_int_equal(c.outcome, CRASH_INCOMPLETE);
	assert_string_equal(c.step, "vmcore");
	assert_int_equal(c.n_steps, 3);
	crash_done(&c);
}

static void after_all_steps_there_is_none(void **state)
{
	struct rescuebox *b = *state;
	struct crash c;

	run_steps(b);
	c = rescuebox_facts(b);
	assert_int_equal(c.outcome, CRASH_COMPLETE);
	assert_string_equal(c.step, "");
	assert_int_equal(c.n_steps, ARRAY_SIZE(steps));
	crash_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, rescuebox_setup, rescuebox_teardown)
		TEST(before_the_log_is_saved_there_are_facts),
		TEST(dump_that_was_begun_is_told_of),
		TEST(after_all_steps_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
