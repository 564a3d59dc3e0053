// SPDX-License-Identifier: GPL-2.0-or-later
/* test-announce.c - what the journal is told, and what is remembered for it. */
#include <errno.h>
#include <stdio.h>

#include "loader/crashes/announce.h"
#include "tests/unit/temptree.h"
#include "base/err.h"
#include "base/text.h"

static struct temptree tree;

static int setup(void **state)
{
	temptree_make(&tree);
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	return 0;
}

static const struct marker marker = { .id = "0123456789abcdef", .boot_id = "11-22", .time = 1000 };
static const struct test_times unknown_times = { -1, -1, -1 };

/* Writes a crash directory as the capture program leaves it. */
static void make_crash(const char *name, const char *outcome, const char *log)
{
	char path[100], json[400];

	snprintf(path, sizeof(path), "%s/vmcore-dmesg.txt", name);
	temptree_text(&tree, path, log);
	snprintf(path, sizeof(path), "%s/vmcore%s", name,
	         streq(outcome, "complete") ? "" : ".incomplete");
	temptree_text(&tree, path, "core");
	snprintf(path, sizeof(path), "%s/crash.json", name);
	snprintf(json, sizeof(json),
	         "{\"fingerprint\":\"0123456789abcdef\",\"fingerprint_text\":\"panic: x\","
	         "\"outcome\":\"%s\",\"crash_time\":1795442701,\"kernel_release\":\"6.1.0\","
	         "\"panic_message\":\"Kernel panic - not syncing: "
	         "x\",\"steps\":[{\"name\":\"vmcore\"%s}]}",
	         outcome, streq(outcome, "complete") ? "" : ",\"error\":\"disk full\"");
	temptree_text(&tree, path, json);
}

static void load(const char *name, struct crash *c)
{
	assert_int_equal(crash_load(tree.fd, name, c), 0);
}

