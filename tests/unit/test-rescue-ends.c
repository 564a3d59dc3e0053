// SPDX-License-Identifier: GPL-2.0-or-later
/* test-rescue-ends.c - what is left when a capture ends before all its steps have. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "capture/return.h"
#include "capture/room.h"
#include "capture/supervise.h"
#include "tests/unit/rescuebox.h"
#include "base/clock.h"
#include "base/err.h"

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

/* What the next boot tells. */
static struct crash load(const struct rescuebox *b)
{
	_cleanup_close_ int fd = openat(b->box->tree.fd, "mnt/var/crash", O_RDONLY | O_CLOEXEC);
	struct crash c;

	assert_int_equal(crash_load(fd, b->rescue.crash.name, &c), 0);
	return c;
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
	int status = rescuebox_fork(b, run_steps, KIB(700));

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

/* The processes of supervise(), with the steps of a row. */
static void supervise_steps(const struct rescuebox *b, int (*vmcore)(struct rescue *),
                            struct crash *ret)
{
	const struct rescue_step table[] = {
		{ "memory", rescue_open_memory, .opens = true },
		{ "target", rescue_make_target },
		{ "dmesg", rescue_save_dmesg, .again = true },
		{ "vmcore", vmcore, .again = true, .slow = true },
		{ "verify", rescue_verify, .slow = true },
		{ "report", rescue_report },
		{ "back", rescue_return },
	};
	struct watchdog dog = WATCHDOG_NULL;

