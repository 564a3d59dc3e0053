// SPDX-License-Identifier: GPL-2.0-or-later
/* test-rescue-hooks.c - programs of the administrator in the capture. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "capture/supervise.h"
#include "tests/unit/rescuebox.h"
#include "base/clock.h"
#include "base/text.h"

/* There may be a reason why it has. */
static int fails(struct rescue *rescue)
{
	rescue->crash.dump_reason = strdup("no room");
	return -1;
}

/* Runs the steps that work on a made-up system, with another @vmcore. */
static void supervise_steps(struct rescuebox *b, int (*vmcore)(struct rescue *), struct crash *ret)
{
	struct rescue_step table[RESCUE_STEPS];
	struct watchdog dog = WATCHDOG_NULL;
	size_t n = 0;

	for (size_t i = 0; i < RESCUE_STEPS; i++)
		if (!streq(rescue_steps[i].name, "modules") &&
		    !streq(rescue_steps[i].name, "log") && !streq(rescue_steps[i].name, "back"))
			table[n++] = rescue_steps[i];
	for (size_t i = 0; i < n; i++)
		if (streq(table[i].name, "vmcore"))
			table[i].run = vmcore;
	supervise(&b->box->os, &b->plan, b->memory, table, n, &dog);
	*ret = rescuebox_facts(b);
}

/* Adds a script to those of the plan; its directory is the root. */
static void add_hook(struct rescuebox *b, const char *name, const char *script)
{
	_cleanup_free_ char *path = NULL, *text = NULL;

	assert_int_equal(text_printf(&path, "hooks/%s", name), 0);
	assert_int_equal(text_printf(&text, "#!/bin/sh\n%s\n", script), 0);
	temptree_text(&b->box->tree, path, text);
	assert_int_equal(fchmodat(b->box->tree.fd, path, 0755, 0), 0);
	assert_int_equal(strv_push(&b->plan.hooks, name), 0);
}

static int teardown(void **state)
{
	struct rescuebox *b = *state;

	strv_free(b->plan.hooks);
	return rescuebox_teardown(state);
}

/* The error of a step: "" when it went well, "none" when there is none of the name. */
static const char *error_of(const struct crash *c, const char *step)
{
	for (size_t i = 0; i < c->n_steps; i++)
		if (streq(c->steps[i].name, step))
			return c->steps[i].error ?: "";
	return "none";
}

static void expect_text(const struct rescuebox *b, const char *path, const char *text)
{
	_cleanup_free_ char *found = temptree_read(&b->box->tree, path);

	assert_string_equal(found, text);
}

static void without_hooks_there_is_no_step(void **state)
{
	struct crash c;

	supervise_steps(*state, rescue_save_vmcore, &c);
	assert_string_equal(error_of(&c, "pre"), "none");
	assert_string_equal(error_of(&c, "post"), "none");
	assert_int_equal(c.outcome, CRASH_COMPLETE);
	crash_done(&c);
}

/* Each notes its name and what has been saved by then. */
#define NOTE "echo \"$0 $KDUMP_LITE_OUTCOME\" >>notes"

static void add_all(struct rescuebox *b)
{
	add_hook(b, "pre.d/10-a", NOTE "; test ! -e $KDUMP_LITE_DIRECTORY/vmcore");
	add_hook(b, "pre.d/20-b", NOTE "; test -s $KDUMP_LITE_DIRECTORY/vmcore-dmesg.txt");
	add_hook(b, "post.d/a", NOTE "; test -s $KDUMP_LITE_DIRECTORY/vmcore");
	add_hook(b, "failed.d/a", NOTE);
}

static void hooks_run_before_and_behind_the_dump(void **state)
{
	struct rescuebox *b = *state;
	struct crash c;

	add_all(b);
	supervise_steps(b, rescue_save_vmcore, &c);
	expect_text(b, "notes",
	            "hooks/pre.d/10-a mini\nhooks/pre.d/20-b mini\n"
	            "hooks/post.d/a complete\n");
	assert_string_equal(error_of(&c, "pre"), "");
	assert_string_equal(error_of(&c, "post"), "");
	crash_done(&c);
}