static void record_of_a_crash(void **state)
{
	_cleanup_(strv_freep) char **record = NULL;
	_cleanup_(crash_done) struct crash c = {};

	make_crash("20261123T140501Z-4f2a90c1", "complete", "log");
	load("20261123T140501Z-4f2a90c1", &c);
	assert_int_equal(announce_crash(&c, "/var/crash/20261123T140501Z-4f2a90c1", true, &record),
	                 0);
	assert_string_equal(
		announce_get(record, "MESSAGE"),
		"Kernel 6.1.0 crashed (Kernel panic - not syncing: x), its memory is saved (4B) in "
		"/var/crash/20261123T140501Z-4f2a90c1");
	assert_string_equal(announce_get(record, "MESSAGE_ID"), ANNOUNCE_CRASH_ID);
	assert_string_equal(announce_get(record, "PRIORITY"), "2");
	assert_string_equal(announce_get(record, "KDUMP_LITE_DUMP"),
	                    "/var/crash/20261123T140501Z-4f2a90c1/vmcore");
	assert_string_equal(announce_get(record, "KDUMP_LITE_NAME"), "20261123T140501Z-4f2a90c1");
	assert_string_equal(announce_get(record, "KDUMP_LITE_OUTCOME"), "complete");
	assert_string_equal(announce_get(record, "KDUMP_LITE_KERNEL"), "6.1.0");
	assert_string_equal(announce_get(record, "KDUMP_LITE_CRASH_TIME"), "2026-11-23T14:05:01Z");
	assert_string_equal(announce_get(record, "KDUMP_LITE_SIZE"), "4");
	assert_string_equal(announce_get(record, "KDUMP_LITE_ERROR"), "");
	assert_string_equal(announce_get(record, "KDUMP_LITE_FINGERPRINT"), "0123456789abcdef");
	assert_string_equal(announce_get(record, "KDUMP_LITE_FINGERPRINT_TEXT"), "panic: x");
	assert_string_equal(announce_get(record, "KDUMP_LITE_REPORT"),
	                    "/var/crash/20261123T140501Z-4f2a90c1/report.txt");
	/* journald takes just these letters. */
	for (char **f = record; *f; f++)
		assert_int_equal((*f)[strspn(*f, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")], '=');
}

static void record_of_half_a_crash(void **state)
{
	_cleanup_(strv_freep) char **record = NULL;
	_cleanup_(crash_done) struct crash c = {};

	make_crash("x", "incomplete", "log");
	load("x", &c);
	assert_int_equal(announce_crash(&c, "/srv/x", false, &record), 0);
	assert_string_equal(announce_get(record, "KDUMP_LITE_DUMP"), "/srv/x/vmcore.incomplete");
	assert_string_equal(announce_get(record, "KDUMP_LITE_ERROR"), "disk full");
	assert_string_equal(announce_get(record, "KDUMP_LITE_REPORT"), "");
	assert_non_null(strstr(announce_get(record, "MESSAGE"), "in part"));
}

static void test_is_found_by_its_log(void **state)
{
	const struct marker other = { .id = "ffff", .time = 1000 };
	struct crash *list;
	size_t n;

	make_crash("20261123T140501Z-00000001", "complete",
	           "[ 1.0] kdump-lite: test crash 0123456789abcdee\n");
	make_crash("20261123T140502Z-00000002", "complete", "");
	temptree_bytes(&tree, "20261123T140502Z-00000002/vmcore-dmesg.txt",
	               "\0\n[ 1.0] kdump-lite: test crash 0123456789abcdef\n", 50);
	make_crash("20261123T140503Z-00000003", "complete", "0123456789abcdef\n");
	assert_int_equal(crash_list(tree.fd, &list, &n), 0);
	assert_int_equal(n, 3);
	assert_ptr_equal(announce_find_test(tree.fd, list, n, &marker), &list[1]);
	assert_null(announce_find_test(tree.fd, list, n, &other));
	assert_null(announce_find_test(tree.fd, list, 0, &marker));
	crash_list_free(list, n);
}

/* Its directory has no log to be known by. */
static void test_of_which_nothing_is_saved(void **state)
{
	const struct marker later = { .id = "ffff", .time = 1795442702 };
	_cleanup_(strv_freep) char **record = NULL;
	const struct crash *c;
	struct crash *list;
	size_t n;

	temptree_dir(&tree, "20261123T140501Z-4f2a90c1");
	assert_int_equal(crash_list(tree.fd, &list, &n), 0);
	assert_null(announce_find_test(tree.fd, list, n, &later));
	c = announce_find_test(tree.fd, list, n, &marker);
	assert_ptr_equal(c, list);
	assert_int_equal(announce_test(&marker, c, "/srv/x", &unknown_times, &record), 0);
	assert_string_equal(announce_get(record, "MESSAGE"),
	                    "Test crash 0123456789abcdef failed: nothing is saved: the capture "
	                    "ended in its step target");
	crash_list_free(list, n);
}

static void passed_test(void **state)
{
	_cleanup_(strv_freep) char **record = NULL;
	_cleanup_(crash_done) struct crash c = {};
	const struct test_times times = { 3.25, 5, 41 };

	make_crash("x", "complete", "log");
	load("x", &c);
	assert_int_equal(announce_test(&marker, &c, "/srv/x", &times, &record), 0);
	assert_string_equal(announce_get(record, "MESSAGE"),
	                    "Test crash 0123456789abcdef passed: dump of 4B in /srv/x, capture "
	                    "took 3.2s, saved 5s and "
	                    "back 41s after the panic");
	assert_string_equal(announce_get(record, "MESSAGE_ID"), ANNOUNCE_TEST_ID);
	assert_string_equal(announce_get(record, "KDUMP_LITE_TEST"), "passed");
	assert_string_equal(announce_get(record, "KDUMP_LITE_TEST_ID"), marker.id);
	assert_string_equal(announce_get(record, "KDUMP_LITE_DUMP"), "/srv/x/vmcore");
	assert_string_equal(announce_get(record, "KDUMP_LITE_CAPTURE_SECONDS"), "3.250");
	assert_string_equal(announce_get(record, "KDUMP_LITE_SAVED_SECONDS"), "5.000");
	assert_string_equal(announce_get(record, "KDUMP_LITE_BACK_SECONDS"), "41.000");
}

static void failed_tests(void **state)
{
	_cleanup_(strv_freep) char **none = NULL, **half = NULL;
	_cleanup_(crash_done) struct crash c = {};

	assert_int_equal(announce_test(&marker, NULL, NULL, &unknown_times, &none), 0);
	assert_string_equal(announce_get(none, "KDUMP_LITE_TEST"), "failed");
	assert_string_equal(announce_get(none, "PRIORITY"), "3");
	assert_string_equal(announce_get(none, "KDUMP_LITE_BACK_SECONDS"), "");

	make_crash("x", "incomplete", "log");
	load("x", &c);
	assert_int_equal(announce_test(&marker, &c, "/srv/x", &unknown_times, &half), 0);
	assert_string_equal(
		announce_get(half, "MESSAGE"),
		"Test crash 0123456789abcdef failed: the dump is incomplete: disk full");
	assert_string_equal(announce_get(half, "KDUMP_LITE_TEST_REASON"),
	                    "the dump is incomplete: disk full");
}

static void marker_comes_back(void **state)
{
	struct marker again;

	assert_int_equal(marker_read(tree.fd, &again), -ENOENT);
	assert_int_equal(marker_write(tree.fd, &marker), 0);
	assert_int_equal(marker_read(tree.fd, &again), 0);
	assert_string_equal(again.id, marker.id);
	assert_string_equal(again.boot_id, marker.boot_id);
	assert_int_equal(again.time, marker.time);
	assert_int_equal(marker_remove(tree.fd), 0);
	assert_int_equal(marker_read(tree.fd, &again), -ENOENT);
	assert_int_equal(marker_remove(tree.fd), 0);
}

#define LONG_ID "0123456789012345678901234567890123456789"

static void broken_markers(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{",
		"{\"id\":\"ab\",\"boot_id\":\"cd\"}",
		"{\"id\":\"\",\"boot_id\":\"cd\",\"time\":1}",
		"{\"id\":7,\"boot_id\":\"cd\",\"time\":1}",
		"{\"id\":\"\\u001b[31m\",\"boot_id\":\"cd\",\"time\":1}",
		"{\"id\":\"" LONG_ID "\",\"boot_id\":\"cd\",\"time\":1}",
	};
	struct marker m;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		temptree_text(&tree, "test.json", bad[i]);
		assert_int_equal(marker_read(tree.fd, &m), -EBADMSG);
	}
}

static void list_of_the_announced(void **state)
{
	_cleanup_(strv_freep) char **names = NULL, **again = NULL;

	assert_int_equal(announced_read(tree.fd, &names), 0);
	assert_null(names);
	assert_int_equal(announced_write(tree.fd, NULL), 0);
	assert_int_equal(announced_read(tree.fd, &names), 0);
	assert_null(names);
	assert_int_equal(strv_push(&names, "a"), 0);
	assert_int_equal(strv_push(&names, "b c"), 0);
	assert_int_equal(announced_write(tree.fd, names), 0);
	assert_int_equal(announced_read(tree.fd, &again), 0);
	assert_int_equal(strv_length(again), 2);
	assert_string_equal(again[1], "b c");
}

static void state_directory_is_made(void **state)
{
	int fd = -1;

	temptree_dir(&tree, "var/lib");
	assert_int_equal(state_open(tree.fd, &fd), 0);
	close(fd);
	assert_true(temptree_exists(&tree, "var/lib/kdump-lite"));
	assert_int_equal(state_open(tree.fd, &fd), 0);
	close(fd);
}

static void boot_ids(void **state)
{
	char id[STATE_ID_SIZE];

	assert_int_equal(state_boot_id(tree.fd, id), -ENOENT);
	temptree_text(&tree, "proc/sys/kernel/random/boot_id",
	              "1498cd81-893c-4095-8d9d-4eb539b7a05b\n");
	assert_int_equal(state_boot_id(tree.fd, id), 0);
	assert_string_equal(id, "1498cd81-893c-4095-8d9d-4eb539b7a05b");
	temptree_text(&tree, "proc/sys/kernel/random/boot_id", "\n");
	assert_int_equal(state_boot_id(tree.fd, id), -EBADMSG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(record_of_a_crash),
		TEST(record_of_half_a_crash),
		TEST(test_is_found_by_its_log),
		TEST(test_of_which_nothing_is_saved),
		TEST(passed_test),
		TEST(failed_tests),
		TEST(marker_comes_back),
		TEST(broken_markers),
		TEST(list_of_the_announced),
		TEST(state_directory_is_made),
		TEST(boot_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
