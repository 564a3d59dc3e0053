// SPDX-License-Identifier: GPL-2.0-or-later
/* test-announce-new.c - which crashes are announced, and what others may do to that. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/text.h"
#include "loader/crashes/announce.h"
#include "tests/unit/temptree.h"

#define OWN "20261123T140501Z-4f2a90c1"
#define LOG                                                                                        \
	"[    1.000000] Linux version 6.1.0 (x)\n[    2.000000] Kernel panic - not syncing: own\n"
#define JSON "{\"outcome\":\"dmesg-only\"}\n"

static struct temptree tree;
static char **sent; /* the messages */

static int setup(void **state)
{
	temptree_make(&tree);
	temptree_text(&tree, "crash/" OWN "/vmcore-dmesg.txt", LOG);
	temptree_text(&tree, "crash/" OWN "/crash.json", JSON);
	temptree_dir(&tree, "state");
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	strv_freep(&sent);
	sent = NULL;
	return 0;
}

static void take(char *const *record)
{
	assert_int_equal(strv_push(&sent, announce_get(record, "KDUMP_LITE_NAME")), 0);
}

/* As at one boot; returns how many were announced. */
static size_t boot_with(announce_fn send)
{
	_cleanup_(crashes_done) struct crashes c = CRASHES_NULL;
	int state_fd = openat(tree.fd, "state", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	strv_freep(&sent);
	sent = NULL;
	assert_int_equal(text_printf(&c.path, "%s/crash", tree.path), 0);
	c.fd = openat(tree.fd, "crash", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(crash_list(c.fd, &c.list, &c.n), 0);
	assert_int_equal(announce_new(&c, state_fd, send), 0);
	close(state_fd);
	return strv_length(sent);
}

static size_t boot(void)
{
	return boot_with(take);
}

static void crash_is_announced_once(void **state)
{
	_cleanup_free_ char *json = NULL, *list = NULL;

	assert_int_equal(boot(), 1);
	assert_string_equal(sent[0], OWN);
	json = temptree_read(&tree, "crash/" OWN "/crash.json");
	assert_non_null(strstr(json, "fingerprint"));
	list = temptree_read(&tree, "state/announced");
	assert_string_equal(list, OWN);
	assert_int_equal(boot(), 0);
	assert_int_equal(renameat(tree.fd, "crash/" OWN, tree.fd, "elsewhere"), 0);
	assert_int_equal(boot(), 0);
	free(list);
	list = temptree_read(&tree, "state/announced");
	assert_string_equal(list, "");
}

/* The name with a line feed, for a list by lines. */
static void name_of_two_lines_is_announced_once(void **state)
{
	temptree_text(&tree, "crash/x\n<0>forged/vmcore-dmesg.txt", LOG);
	assert_int_equal(boot(), 2);
	assert_int_equal(boot(), 0);
}

static void take_one(char *const *record)
{
	if (sent)
		_exit(3);
	take(record);
}

/* The second one ends the program. */
static void crashes_are_noted_one_by_one(void **state)
{
	pid_t child;
	int status;

	temptree_text(&tree, "crash/20261124T000000Z-00000002/vmcore-dmesg.txt", LOG);
	child = fork();
	if (child == 0) {
		(void)boot_with(take_one);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_int_equal(boot(), 1);
	assert_string_equal(sent[0], "20261124T000000Z-00000002");
}

/* A directory that anybody may write to, with a link to where a dump is, and files that are open
 * elsewhere in the place of temporary ones. */
static void directories_of_others_are_left_alone(void **state)
{
	struct stat before, after;

	temptree_text(&tree, "crash/evil/vmcore-dmesg.txt", LOG);
	temptree_text(&tree, "crash/evil/crash.json", JSON);
	temptree_text(&tree, "crash/evil/.crash.json.new", "");
	assert_int_equal(linkat(tree.fd, "crash/evil/.crash.json.new", tree.fd, "kept", 0), 0);
	assert_int_equal(fchmodat(tree.fd, "crash/evil", 0777, 0), 0);
	assert_int_equal(fstatat(tree.fd, "crash/evil/crash.json", &before, 0), 0);
	assert_int_equal(boot(), 1);
	assert_string_equal(sent[0], OWN);
	assert_int_equal(fstatat(tree.fd, "crash/evil/crash.json", &after, 0), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(fstatat(tree.fd, "kept", &after, 0), 0);
	assert_int_equal(after.st_size, 0);
}

static void links_are_not_followed(void **state)
{
	temptree_text(&tree, "elsewhere/vmcore-dmesg.txt", LOG);
	temptree_text(&tree, "elsewhere/crash.json", JSON);
	temptree_link(&tree, "crash/link", "../elsewhere");
	temptree_link(&tree, "crash/linked/vmcore-dmesg.txt", "../../elsewhere/vmcore-dmesg.txt");
	assert_int_equal(boot(), 1);
	assert_string_equal(sent[0], OWN);
}

/* Nobody reads from it. */
static void fifo_does_not_stop_the_boot(void **state)
{
	assert_int_equal(mkfifoat(tree.fd, "crash/" OWN "/.crash.json.new", 0600), 0);
	assert_int_equal(mkfifoat(tree.fd, "crash/" OWN "/vmcore", 0600), 0);
	alarm(10);
	assert_int_equal(boot(), 1);
	alarm(0);
	assert_false(temptree_exists(&tree, "crash/" OWN "/.crash.json.new"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(crash_is_announced_once),      TEST(name_of_two_lines_is_announced_once),
		TEST(crashes_are_noted_one_by_one), TEST(directories_of_others_are_left_alone),
		TEST(links_are_not_followed),       TEST(fifo_does_not_stop_the_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