static void others_run_when_there_is_no_dump(void **state)
{
	struct rescuebox *b = *state;
	struct crash c;

	add_all(b);
	supervise_steps(b, fails, &c);
	expect_text(b, "notes",
	            "hooks/pre.d/10-a mini\nhooks/pre.d/20-b mini\n"
	            "hooks/failed.d/a mini\n");
	assert_string_equal(error_of(&c, "post"), "");
	crash_done(&c);
}

static void hooks_behind_a_failure_are_no_step_of_a_success(void **state)
{
	struct rescuebox *b = *state;
	struct crash c;

	add_hook(b, "failed.d/a", NOTE);
	supervise_steps(b, rescue_save_vmcore, &c);
	assert_string_equal(error_of(&c, "post"), "none");
	assert_false(temptree_exists(&b->box->tree, "notes"));
	crash_done(&c);
}

static int leaves_the_dump_out(struct rescue *rescue)
{
	return 0;
}

/* A dump that is not written since there are enough of this crash. */
static void a_known_crash_has_not_failed(void **state)
{
	struct rescuebox *b = *state;
	struct crash c;

	add_all(b);
	supervise_steps(b, leaves_the_dump_out, &c);
	assert_int_equal(c.outcome, CRASH_MINI_ONLY);
	assert_int_equal(strncmp(error_of(&c, "post"), "post.d/a: has exited", 20), 0);
	crash_done(&c);
}

/* Some want to tell others of it. */
static void without_a_place_hooks_run(void **state)
{
	struct rescuebox *b = *state;

	add_hook(b, "failed.d/a", "test -z \"$KDUMP_LITE_DIRECTORY\" && " NOTE);
	assert_true(rescue_has_post_hooks(&b->rescue));
	assert_int_equal(rescue_post_hooks(&b->rescue), 0);
	expect_text(b, "notes", "hooks/failed.d/a failed\n");
}

static void hooks_know_the_crash(void **state)
{
	struct rescuebox *b = *state;
	_cleanup_free_ char *expected = NULL;

	add_hook(b, "pre.d/a", "env | grep -v -e ^PWD= -e ^OLDPWD= -e ^_= -e ^SHLVL= | sort >env");
	b->rescue.crash = (struct crash){ .outcome = CRASH_DMESG_ONLY,
		                          .panic_message = strdup("a\nb\x1b[2J"),
		                          .hostname = strdup("$(reboot)") };
	b->rescue.dir_fd = openat(b->box->tree.fd, "proc", O_RDONLY | O_DIRECTORY);
	assert_int_equal(rescue_pre_hooks(&b->rescue), 0);
	assert_int_equal(text_printf(&expected,
	                             "KDUMP_LITE_DIRECTORY=%s/proc\n"
	                             "KDUMP_LITE_FINGERPRINT=\n"
	                             "KDUMP_LITE_HOSTNAME=$(reboot)\n"
	                             "KDUMP_LITE_OUTCOME=dmesg-only\n"
	                             "KDUMP_LITE_TITLE=a\\x0ab\\x1b[2J\n"
	                             "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n",
	                             b->box->tree.path),
	                 0);
	expect_text(b, "env", expected);
}

/* The hooks behind it run all the same. */
static void what_fails_is_an_error_of_the_step(void **state)
{
	static const struct {
		const char *script;
		int error;
		const char *text;
	} cases[] = {
		{ "exit 3", -EIO, "pre.d/a: has exited with status 3" },
		{ "exec /none", -EIO, "pre.d/a: has exited with status 127" },
		{ "kill -9 $$", -ECHILD, "pre.d/a: was ended by signal 9" },
	};
	struct rescuebox *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_case("%s", cases[i].script);
		b->plan.hooks = strv_free(b->plan.hooks);
		add_hook(b, "pre.d/a", cases[i].script);
		add_hook(b, "pre.d/b", "echo ran >>notes");
		add_hook(b, "pre.d/c", "exit 4");
		assert_fails(rescue_pre_hooks(&b->rescue), cases[i].error, cases[i].text);
	}
	expect_text(b, "notes", "ran\nran\nran\n");
}

