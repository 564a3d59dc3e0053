// SPDX-License-Identifier: GPL-2.0-or-later
/* test-target.c - the file system that takes the dump, and the directory on it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "capture/target.h"
#include "tests/unit/osbox.h"

static struct plan plan_of_test(void)
{
	return (struct plan){
		.device = (char *)"UUID=" OSBOX_UUID,
		.fstype = (char *)"ext4",
		.mount_options = (char *)"data=journal",
		.directory = (char *)"/var/crash",
	};
}

static void check_directory(const struct osbox *box, const char *path, mode_t mode)
{
	struct stat st;

	assert_int_equal(fstatat(box->tree.fd, path, &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFDIR | mode);
}

static void mounts_the_target(void **state)
{
	struct osbox *box = *state;
	struct plan plan = plan_of_test();

	osbox_disk(box, "vda", "x");
	assert_int_equal(target_mount(&box->os, &plan), 0);
	osbox_noted("mount /dev/vda /mnt ext4 data=journal; ");
	check_directory(box, "mnt", 0755);
	/* The place may be there. */
	assert_int_equal(target_mount(&box->os, &plan), 0);
}

static void mounts_elsewhere_to_read(void **state)
{
	struct osbox *box = *state;
	const struct target_mount m = {
		.device = "LABEL=root", .fstype = "xfs", .options = "", .read_only = true
	};

	osbox_disk(box, "vda", "root");
	assert_int_equal(target_mount_at(&box->os, &m, TARGET_PRODUCTION), 0);
	osbox_noted("mount /dev/vda /production xfs ro,; ");
}

static void missing_target_is_not_mounted(void **state)
{
	struct osbox *box = *state;
	struct plan plan = plan_of_test();

	osbox_disk(box, "vda", "x");
	plan.device = (char *)"LABEL=y";
	assert_fails(target_mount(&box->os, &plan), -ETIMEDOUT, "LABEL=y: no such disk");
	osbox_noted("");
}

static void mount_that_fails_is_explained(void **state)
{
	struct osbox *box = *state;
	struct plan plan = plan_of_test();

	osbox_disk(box, "vda", "x");
	osbox_calls->mount_error = EINVAL;
	assert_fails(target_mount(&box->os, &plan), -EINVAL,
	             "/dev/vda (UUID=" OSBOX_UUID ") cannot be mounted as ext4: Invalid argument");
}

static void place_that_cannot_be_made_is_named(void **state)
{
	struct osbox *box = *state;
	const struct target_mount m = { .device = "LABEL=x", .fstype = "ext4", .options = "" };

	osbox_disk(box, "vda", "x");
	assert_fails(target_mount_at(&box->os, &m, "/no/place"), -ENOENT,
	             "/no/place: cannot be made: No such file");
	osbox_noted("");
}

static void makes_the_directory_of_a_crash(void **state)
{
	struct osbox *box = *state;
	struct plan plan = plan_of_test();
	int fd = -1, again = -1;

	temptree_dir(&box->tree, "mnt");
	assert_int_equal(target_make_directory(&box->os, &plan, "one", &fd), 0);
	assert_int_equal(close(openat(fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0);
	assert_true(temptree_exists(&box->tree, "mnt/var/crash/one/file"));
	check_directory(box, "mnt/var", 0700);
	check_directory(box, "mnt/var/crash", 0700);
	check_directory(box, "mnt/var/crash/one", 0700);
	assert_fails(target_make_directory(&box->os, &plan, "one", &again), -EEXIST,
	             "/var/crash/one: cannot be made: File exists");
	assert_int_equal(target_make_directory(&box->os, &plan, "two", &again), 0);
	close(again);
	close(fd);
	/* The root of the file system will do. */
	plan.directory = (char *)"/";
	assert_int_equal(target_make_directory(&box->os, &plan, "three", &fd), 0);
	check_directory(box, "mnt/three", 0700);
	close(fd);
}

static void directory_that_cannot_be_made_is_named(void **state)
{
	struct osbox *box = *state;
	struct plan plan = plan_of_test();
	int fd = -1;

	assert_fails(target_make_directory(&box->os, &plan, "one", &fd), -ENOENT,
	             "/mnt: No such file");
	temptree_text(&box->tree, "mnt/var", "a file");
	assert_fails(target_make_directory(&box->os, &plan, "one", &fd), -ENOTDIR,
	             "/var/crash: \"var\" cannot be opened: Not a directory");
	plan.directory = (char *)"/opt";
	assert_fails(target_make_directory(&box->os, &plan, "no/such", &fd), -ENOENT,
	             "/opt/no/such: cannot be made: No such file");
	assert_int_equal(fd, -1);
}

static void unmounts_what_is_mounted(void **state)
{
	struct osbox *box = *state;

	assert_int_equal(target_unmount(&box->os), 0);
	osbox_noted("sync; umount /mnt; umount /production; ");
	osbox_calls->umount_error = EINVAL;
	assert_int_equal(target_unmount(&box->os), 0);
	osbox_calls->umount_error = ENOENT;
	assert_int_equal(target_unmount(&box->os), 0);
	osbox_calls->umount_error = EBUSY;
	assert_fails(target_unmount(&box->os), -EBUSY,
	             "cannot be unmounted: Device or resource busy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, osbox_setup, osbox_teardown)
		TEST(mounts_the_target),
		TEST(mounts_elsewhere_to_read),
		TEST(missing_target_is_not_mounted),
		TEST(mount_that_fails_is_explained),
		TEST(place_that_cannot_be_made_is_named),
		TEST(makes_the_directory_of_a_crash),
		TEST(directory_that_cannot_be_made_is_named),
		TEST(unmounts_what_is_mounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
