// SPDX-License-Identifier: GPL-2.0-or-later
/* test-mark.c - marks of boots that have not ended. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "loader/crashes/mark.h"
#include "tests/unit/temptree.h"

#define BOOT_1  "1498cd81-893c-4095-8d9d-4eb539b7a05b"
#define BOOT_2  "2498cd81-893c-4095-8d9d-4eb539b7a05b"
#define BOOT_3  "3498cd81-893c-4095-8d9d-4eb539b7a05b"
#define STATE   "var/lib/kdump-lite"
#define MARK(b) STATE "/boot-" b ".json"

static struct temptree tree;
static int state_fd;

static void boot(const char *id, const char *loaded)
{
	temptree_text(&tree, "proc/sys/kernel/random/boot_id", id);
	temptree_text(&tree, "sys/kernel/kexec_crash_size", "1000000\n");
	temptree_text(&tree, "sys/kernel/kexec_crash_loaded", loaded);
}

static int setup(void **state)
{
	temptree_make(&tree);
	temptree_dir(&tree, "var/lib");
	assert_int_equal(state_open(tree.fd, &state_fd), 0);
	boot(BOOT_1 "\n", "0\n");
	return 0;
}

static int teardown(void **state)
{
	close(state_fd);
	temptree_remove(&tree);
	return 0;
}

/* How many marks of other boots there are, and the first of them. */
static size_t others(struct mark *first)
{
	_cleanup_free_ struct mark *marks = NULL;
	size_t n = 77;

	assert_int_equal(marks_read(state_fd, BOOT_3, &marks, &n), 0);
	if (n > 0)
		*first = marks[0];
	return n;
}

static void a_boot_makes_a_mark_and_a_shutdown_removes_it(void **state)
{
	time_t now = time(NULL);
	struct mark m;
	struct stat st;

	assert_int_equal(mark_running(tree.fd), 0);
	assert_int_equal(fstatat(tree.fd, MARK(BOOT_1), &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(mark_read(state_fd, BOOT_1, &m), 0);
	assert_string_equal(m.boot_id, BOOT_1);
	assert_in_range(m.time, now, now + 60);
	assert_true(*m.kernel);
	assert_true(m.known && !m.armed);
	assert_int_equal(mark_end(tree.fd), 1);
	assert_int_equal(mark_read(state_fd, BOOT_1, &m), -ENOENT);
	assert_int_equal(mark_end(tree.fd), 0);
}

static void the_running_boot_has_not_ended(void **state)
{
	struct mark m = {};

	boot(BOOT_3 "\n", "1\n");
	assert_int_equal(mark_running(tree.fd), 0);
	assert_int_equal(others(&m), 0);
	boot(BOOT_1 "\n", "1\n");
	assert_int_equal(mark_running(tree.fd), 0);
	assert_int_equal(others(&m), 1);
	assert_string_equal(m.boot_id, BOOT_1);
	assert_true(m.known && m.armed);
}

/* The mark is made before the capture kernel is loaded. */
static void a_mark_tells_if_the_boot_was_armed(void **state)
{
	struct mark m = {};

	assert_int_equal(mark_set_armed(tree.fd, true, false), 0);
	assert_false(temptree_exists(&tree, MARK(BOOT_1)));
	assert_int_equal(mark_running(tree.fd), 0);
	assert_int_equal(mark_set_armed(tree.fd, true, false), 0);
	assert_int_equal(others(&m), 1);
	assert_true(m.armed);
	assert_false(m.console_only);
	assert_int_equal(mark_set_armed(tree.fd, true, true), 0);
	assert_int_equal(others(&m), 1);
	assert_true(m.armed && m.console_only);
	assert_int_equal(mark_set_armed(tree.fd, false, false), 0);
	assert_int_equal(others(&m), 1);
	assert_true(m.known && !m.armed);
}

static void marks_come_by_their_time(void **state)
{
	static const struct mark marks[] = {
		{ .boot_id = BOOT_2, .time = 2000, .kernel = "6.1" },
		{ .boot_id = BOOT_1, .time = 1000, .kernel = "6.\033[1m" },
	};
	struct mark m = {};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		assert_int_equal(mark_write(state_fd, &marks[i]), 0);
	assert_int_equal(others(&m), 2);
	assert_string_equal(m.boot_id, BOOT_1);
	assert_int_equal(m.time, 1000);
	assert_string_equal(m.kernel, "6.?[1m");
	assert_false(m.known);
}

/* Whatever became of its text, a mark is a mark. */
static void damaged_marks_count(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{\"boot_id\":7,\"since\":5}",
		"{\"boot_id\":\"" BOOT_2 "\",\"since\":5}",
		"{\"boot_id\":\"" BOOT_1 "\",\"since\":-5}",
		"{\"boot_id\":\"" BOOT_1 "\",\"since\":\"x\"}",
	};
	const struct timespec times[2] = { { .tv_sec = 1234 }, { .tv_sec = 1234 } };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct mark m = {};

		check_case("%s", texts[i]);
		temptree_text(&tree, MARK(BOOT_1), texts[i]);
		assert_int_equal(utimensat(tree.fd, MARK(BOOT_1), times, 0), 0);
		assert_int_equal(others(&m), 1);
		assert_string_equal(m.boot_id, BOOT_1);
		assert_int_equal(m.time, 1234);
		assert_false(m.known);
	}
}

static void what_is_no_mark(void **state)
{
	struct mark m = {};

	temptree_text(&tree, STATE "/boot-.json", "{}");
	temptree_text(&tree, STATE "/boot-x.json", "{}");
	temptree_text(&tree, STATE "/boot-" BOOT_1, "{}");
	temptree_text(&tree, STATE "/.boot-" BOOT_1 ".json.new", "{}");
	temptree_text(&tree, STATE "/boot-" BOOT_1 "0000.json", "{}");
	temptree_text(&tree, STATE "/test.json", "{}");
	assert_int_equal(others(&m), 0);
	temptree_text(&tree, MARK(BOOT_1), "{}");
	assert_int_equal(others(&m), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_boot_makes_a_mark_and_a_shutdown_removes_it),
		TEST(the_running_boot_has_not_ended),
		TEST(a_mark_tells_if_the_boot_was_armed),
		TEST(marks_come_by_their_time),
		TEST(damaged_marks_count),
		TEST(what_is_no_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
