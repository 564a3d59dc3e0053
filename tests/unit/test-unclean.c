// SPDX-License-Identifier: GPL-2.0-or-later
/* test-unclean.c - boots that ended without a shutdown: which are told of, with what evidence. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <jansson.h>

#include "base/text.h"
#include "loader/crashes/announce.h"
#include "loader/system/gentler.h"
#include "tests/unit/run-cli.h"

#define BOOT_1 "1498cd81-893c-4095-8d9d-4eb539b7a05b"
#define BOOT_2 "2498cd81-893c-4095-8d9d-4eb539b7a05b"
#define NOW    "3498cd81-893c-4095-8d9d-4eb539b7a05b"
#define HOUR   3600

/* The time of the crash below, 2026-11-23 14:05:01. */
#define CRASH      "20261123T140501Z-4f2a90c1"
#define CRASH_TIME 1795442701

static struct box box;
static int root_fd, state_fd;
static char **sent;  /* the messages ... */
static char **facts; /* ... and all evidence in them */

static int setup(void **state)
{
	box_make(&box);
	temptree_dir(&box.tree, "root/var/lib");
	temptree_dir(&box.tree, "root/var/crash");
	temptree_text(&box.tree, "root/proc/sys/kernel/random/boot_id", NOW "\n");
	temptree_text(&box.tree, "root/proc/cmdline", "root=/dev/vda1\n");
	root_fd = openat(box.tree.fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(state_open(root_fd, &state_fd), 0);
	return 0;
}

static int teardown(void **state)
{
	close(root_fd);
	close(state_fd);
	box_remove(&box);
	strv_freep(&sent);
	strv_freep(&facts);
	sent = facts = NULL;
	return 0;
}

static void mark(const char *boot_id, time_t time)
{
	struct mark m = { .time = time, .kernel = "6.1.0", .armed = true, .known = true };

	snprintf(m.boot_id, sizeof(m.boot_id), "%s", boot_id);
	assert_int_equal(mark_write(state_fd, &m), 0);
}

/* As many as there are rows, and whether the line stays. */
static void check_line(unsigned row, bool stays)
{
	struct gentler g;

	gentler_read(root_fd, "6.1.0", &g);
	assert_int_equal(g.row, row);
	assert_int_equal(g.stays, stays);
}

static void take(char *const *record)
{
	assert_int_equal(strv_push(&sent, announce_get(record, "MESSAGE")), 0);
	assert_string_equal(announce_get(record, "MESSAGE_ID"), ANNOUNCE_UNCLEAN_ID);
	for (; *record; record++)
		if (strncmp(*record, "KDUMP_LITE_EVIDENCE=", 20) == 0)
			assert_int_equal(strv_push(&facts, *record + 20), 0);
}

/* As at one boot; returns how many boots were told of. */
static size_t announce(void)
{
	_cleanup_(crashes_done) struct crashes c = CRASHES_NULL;

	strv_freep(&sent);
	strv_freep(&facts);
	sent = facts = NULL;
	c.fd = openat(root_fd, "var/crash", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(crash_list(c.fd, &c.list, &c.n), 0);
	assert_int_equal(announce_uncleans(root_fd, state_fd, &c, take), 0);
	return strv_length(sent);
}

static void nothing_to_tell(void **state)
{
	assert_int_equal(announce(), 0);
	mark(NOW, CRASH_TIME);
	assert_int_equal(announce(), 0);
	assert_true(temptree_exists(&box.tree, "root/var/lib/kdump-lite/boot-" NOW ".json"));
	assert_false(temptree_exists(&box.tree, "root/var/lib/kdump-lite/unclean.json"));
}

static void a_boot_is_told_of_once(void **state)
{
	mark(BOOT_1, CRASH_TIME);
	assert_int_equal(announce(), 1);
	assert_non_null(strstr(sent[0], "Kernel 6.1.0, running since "));
	assert_non_null(strstr(sent[0], " ended without a shutdown and without a dump; a capture "
	                                "kernel was loaded"));
	assert_null(facts);
	assert_int_equal(announce(), 0);
	mark(BOOT_2, CRASH_TIME);
	assert_int_equal(announce(), 1);
}

/* Marks at so many seconds after the crash, and how many of the boots it leaves. */
static void crashes_explain_boots(void **state)
{
	static const struct {
		long first, second; /* 0: no mark */
		bool told;          /* the journal has been told of the crash before */
		mode_t mode;
		size_t left;
	} cases[] = {
		{ -HOUR, 0, false, 0700, 0 },
		/* A clock that was an hour ahead when the mark was made. */
		{ HOUR, 0, false, 0700, 0 },
		{ 25 * HOUR, 0, false, 0700, 1 },
		/* The crash is an older one. */
		{ -HOUR, 0, true, 0700, 1 },
		/* It may be forged. */
		{ -HOUR, 0, false, 0777, 1 },
		/* One boot has one crash. */
		{ -2 * HOUR, -HOUR, false, 0700, 1 },
		{ -HOUR, HOUR, false, 0700, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_case("%zu", i);
		temptree_text(&box.tree, "root/var/crash/" CRASH "/crash.json", "{}");
		assert_int_equal(fchmodat(root_fd, "var/crash/" CRASH, cases[i].mode, 0), 0);
		temptree_text(&box.tree, "root/var/lib/kdump-lite/announced",
		              cases[i].told ? CRASH : "");
		mark(BOOT_1, CRASH_TIME + cases[i].first);
		if (cases[i].second)
			mark(BOOT_2, CRASH_TIME + cases[i].second);
		assert_int_equal(announce(), cases[i].left);
		assert_int_equal(announce(), 0);
	}
}

static void make_crash(void)
{
	temptree_text(&box.tree, "root/var/crash/" CRASH "/crash.json", "{}");
	assert_int_equal(fchmodat(root_fd, "var/crash/" CRASH, 0700, 0), 0);
}

static size_t remembered(void)
{
	_cleanup_(uncleans_done) struct uncleans u = {};

	assert_int_equal(uncleans_read(state_fd, &u), 0);
	return u.n;
}

/* It lay in a reserve that could not be read at first, or on a disk that was missing. */
static void a_crash_that_comes_late_takes_the_row_of_its_boot(void **state)
{
	mark(BOOT_1, CRASH_TIME - 2 * HOUR);
	assert_int_equal(announce(), 1);
	mark(BOOT_2, CRASH_TIME - HOUR);
	assert_int_equal(announce(), 1);
	check_line(2, false);
	assert_int_equal(remembered(), 2);
	make_crash();
	assert_int_equal(announce(), 0);
	assert_int_equal(remembered(), 1);
	check_line(1, true);
	/* One boot has one crash, and this one is told of. */
	temptree_text(&box.tree, "root/var/lib/kdump-lite/announced", CRASH "\n");
	assert_int_equal(announce(), 0);
	assert_int_equal(remembered(), 1);
}

/* Of boots that began behind it, or that had ended long before. */
static void a_late_crash_of_another_time_takes_none(void **state)
{
	struct unclean u = { .mark = { .time = CRASH_TIME - 90 * HOUR, .boot_id = BOOT_1 },
		             .last = CRASH_TIME - 25 * HOUR };

	assert_int_equal(unclean_remember(state_fd, &u), 0);
	mark(BOOT_2, CRASH_TIME + 25 * HOUR);
	assert_int_equal(announce(), 1);
	make_crash();
	assert_int_equal(announce(), 0);
	assert_int_equal(remembered(), 2);
}

static void evidence_of_devices_and_firmware(void **state)
{
	static const char *const expected[] = {
		"the capture kernel ran and came back by kexec",
		"watchdog0 (iTCO_wdt?[m) tells: it reset the machine",
		"watchdog2 (?) tells: overheating",
		"the firmware kept a record: /sys/fs/pstore/dmesg-efi-1",
		"the firmware kept 2 records, the last is /var/lib/systemd/pstore/17002",
	};
	const struct timespec old[2] = { { .tv_sec = CRASH_TIME - 1 },
		                         { .tv_sec = CRASH_TIME - 1 } };
	const struct timespec newer[2] = { { .tv_sec = CRASH_TIME + 9 },
		                           { .tv_sec = CRASH_TIME + 9 } };
	const struct timespec newest[2] = { { .tv_sec = CRASH_TIME + 10 },
		                            { .tv_sec = CRASH_TIME + 10 } };

	temptree_text(&box.tree, "root/proc/cmdline", "a=b kdump_lite.returned=1 memmap=1\n");
	temptree_text(&box.tree, "root/sys/devices/system/cpu/online", "0\n");
	temptree_text(&box.tree, "root/sys/devices/system/cpu/present", "0\n");
	temptree_text(&box.tree, "root/proc/cpuinfo", "processor\t: 0\n");
	temptree_text(&box.tree, "root/sys/class/watchdog/watchdog0/bootstatus", "32\n");
	temptree_text(&box.tree, "root/sys/class/watchdog/watchdog0/identity", "iTCO_wdt\033[m\n");
	temptree_text(&box.tree, "root/sys/class/watchdog/watchdog1/bootstatus", "0\n");
	temptree_text(&box.tree, "root/sys/class/watchdog/watchdog2/bootstatus", "1\n");
	temptree_text(&box.tree, "root/sys/fs/pstore/dmesg-efi-0", "x");
	temptree_text(&box.tree, "root/sys/fs/pstore/dmesg-efi-1", "x");
	temptree_text(&box.tree, "root/var/lib/systemd/pstore/17001/dmesg.txt", "x");
	temptree_text(&box.tree, "root/var/lib/systemd/pstore/17002/dmesg.txt", "x");
	assert_int_equal(utimensat(root_fd, "sys/fs/pstore/dmesg-efi-0", old, 0), 0);
	assert_int_equal(utimensat(root_fd, "sys/fs/pstore/dmesg-efi-1", newer, 0), 0);
	assert_int_equal(utimensat(root_fd, "var/lib/systemd/pstore/17001", newer, 0), 0);
	assert_int_equal(utimensat(root_fd, "var/lib/systemd/pstore/17002", newest, 0), 0);
	/* All that is of the last boot. */
	mark(BOOT_1, CRASH_TIME - HOUR);
	mark(BOOT_2, CRASH_TIME);
	assert_int_equal(announce(), 2);
	assert_int_equal(strv_length(facts), ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_string_equal(facts[i], expected[i]);
	assert_null(strstr(sent[0], "watchdog"));
	assert_non_null(strstr(sent[1], "loaded; the capture kernel ran and came back by kexec; "));
}

static int run(const char *args)
{
	char all[200];

	snprintf(all, sizeof(all), "--root=%s/root %s", box.tree.path, args);
	return box_run(&box, BOX_FILE, NULL, all);
}

static void they_are_listed_among_the_crashes(void **state)
{
	const char *first, *crash, *second;

	mark(BOOT_1, CRASH_TIME - HOUR);
	mark(BOOT_2, CRASH_TIME + HOUR);
	assert_int_equal(announce(), 2);
	assert_int_equal(run("list"), 0);
	assert_string_equal(box.err, "");
	temptree_text(&box.tree, "root/var/crash/" CRASH "/vmcore-dmesg.txt", "[    1.0] log\n");
	assert_int_equal(run("list"), 0);
	first = strstr(box.out, "13:05:01 UTC -        6.1.0  ended without a shutdown");
	crash = strstr(box.out, "14:05:01 UTC 4f2a90c1");
	second = strstr(box.out, "15:05:01 UTC -        6.1.0  ended without a shutdown");
	if (!first || !crash || !second || !(first < crash && crash < second))
		fail_msg("%s", box.out);
	assert_non_null(strstr(second, " no-dump"));
	/* Verbs that read crashes know nothing of them. */
	assert_int_equal(run("info --json"), 0);
	assert_non_null(strstr(box.out, CRASH));
}

static void they_are_objects(void **state)
{
	json_t *list, *o;

	temptree_text(&box.tree, "root/sys/class/watchdog/watchdog0/bootstatus", "32\n");
	mark(BOOT_1, CRASH_TIME);
	assert_int_equal(announce(), 1);
	assert_int_equal(run("list --json"), 0);
	list = json_loads(box.out, 0, NULL);
	assert_int_equal(json_array_size(list), 1);
	o = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(o, "outcome")), "no-dump");
	assert_string_equal(json_string_value(json_object_get(o, "boot_id")), BOOT_1);
	assert_string_equal(json_string_value(json_object_get(o, "kernel_release")), "6.1.0");
	assert_int_equal(json_integer_value(json_object_get(o, "since")), CRASH_TIME);
	assert_int_equal(json_integer_value(json_object_get(o, "crash_time")), CRASH_TIME);
	assert_true(json_is_true(json_object_get(o, "armed")));
	assert_string_equal(json_string_value(json_array_get(json_object_get(o, "evidence"), 0)),
	                    "watchdog0 (?) tells: it reset the machine");
	json_decref(list);
}

static void states_are_counted(void **state)
{
	static const struct {
		const char *state;
		int n;
	} cases[] = {
		{ "complete", 0 }, { "incomplete", 1 }, { "dmesg-only", 2 }, { "failed", 1 },
		{ "unknown", 0 },  { "no-dump", 1 },    { "mini", 0 },
	};
	json_auto_t *counts = NULL, *none = NULL;

	assert_int_equal(crashes_count(root_fd, "/var/nothing", &none), 0);
	assert_int_equal(json_integer_value(json_object_get(none, "failed")), 0);
	mark(BOOT_1, CRASH_TIME);
	assert_int_equal(announce(), 1);
	temptree_text(&box.tree, "root/var/crash/a/vmcore-dmesg.txt", "x");
	temptree_text(&box.tree, "root/var/crash/b/vmcore-dmesg.txt", "x");
	temptree_text(&box.tree, "root/var/crash/c/vmcore.incomplete", "x");
	temptree_dir(&box.tree, "root/var/crash/" CRASH);
	temptree_dir(&box.tree, "root/var/crash/d");
	assert_int_equal(crashes_count(root_fd, "/var/crash", &counts), 0);
	assert_int_equal(json_object_size(counts), ARRAY_SIZE(cases));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const json_t *n = json_object_get(counts, cases[i].state);

		check_case("%s", cases[i].state);
		assert_true(json_is_integer(n));
		assert_int_equal(json_integer_value(n), cases[i].n);
	}
}

static void the_newest_are_remembered(void **state)
{
	_cleanup_(uncleans_done) struct uncleans u = {};

	for (size_t i = 0; i < UNCLEAN_MAX + 5; i++) {
		struct unclean one = { .mark = { .boot_id = BOOT_1, .time = 1000 + i } };

		assert_int_equal(unclean_remember(state_fd, &one), 0);
	}
	assert_int_equal(uncleans_read(state_fd, &u), 0);
	assert_int_equal(u.n, UNCLEAN_MAX);
	assert_int_equal(u.list[0].mark.time, 1005);
	assert_int_equal(u.list[UNCLEAN_MAX - 1].mark.time, 1000 + UNCLEAN_MAX + 4);
}

/* The list may be that of another system. */
static void damaged_lists(void **state)
{
	static const char *const texts[] = {
		"", "{", "{}", "[7,[]]", "[{\"boot_id\":\"\\u001b\",\"since\":5}]",
	};
	_cleanup_(uncleans_done) struct uncleans u = {};
	struct unclean one = { .mark = { .boot_id = BOOT_1, .time = 1000 } };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		check_case("%s", texts[i]);
		temptree_text(&box.tree, "root/var/lib/kdump-lite/unclean.json", texts[i]);
		assert_int_equal(run("list"), 1);
		assert_string_equal(box.out, "");
		assert_int_equal(unclean_remember(state_fd, &one), 0);
		assert_int_equal(run("list"), 0);
	}
	temptree_text(&box.tree, "root/var/lib/kdump-lite/unclean.json",
	              "[{\"boot_id\":\"ab\",\"since\":5,\"evidence\":[7,\"\\u001b[1m\"],"
	              "\"crash_time\":-1}]");
	assert_int_equal(uncleans_read(state_fd, &u), 0);
	assert_int_equal(u.n, 1);
	assert_int_equal(u.list[0].last, 5);
	assert_string_equal(u.list[0].evidence[1], "\\x1b[1m");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Each end without a trace takes the next line. It never loops. */
static void gentler_lines_follow_ends_without_a_trace(void **state)
{
	check_line(0, false);
	for (unsigned i = 1; i <= GENTLER_ROWS; i++) {
		mark(BOOT_1, CRASH_TIME - HOUR);
		assert_int_equal(announce(), 1);
		check_line(i, false);
		announce();
		check_line(i, false);
	}
	for (unsigned i = 0; i < 2; i++) {
		mark(BOOT_1, CRASH_TIME - HOUR);
		announce();
		check_line(0, true);
	}
}

static void a_line_that_works_stays(void **state)
{
	mark(BOOT_1, CRASH_TIME - HOUR);
	announce();
	check_line(1, false);
	mark(BOOT_2, CRASH_TIME - HOUR);
	temptree_text(&box.tree, "root/var/crash/" CRASH "/crash.json", "{}");
	assert_int_equal(announce(), 0);
	check_line(1, true);
	temptree_text(&box.tree, "root/var/lib/kdump-lite/announced", CRASH "\n");
	mark(BOOT_1, CRASH_TIME + HOUR);
	assert_int_equal(announce(), 1);
	check_line(1, true);
}

#define NOTIFIERS "/sys/module/kernel/parameters/crash_kexec_post_notifiers"

static void other_ends_leave_the_line_alone(void **state)
{
	struct mark m = { .time = CRASH_TIME, .kernel = "6.1.0", .known = true, .boot_id = BOOT_1 };

	/* It was not armed. */
	assert_int_equal(mark_write(state_fd, &m), 0);
	assert_int_equal(announce(), 1);
	check_line(0, false);
	/* It was, and what the capture kernel saw is on no disk. */
	m.armed = m.console_only = true;
	assert_int_equal(mark_write(state_fd, &m), 0);
	assert_int_equal(announce(), 1);
	assert_non_null(strstr(sent[0], "loaded, with no place but the console"));
	check_line(0, false);
	/* The capture kernel ran. */
	mark(BOOT_1, CRASH_TIME);
	temptree_text(&box.tree, "root/proc/cmdline", "root=/dev/vda1 kdump_lite.returned=2\n");
	temptree_text(&box.tree, "root/sys/devices/system/cpu/online", "0\n");
	assert_int_equal(announce(), 1);
	check_line(0, false);
	/* It ran, and the firmware alone took the log. */
	temptree_text(&box.tree, "root/proc/cmdline", "root=/dev/vda1\n");
	temptree_text(&box.tree, "root" NOTIFIERS, "N\n");
	temptree_text(&box.tree, "root/var/lib/systemd/pstore/17001/dmesg.txt", "x");
	mark(BOOT_1, CRASH_TIME);
	assert_int_equal(announce(), 1);
	check_line(0, false);
	/* This record may be of the kernel that crashed. */
	temptree_text(&box.tree, "root" NOTIFIERS, "Y\n");
	mark(BOOT_1, CRASH_TIME);
	announce();
	check_line(1, false);
	assert_int_equal(unlinkat(root_fd, "var/lib/kdump-lite/gentler", 0), 0);
	assert_int_equal(unlinkat(root_fd, "var/lib/systemd/pstore/17001/dmesg.txt", 0), 0);
	assert_int_equal(unlinkat(root_fd, "var/lib/systemd/pstore/17001", AT_REMOVEDIR), 0);
	/* Another kernel did. */
	mark(BOOT_1, CRASH_TIME);
	announce();
	check_line(1, false);
	assert_int_equal(gentler_next(root_fd, state_fd, "6.12.0"), 1);
	check_line(0, false);
	/* What is damaged counts as nothing. */
	temptree_text(&box.tree, "root/var/lib/kdump-lite/gentler", "6.1.0 99 open\n");
	check_line(0, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_to_tell),
		TEST(a_boot_is_told_of_once),
		TEST(crashes_explain_boots),
		TEST(a_crash_that_comes_late_takes_the_row_of_its_boot),
		TEST(a_late_crash_of_another_time_takes_none),
		TEST(evidence_of_devices_and_firmware),
		TEST(they_are_listed_among_the_crashes),
		TEST(they_are_objects),
		TEST(states_are_counted),
		TEST(the_newest_are_remembered),
		TEST(damaged_lists),
		TEST(gentler_lines_follow_ends_without_a_trace),
		TEST(a_line_that_works_stays),
		TEST(other_ends_leave_the_line_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
