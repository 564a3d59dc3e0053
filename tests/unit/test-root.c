// SPDX-License-Identifier: GPL-2.0-or-later
/* test-root.c - files of a system whose links lead out of it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>

#include "base/text.h"
#include "system/tree.h"
#include "tests/unit/temptree.h"

/* What lies beside the root has the names that links in the root lead to. */
static void links_end_at_the_root(void **state)
{
	struct temptree *t = *state;
	_cleanup_close_ int root_fd = -1;
	_cleanup_free_ char *name = NULL;
	_cleanup_(strv_freep) char **names = NULL;
	char target[128];

	check_needs_new_calls();
	temptree_text(t, "outside/file", "secret\n");
	temptree_link(t, "outside/link", "secret");
	temptree_text(t, "root/inside/file", "own\n");
	temptree_link(t, "root/up", "../outside");
	snprintf(target, sizeof(target), "%s/outside", t->path);
	temptree_link(t, "root/absolute", target);
	temptree_link(t, "root/own", "/inside");
	root_fd = openat(t->fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(root_fd >= 0);

	assert_true(tree_exists(root_fd, "/inside/file"));
	assert_true(tree_exists(root_fd, "/own/file"));
	assert_true(tree_exists(root_fd, "/"));
	assert_false(tree_exists(root_fd, "/none"));
	assert_false(tree_exists(root_fd, "/up/file"));
	assert_false(tree_exists(root_fd, "/up"));
	assert_false(tree_exists(root_fd, "/absolute/file"));
	assert_false(tree_exists(root_fd, "/../outside/file"));

	assert_int_equal(tree_list(root_fd, "/up", &names), -ENOENT);
	assert_int_equal(tree_list(root_fd, "/absolute", &names), -ENOENT);
	assert_int_equal(tree_list(root_fd, "/inside/file", &names), -ENOTDIR);
	assert_int_equal(tree_list(root_fd, "/own", &names), 0);
	assert_string_equal(names[0], "file");

	assert_int_equal(tree_link_name(root_fd, "/up/link", &name), -ENOENT);
	assert_int_equal(tree_link_name(root_fd, "/inside/file", &name), -ENOENT);
	assert_int_equal(tree_link_name(root_fd, "/up", &name), 0);
	assert_string_equal(name, "outside");
}

static struct {
	const struct temptree *tree;
	bool done;
} renaming;

static void *rename_all_the_time(void *arg)
{
	int fd = renaming.tree->fd;

	for (bool there = false; !__atomic_load_n(&renaming.done, __ATOMIC_RELAXED); there = !there)
		renameat(fd, there ? "b" : "a", fd, there ? "a" : "b");
	return NULL;
}

/* Somebody else is always renaming files somewhere. */
static void paths_are_found_during_renames(void **state)
{
	struct temptree *t = *state;
	pthread_t thread;
	unsigned lost = 0;

	temptree_text(t, "a", "");
	temptree_text(t, "c/file", "");
	renaming.tree = t;
	renaming.done = false;
	assert_int_equal(pthread_create(&thread, NULL, rename_all_the_time, NULL), 0);
	for (unsigned i = 0; i < 200000 && !lost; i++)
		lost += !tree_exists(t->fd, "/c/../c/../c/../c/../c/file");
	__atomic_store_n(&renaming.done, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_int_equal(lost, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(links_end_at_the_root, temptree_setup,
		                                temptree_teardown),
		cmocka_unit_test_setup_teardown(paths_are_found_during_renames, temptree_setup,
		                                temptree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