	supervise(&b->box->os, &b->plan, b->memory, table, ARRAY_SIZE(table), &dog);
	*ret = rescuebox_facts(b);
}

/* The steps as their names and errors: "vmcore (it was ended by signal 9), memory, ". */
static void check_steps(const struct crash *c, const char *expected)
{
	char text[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < c->n_steps; i++)
		len += snprintf(text + len, sizeof(text) - len, "%s%s%s%s, ", c->steps[i].name,
		                c->steps[i].error ? " (" : "", c->steps[i].error ?: "",
		                c->steps[i].error ? ")" : "");
	assert_string_equal(text, expected);
}

static void check_file(const struct rescuebox *b, const char *name, bool there)
{
	_cleanup_free_ char *path = rescuebox_path(b, name);

	if (temptree_exists(&b->box->tree, path) != there)
		fail_msg("%s is%s there", name, there ? " not" : "");
}

/* A failure would end another process than that of the tests. */
static void begin_dump(struct rescue *rescue)
{
	(void)rescue_write_vmcore(rescue, 31);
}

static int killed_once(struct rescue *rescue)
{
	if (!rescue->again) {
		begin_dump(rescue);
		raise(SIGKILL);
	}
	return rescue_save_vmcore(rescue);
}

static void dump_that_was_killed_is_made_again(void **state)
{
	struct rescuebox *b = *state;
	struct crash c;

	supervise_steps(b, killed_once, &c);
	check_steps(&c, "memory, target, dmesg, vmcore (it was ended by signal 9), memory, vmcore, "
	                "verify, report, back, ");
	assert_int_equal(c.outcome, CRASH_COMPLETE);
	assert_string_equal(c.step, "");
	assert_string_equal(c.verify, "ok");
	assert_string_equal(c.panic_message, "sysrq triggered crash");
	assert_string_equal(c.final_action, "reboot");
	assert_int_equal(c.memory_size, SYNTH_PAGES * 4096);
	check_file(b, "vmcore", true);
	check_file(b, "vmcore.incomplete", false);
	check_file(b, "vmcore.first", false);
	check_file(b, "report.txt", true);
	crash_done(&c);
}

static int finds_tasks(struct rescue *rescue)
{
	rescue->tasks.init_task = 42;
	return 0;
}

static int looks_for_tasks(struct rescue *rescue)
{
	osbox_calls->kexec_error = rescue->tasks.init_task;
	return 0;
}

/* The report is not made again, and to verify a dump takes what it found. */
static void tasks_are_known_to_who_goes_on(void **state)
{
	static const struct rescue_step table[] = {
		{ "memory", rescue_open_memory, .opens = true },
		{ "target", rescue_make_target },
		{ "report", finds_tasks },
		{ "vmcore", killed_once, .again = true },
		{ "verify", looks_for_tasks },
	};
	struct watchdog dog = WATCHDOG_NULL;
	struct rescuebox *b = *state;

	supervise(&b->box->os, &b->plan, b->memory, table, ARRAY_SIZE(table), &dog);
	assert_int_equal(osbox_calls->kexec_error, 42);
}

static int killed_then_fails(struct rescue *rescue)
{
	const struct plan *own;
	struct plan other;
	int r;

	if (!rescue->again) {
		begin_dump(rescue);
		raise(SIGKILL);
	}
	own = rescue->plan;
	other = *own;
	other.capture.compress = (char *)"no such codec";
	rescue->plan = &other;
	r = rescue_save_vmcore(rescue);
	rescue->plan = own;
	return r;
}

static void dump_that_was_killed_is_kept_without_a_better_one(void **state)
{
	struct rescuebox *b = *state;
	struct crash c;

	supervise_steps(b, killed_then_fails, &c);
	assert_int_equal(c.outcome, CRASH_INCOMPLETE);
	assert_non_null(strstr(c.steps[5].error, "no such codec"));
	check_file(b, "vmcore.incomplete", true);
	check_file(b, "vmcore.first", false);
	check_file(b, "report.txt", true);
	crash_done(&c);
}

static int never_ends(struct rescue *rescue)
{
	begin_dump(rescue);
	return pause();
}

/* The time is shared out: what comes after the dump has some left. */
static void what_takes_too_long_is_not_begun_again(void **state)
{
	struct rescuebox *b = *state;
	double start = clock_seconds();
	struct crash c;

	b->plan.capture.timeout = 4;
	supervise_steps(b, never_ends, &c);
	assert_true(clock_seconds() - start < 5);
	check_steps(&c, "memory, target, dmesg, vmcore (it took longer than 3 s and was ended), "
	                "memory, report, back, ");
	assert_int_equal(c.outcome, CRASH_INCOMPLETE);
	check_file(b, "vmcore.incomplete", true);
	check_file(b, "report.txt", true);
	crash_done(&c);
}

static int always_killed(struct rescue *rescue)
{
	osbox_calls->kexec_error++;
	begin_dump(rescue);
	raise(SIGKILL);
	return 0;
}

static void nothing_is_tried_a_third_time(void **state)
{
	struct rescuebox *b = *state;
	struct crash c;

	supervise_steps(b, always_killed, &c);
	assert_int_equal(osbox_calls->kexec_error, 2);
	assert_int_equal(c.outcome, CRASH_INCOMPLETE);
	assert_string_equal(c.step, "vmcore");
	check_steps(&c, "memory, target, dmesg, vmcore (it was ended by signal 9), memory, ");
	crash_done(&c);
}

static int memory_that_kills(struct rescue *rescue)
{
	if (!rescue->again)
		raise(SIGKILL);
	return rescue_open_memory(rescue);
}

/* Nothing is known then. */
static void before_there_is_a_directory_all_is_done_again(void **state)
{
	static const struct rescue_step table[] = {
		{ "memory", memory_that_kills, .opens = true },
		{ "target", rescue_make_target },
		{ "vmcore", rescue_save_vmcore },
	};
	struct watchdog dog = WATCHDOG_NULL;
	struct rescuebox *b = *state;
	struct crash c;

	supervise(&b->box->os, &b->plan, b->memory, table, ARRAY_SIZE(table), &dog);
	c = rescuebox_facts(b);
	check_steps(&c, "memory (it was ended by signal 9), memory, target, vmcore, ");
	assert_int_equal(c.outcome, CRASH_COMPLETE);
	assert_string_equal(c.kernel_release, SYNTH_RELEASE);
	crash_done(&c);
}

static uint64_t room_of(const struct rescue *rescue)
{
	struct stat st;

	assert_true(rescue->has_room);
	assert_int_equal(fstat(rescue->room_fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	return st.st_blocks * 512;
}

static int room_is_for_facts(struct rescue *rescue)
{
	assert_in_range(room_of(rescue), ROOM_FACTS, ROOM_ALL - 1);
	return 0;
}

/* Hooks fill the disk, too, if there are any. */
static int room_is_for_all(struct rescue *rescue)
{
	assert_true(room_of(rescue) >= ROOM_ALL);
	return 0;
}

static int there_is_no_room(struct rescue *rescue)
{
	assert_false(rescue->has_room);
	assert_false(room_give(rescue));
	return 0;
}

/* What is small finds it when the dump has filled the disk. */
static void dump_leaves_room(void **state)
{
	static const struct rescue_step table[] = {
		{ "memory", rescue_open_memory }, { "nowhere", there_is_no_room },
		{ "target", rescue_make_target }, { "facts", room_is_for_facts },
		{ "dmesg", rescue_save_dmesg },   { "pre", rescue_pre_hooks },
		{ "all", room_is_for_all },       { "vmcore", rescue_save_vmcore },
		{ "behind", room_is_for_all },
	};
	struct rescuebox *b = *state;

	rescue_run_steps(&b->rescue, table, ARRAY_SIZE(table));
	assert_int_equal(b->rescue.crash.n_steps, ARRAY_SIZE(table));
	check_file(b, ".room", false);
}

/* The power goes just after the dump has its name, or just before. */
static void dump_with_its_name_is_told_of(void **state)
{
	static const char dump[] = "mnt/var/crash/%s/" CRASH_VMCORE;
	struct rescuebox *b = *state;
	struct rescue *r = &b->rescue;
	struct crash c;
	char path[256];

	/* Nothing takes the place of a directory. */
	assert_int_equal(rescue_open_memory(r), 0);
	assert_int_equal(rescue_make_target(r), 0);
	assert_int_equal(rescue_save_dmesg(r), 0);
	snprintf(path, sizeof(path), dump, r->crash.name);
	temptree_dir(&b->box->tree, path);
	assert_fails(rescue_save_vmcore(r), -EISDIR, "vmcore: cannot be renamed");
	assert_int_equal(r->crash.outcome, CRASH_INCOMPLETE);
	assert_int_equal(unlinkat(b->box->tree.fd, path, AT_REMOVEDIR), 0);
	c = load(b);
	assert_int_equal(c.outcome, CRASH_INCOMPLETE);
	crash_done(&c);

	assert_int_equal(renameat(r->dir_fd, CRASH_VMCORE_INCOMPLETE, r->dir_fd, CRASH_VMCORE), 0);
	c = load(b);
	assert_int_equal(c.outcome, CRASH_COMPLETE);
	assert_null(c.fault);
	assert_true(c.pages.saved > 0);
	crash_done(&c);
}

/* The mount costs its place; what is in memory is shown. */
static void mount_that_hangs_is_left_behind(void **state)
{
	static const struct rescue_step table[] = {
		{ "memory", rescue_open_memory, .opens = true },
		{ "target", rescue_make_target },
		{ "dmesg", rescue_save_dmesg },
	};
	struct watchdog dog = WATCHDOG_NULL;
	struct rescuebox *b = *state;
	double start = clock_seconds();

	b->plan.capture.timeout = 8;
	b->plan.capture.device_timeout = 0;
	osbox_calls->mount_seconds = 1000;
	assert_true(supervise(&b->box->os, &b->plan, b->memory, table, ARRAY_SIZE(table), &dog));
	assert_true(clock_seconds() - start < 5);
	osbox_noted("mount /dev/vda /mnt ext4 ; ");
	assert_true(temptree_exists(&b->box->tree, "saved"));

	osbox_calls->mount_seconds = 0;
	assert_false(supervise(&b->box->os, &b->plan, b->memory, table, ARRAY_SIZE(table), &dog));
}

static int takes_long(struct rescue *rescue)
{
	for (double start = clock_seconds(); clock_seconds() - start < 1;)
		usleep(1000);
	return 0;
}

static void watchdog_is_fed_all_the_time(void **state)
{
	static const struct rescue_step table[] = { { "long", takes_long } };
	struct watchdog dog = WATCHDOG_NULL;
	struct rescuebox *b = *state;

	temptree_text(&b->box->tree, "dev/watchdog0", "");
	assert_false(supervise(&b->box->os, &b->plan, b->memory, table, ARRAY_SIZE(table), &dog));
	assert_in_range(osbox_calls->fed, 4, 20);
	osbox_noted("timeout 60; ");
	close(dog.fd);
}

static void try_target(struct rescuebox *b)
{
	signal(SIGXFSZ, SIG_IGN);
	_exit(rescue_make_target(&b->rescue) == -EFBIG && b->rescue.in_memory ? 0 : 1);
}

/* A directory is no place for a crash when no file can be written there. */
static void target_that_takes_no_file_is_left(void **state)
{
	struct rescuebox *b = *state;

	assert_int_equal(rescuebox_fork(b, try_target, 0), 0);
}

/* So much of the log can be written, and no more. */
static void save_part_of_log(struct rescuebox *b, uint64_t size)
{
	const struct rlimit tight = { size, RLIM_INFINITY };
	struct rlimit old;

	assert_int_equal(rescue_open_memory(&b->rescue), 0);
	assert_int_equal(rescue_make_target(&b->rescue), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	assert_int_equal(rescue_save_dmesg(&b->rescue), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
}

/* What can be written of it stays, but not with the name of a whole one. */
static void part_of_a_log_is_named_as_that(void **state)
{
	struct rescuebox *b = *state;

	save_part_of_log(b, 20);
	check_file(b, CRASH_DMESG, false);
	check_file(b, CRASH_DMESG_INCOMPLETE, true);
}

static void plan_without_a_limit_has_time(void **state)
{
	static const struct rescue_step table[] = {
		{ "memory", rescue_open_memory, .opens = true },
		{ "target", rescue_make_target },
		{ "dmesg", rescue_save_dmesg },
	};
	struct watchdog dog = WATCHDOG_NULL;
	struct rescuebox *b = *state;
	struct crash c;

	b->plan.capture.timeout = 0;
	assert_false(supervise(&b->box->os, &b->plan, b->memory, table, ARRAY_SIZE(table), &dog));
	c = rescuebox_facts(b);
	check_steps(&c, "memory, target, dmesg, ");
	crash_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, rescuebox_setup, rescuebox_teardown)
		TEST(before_the_log_is_saved_there_are_facts),
		TEST(dump_that_was_begun_is_told_of),
		TEST(after_all_steps_there_is_none),
		TEST(dump_leaves_room),
		TEST(dump_with_its_name_is_told_of),
		TEST(target_that_takes_no_file_is_left),
		TEST(part_of_a_log_is_named_as_that),
		TEST(dump_that_was_killed_is_made_again),
		TEST(tasks_are_known_to_who_goes_on),
		TEST(dump_that_was_killed_is_kept_without_a_better_one),
		TEST(what_takes_too_long_is_not_begun_again),
		TEST(nothing_is_tried_a_third_time),
		TEST(mount_that_hangs_is_left_behind),
		TEST(plan_without_a_limit_has_time),
		TEST(watchdog_is_fed_all_the_time),
		TEST(before_there_is_a_directory_all_is_done_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
