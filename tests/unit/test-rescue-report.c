// SPDX-License-Identifier: GPL-2.0-or-later
/* test-rescue-report.c - the step of the capture that tells what crashed, also when it fails. */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/rescuebox.h"
#include "base/clock.h"

/* With a directory, and memory open. */
static int setup(void **state)
{
	struct rescuebox *b;

	rescuebox_setup(state);
	b = *state;
	assert_int_equal(rescue_open_memory(&b->rescue), 0);
	assert_int_equal(rescue_make_target(&b->rescue), 0);
	return 0;
}

static bool exists(const struct rescuebox *b, const char *name)
{
	_cleanup_free_ char *path = rescuebox_path(b, name);

	return temptree_exists(&b->box->tree, path);
}

static void check_report(const struct rescuebox *b, const char *part)
{
	_cleanup_free_ char *path = rescuebox_path(b, CRASH_REPORT);
	_cleanup_free_ char *text = temptree_read(&b->box->tree, path);

	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

/* There is none to tell of yet. */
static void report_needs_no_dump(void **state)
{
	struct rescuebox *b = *state;
	struct rescue *r = &b->rescue;
	_cleanup_free_ char *path = rescuebox_path(b, CRASH_REPORT), *text = NULL;

	assert_int_equal(rescue_report(r), 0);
	check_report(b, "sysrq triggered crash\n\n   Fingerprint: ");
	text = temptree_read(&b->box->tree, path);
	assert_null(strstr(text, "\nDump\n"));
	assert_string_equal(r->crash.fingerprint_text, "sysrq");
}

/* What hangs, here on a pipe that nobody writes to, is ended; nothing is left of it. */
static void report_that_takes_too_long_is_ended(void **state)
{
	struct rescuebox *b = *state;
	struct rescue *r = &b->rescue;
	char pipe[128];
	double before;

	snprintf(pipe, sizeof(pipe), "%s/pipe", b->box->tree.path);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	r->vmcore = pipe;
	before = clock_seconds();
	r->end = before + 0.5;
	assert_fails(rescue_report(r), -ETIMEDOUT, "it took longer than ");
	assert_true(clock_seconds() - before < 5);
	assert_false(exists(b, CRASH_REPORT));
	assert_null(r->crash.fingerprint);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* A report that fails leaves the dump and what is known of it as they were. */
static void report_that_fails_costs_nothing_else(void **state)
{
	struct rescuebox *b = *state;
	struct rescue *r = &b->rescue;

	assert_int_equal(rescue_save_vmcore(r), 0);
	/* There is a directory where it should be. */
	assert_int_equal(mkdirat(r->dir_fd, CRASH_REPORT, 0700), 0);
	assert_fails(rescue_report(r), -EISDIR, "report.txt: ");
	assert_int_equal(r->crash.outcome, CRASH_COMPLETE);
	assert_true(exists(b, CRASH_VMCORE));
	assert_string_equal(r->crash.fingerprint_text, "sysrq");
}

/* The child of the test stands for one that a fault in the reading of a broken kernel ends. */
static void report_that_is_killed_is_said(void **state)
{
	struct rescuebox *b = *state;
	struct rescue *r = &b->rescue;
	struct rlimit old, none;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_fails(rescue_report(r), -ECHILD, "it was ended by signal 25");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, rescuebox_teardown)
		TEST(report_needs_no_dump),
		TEST(report_that_takes_too_long_is_ended),
		TEST(report_that_fails_costs_nothing_else),
		TEST(report_that_is_killed_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
