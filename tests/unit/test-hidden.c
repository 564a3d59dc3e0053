// SPDX-License-Identifier: GPL-2.0-or-later
/* test-hidden.c - directories below a mount; with real mounts, in a namespace of their own, as
 * root. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "loader/crashes/crashes.h"
#include "loader/system/hidden.h"
#include "system/file.h"
#include "tests/unit/temptree.h"

/* Status of a child that may not do what the test needs. */
#define CANNOT 77

static struct temptree tree;

static int setup(void **state)
{
	temptree_make(&tree);
	temptree_text(&tree, "var/crash/below", "");
	temptree_dir(&tree, "mnt");
	temptree_text(&tree, "proc/self/mountinfo",
	              "20 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
	              "21 20 254:16 / /var/crash rw - ext4 /dev/vdb rw\n");
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	return 0;
}

static bool opens_one_with(const char *name)
{
	_cleanup_(hidden_done) struct hidden h = {};

	return hidden_open(tree.fd, "/var/crash", &h) == 0 && h.n == 1 &&
	       streq(h.list[0].device, "/dev/vda1") && faccessat(h.list[0].fd, name, F_OK, 0) == 0;
}

/* In a child with mounts of its own, to which a directory that was open before does not belong. */
static bool below_a_mount(void)
{
	char path[sizeof(tree.path) + 16];

	snprintf(path, sizeof(path), "%s/var/crash", tree.path);
	tree.fd = open(tree.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* In a chroot the root may be no mount, and what is mounted here would be seen outside. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(CANNOT);
	return mount("x", path, "tmpfs", 0, NULL) == 0 &&
	       faccessat(tree.fd, "var/crash/below", F_OK, 0) < 0 && opens_one_with("below");
}

/* In a child that may mount nothing. */
static bool through_another_mount(void)
{
	return opens_one_with("other");
}

/* In a child as well. */
static bool lists_it(void)
{
	_cleanup_(crashes_done) struct crashes c = CRASHES_NULL;
	_cleanup_close_ int fd = -1;

	temptree_text(&tree, "var/crash/20260101T000000Z-0badcafe/vmcore-dmesg.txt", "panic\n");
	if (!below_a_mount())
		return false;
	temptree_text(&tree, "var/crash/20260202T000000Z-00000002/vmcore-dmesg.txt", "panic\n");
	if (crashes_open(&(struct cli){ .root_fd = tree.fd, .root = "" }, &c) < 0 || c.n != 2)
		return false;
	fd = crashes_open_directory(&c, &c.list[0]);
	return streq(c.list[0].name, "20260101T000000Z-0badcafe") && fd >= 0 &&
	       strstr(c.list[0].fault, "lies on /dev/vda1, hidden by a mount") &&
	       !c.list[1].fault && crashes_last(&c) == &c.list[1];
}

static void run_in_child(int namespace, bool (*check)(void))
{
	int status;
	pid_t pid;

	check_needs_new_calls();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(unshare(namespace) < 0 ? CANNOT : !check());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CANNOT)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void opens_what_a_mount_hides(void **state)
{
	run_in_child(CLONE_NEWNS, below_a_mount);
}

static void crashes_below_a_mount_are_listed(void **state)
{
	run_in_child(CLONE_NEWNS, lists_it);
}

static void takes_another_mount_of_the_same(void **state)
{
	temptree_text(&tree, "run/below/crash/other", "");
	temptree_text(&tree, "proc/self/mountinfo",
	              "20 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
	              "21 20 254:16 / /var/crash rw - ext4 /dev/vdb rw\n"
	              "22 20 254:2 / /srv rw - ext4 /dev/vda2 rw\n"
	              "23 20 254:1 /home /home rw - ext4 /dev/vda1 rw\n"
	              "24 20 254:1 /var /run/below ro - ext4 /dev/vda1 rw\n");
	run_in_child(CLONE_NEWUSER, through_another_mount);
}

static void nothing_is_hidden(void **state)
{
	_cleanup_(hidden_done) struct hidden h = {};

	temptree_text(&tree, "proc/self/mountinfo", "20 1 254:1 / / rw - ext4 /dev/vda1 rw\n");
	assert_int_equal(hidden_open(tree.fd, "/var/crash", &h), 0);
	assert_int_equal(h.n, 0);
	assert_int_equal(hidden_open(tree.fd, "/none", &h), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opens_what_a_mount_hides),
		TEST(takes_another_mount_of_the_same),
		TEST(crashes_below_a_mount_are_listed),
		TEST(nothing_is_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
