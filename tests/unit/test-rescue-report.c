// SPDX-License-Identifier: GPL-2.0-or-later
/* test-rescue-report.c - the step of the capture that tells what crashed, also when it fails. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "capture/rescue-steps.h"
#include "tests/unit/synth.h"
#include "tests/unit/temptree.h"
#include "base/clock.h"

struct fixture {
	struct synth m;
	struct os os;
	struct plan plan;
	struct temptree tree;
	struct rescue rescue;
	char memory[128];
};

static int setup(void **state)
{
	static const char words[] = "Kernel panic - not syncing: sysrq triggered crash";
	struct fixture *f = calloc(1, sizeof(*f));
	struct synth_log log;

	assert_non_null(f);
	synth_init(&f->m, NULL);
	synth_log_init(&log, &f->m, 6, 12);
	synth_log_add(&log, 42000002000, words, strlen(words), SYNTH_FINAL);
	temptree_make(&f->tree);
	temptree_dir(&f->tree, "crash");
	dump_free(synth_dump(&f->m));
	temptree_bytes(&f->tree, "proc-vmcore", f->m.core, f->m.core_len);
	snprintf(f->memory, sizeof(f->memory), "%s/proc-vmcore", f->tree.path);
	f->plan = (struct plan){ .capture = {
					 .level = 31, .compress = (char *)"lzo", .threads = 1 } };
	f->os.root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->rescue = (struct rescue){
		.os = &f->os,
		.plan = &f->plan,
		.vmcore = f->memory,
		.dir_fd = openat(f->tree.fd, "crash", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.started = clock_seconds(),
		.crash = { .outcome = CRASH_FAILED },
	};
	assert_true(f->rescue.dir_fd >= 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	rescue_done(&f->rescue);
	close(f->os.root_fd);
	temptree_remove(&f->tree);
	synth_done(&f->m);
	free(f);
	return 0;
}

static void check_report(struct fixture *f, const char *part)
{
	char *text = temptree_read(&f->tree, "crash/report.txt");

	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
	free(text);
}

/* Of memory then. */
static void report_needs_no_dump(void **state)
{
	struct fixture *f = *state;
	struct rescue *r = &f->rescue;

	assert_int_equal(rescue_open_memory(r), 0);
	assert_int_equal(rescue_report(r), 0);
	check_report(f, "\nDump\n        Format: ELF\n");
	assert_string_equal(r->crash.fingerprint_text, "sysrq");
}

/* What hangs, here on a pipe that nobody writes to, is ended; nothing is left of it. */
static void report_that_takes_too_long_is_ended(void **state)
{
	struct fixture *f = *state;
	struct rescue *r = &f->rescue;
	char pipe[128];
	double before;

	assert_int_equal(rescue_open_memory(r), 0);
	snprintf(pipe, sizeof(pipe), "%s/pipe", f->tree.path);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	r->vmcore = pipe;
	before = clock_seconds();
	r->end = before + 0.5;
	assert_fails(rescue_report(r), -ETIMEDOUT, "it took longer than ");
	assert_true(clock_seconds() - before < 5);
	assert_false(temptree_exists(&f->tree, "crash/report.txt"));
	assert_null(r->crash.fingerprint);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* A report that fails leaves the dump and what is known of it as they were. */
static void report_that_fails_costs_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct rescue *r = &f->rescue;

	assert_int_equal(rescue_open_memory(r), 0);
	assert_int_equal(rescue_save_vmcore(r), 0);
	/* There is a directory where it should be. */
	temptree_text(&f->tree, "crash/report.txt/x", "");
	assert_fails(rescue_report(r), -EISDIR, "report.txt: ");
	assert_int_equal(r->crash.outcome, CRASH_COMPLETE);
	assert_true(temptree_exists(&f->tree, "crash/vmcore"));
	assert_string_equal(r->crash.fingerprint_text, "sysrq");
}

/* The child of the test stands for one that a fault in the reading of a broken kernel ends. */
static void report_that_is_killed_is_said(void **state)
{
	struct fixture *f = *state;
	struct rescue *r = &f->rescue;
	struct rlimit old, none;

	assert_int_equal(rescue_open_memory(r), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_fails(rescue_report(r), -ECHILD, "it was ended by signal 25");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(report_needs_no_dump),
		TEST(report_that_takes_too_long_is_ended),
		TEST(report_that_fails_costs_nothing_else),
		TEST(report_that_is_killed_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