static void a_hook_that_cannot_run_says_so(void **state)
{
	struct rescuebox *b = *state;

	add_hook(b, "pre.d/a", "");
	assert_int_equal(fchmodat(b->box->tree.fd, "hooks/pre.d/a", 0644, 0), 0);
	assert_fails(rescue_pre_hooks(&b->rescue), -EIO, "pre.d/a: has exited with status 127");
}

static void hooks_have_a_part_of_the_time(void **state)
{
	struct rescuebox *b = *state;
	double start = clock_seconds();

	/* It does not go by itself, prints without end, and what it has started goes with it. */
	add_hook(b, "pre.d/a", "trap '' TERM HUP INT; (sleep 2; echo >late) & yes; sleep 100");
	add_hook(b, "pre.d/b", "echo >ran");
	b->rescue.end = start + 2;
	assert_fails(rescue_pre_hooks(&b->rescue), -ETIMEDOUT, "pre.d/a: took longer than 0.");
	assert_true(clock_seconds() - start < 1.9);
	assert_false(temptree_exists(&b->box->tree, "ran"));
	usleep(2000 * 1000);
	assert_false(temptree_exists(&b->box->tree, "late"));
}

/* What rescue_pre_hooks() logs; the caller frees it. */
static char *log_of_pre_hooks(struct rescuebox *b)
{
	_cleanup_close_ int saved = dup(STDERR_FILENO);
	_cleanup_close_ int fd = openat(b->box->tree.fd, "log", O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	(void)rescue_pre_hooks(&b->rescue);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	return temptree_read(&b->box->tree, "log");
}

static void what_hooks_print_is_logged(void **state)
{
	struct rescuebox *b = *state;
	_cleanup_free_ char *log = NULL, *long_log = NULL;
	unsigned lines = 0;

	add_hook(b, "pre.d/a", "echo one; echo two >&2; printf '\\033[2Jthree'");
	log = log_of_pre_hooks(b);
	assert_string_equal(log, "kdump-capture: pre.d/a: one\nkdump-capture: pre.d/a: two\n"
	                         "kdump-capture: pre.d/a: \\x1b[2Jthree\n");
	b->plan.hooks = strv_free(b->plan.hooks);
	add_hook(b, "pre.d/b", "yes | head -n 5000; echo end");
	long_log = log_of_pre_hooks(b);
	for (const char *c = long_log; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 101);
	assert_non_null(strstr(long_log, "pre.d/b: more lines are left out\n"));
}

/* A hook that sends messages until the end of the capture. */
static void what_is_in_the_background_goes_on(void **state)
{
	struct rescuebox *b = *state;
	double start = clock_seconds();

	add_hook(b, "pre.d/a", "(sleep 2; echo >background) &");
	assert_int_equal(rescue_pre_hooks(&b->rescue), 0);
	assert_true(clock_seconds() - start < 1.9);
	for (unsigned left = 100; left > 0 && !temptree_exists(&b->box->tree, "background"); left--)
		usleep(100 * 1000);
	assert_true(temptree_exists(&b->box->tree, "background"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, rescuebox_setup, teardown)
		TEST(without_hooks_there_is_no_step),
		TEST(hooks_run_before_and_behind_the_dump),
		TEST(others_run_when_there_is_no_dump),
		TEST(hooks_behind_a_failure_are_no_step_of_a_success),
		TEST(a_known_crash_has_not_failed),
		TEST(without_a_place_hooks_run),
		TEST(hooks_know_the_crash),
		TEST(what_fails_is_an_error_of_the_step),
		TEST(a_hook_that_cannot_run_says_so),
		TEST(hooks_have_a_part_of_the_time),
		TEST(what_hooks_print_is_logged),
		TEST(what_is_in_the_background_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
