// SPDX-License-Identifier: GPL-2.0-or-later
/* test-disk.c - the capture program finds a disk by what is on it, and waits for it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "capture/disk.h"
#include "tests/unit/osbox.h"

#define OTHER_UUID "6f0b3bd8-3a3f-4c52-9c6c-0123456789ac"

static void check_found(const struct osbox *box, const char *tag, const char *expected)
{
	_cleanup_free_ char *path = NULL;

	assert_int_equal(disk_wait(box->os.root_fd, tag, 1, &path), 0);
	assert_string_equal(path, expected);
}

static void check_missing(const struct osbox *box, const char *tag, const char *part)
{
	char *path = NULL;

	assert_fails(disk_wait(box->os.root_fd, tag, 0, &path), -ETIMEDOUT, part);
	assert_null(path);
}

static void finds_a_disk_by_what_is_on_it(void **state)
{
	struct osbox *box = *state;

	temptree_text(&box->tree, "dev/vda", "nothing that anybody knows");
	temptree_dir(&box->tree, "sys/class/block/vda");
	osbox_disk(box, "vdb", "dumps");
	check_found(box, "UUID=" OSBOX_UUID, "/dev/vdb");
	check_found(box, "UUID=6F0B3BD8-3A3F-4C52-9C6C-0123456789AB", "/dev/vdb");
	check_found(box, "LABEL=dumps", "/dev/vdb");
}

static void another_disk_is_not_taken(void **state)
{
	struct osbox *box = *state;

	osbox_disk(box, "vda", "dumps");
	osbox_disk(box, "vdb", "data");
	check_missing(box, "UUID=" OTHER_UUID,
	              "UUID=" OTHER_UUID ": no such disk after 0 s; there are: vda vdb");
	check_missing(box, "LABEL=dump", "there are: vda vdb");
	check_missing(box, "PARTUUID=" OSBOX_UUID, "there are: vda vdb");
}

static void without_disks_there_are_none(void **state)
{
	struct osbox *box = *state;
	char *path;

	check_missing(box, "UUID=" OSBOX_UUID, "; there are: none");
	check_missing(box, "/dev/vda", "/dev/vda: no such disk after 0 s; there are: none");
	assert_int_equal(unlinkat(box->tree.fd, "sys/class/block", AT_REMOVEDIR), 0);
	assert_fails(disk_wait(box->os.root_fd, "LABEL=x", 10, &path), -ENOENT,
	             "/sys/class/block: No such file");
}

/* A device that is listed may have no node yet, and drives for media are slow. */
static void devices_that_cannot_be_it_are_passed_over(void **state)
{
	struct osbox *box = *state;

	temptree_dir(&box->tree, "sys/class/block/aaa");
	osbox_disk(box, "sr0", "dumps");
	osbox_disk(box, "fd0", "dumps");
	check_missing(box, "LABEL=dumps", "no such disk");
	osbox_disk(box, "vda", "dumps");
	check_found(box, "LABEL=dumps", "/dev/vda");
}

static void disk_that_comes_late_is_waited_for(void **state)
{
	struct osbox *box = *state;
	double before = clock_seconds();
	char *path = NULL;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		nanosleep(&(struct timespec){ .tv_nsec = 400000000 }, NULL);
		osbox_disk(box, "vdb", "late");
		_exit(0);
	}
	assert_int_equal(disk_wait(box->os.root_fd, "LABEL=late", 60, &path), 0);
	assert_true(clock_seconds() - before >= 0.4);
	assert_string_equal(path, "/dev/vdb");
	free(path);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void waiting_has_an_end(void **state)
{
	struct osbox *box = *state;
	double before = clock_seconds();
	char *path;

	assert_fails(disk_wait(box->os.root_fd, "LABEL=never", 1, &path), -ETIMEDOUT,
	             "no such disk after 1 s");
	assert_true(clock_seconds() - before >= 1);
	assert_true(clock_seconds() - before < 20);
}

static void path_is_a_block_device(void **state)
{
	struct osbox *box = *state;

	temptree_text(&box->tree, "dev/vda", "a file");
	check_missing(box, "/dev/vda", "no such disk");
	if (mknodat(box->tree.fd, "dev/vdb", S_IFBLK | 0600, makedev(7, 99)) < 0)
		skip();
	check_found(box, "/dev/vdb", "/dev/vdb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, osbox_setup, osbox_teardown)
		TEST(finds_a_disk_by_what_is_on_it),
		TEST(another_disk_is_not_taken),
		TEST(without_disks_there_are_none),
		TEST(devices_that_cannot_be_it_are_passed_over),
		TEST(disk_that_comes_late_is_waited_for),
		TEST(waiting_has_an_end),
		TEST(path_is_a_block_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
