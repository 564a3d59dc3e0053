// SPDX-License-Identifier: GPL-2.0-or-later
/* test-tree.c - files below the fd of a root. */
#include <errno.h>

#include "loader/system/tree.h"
#include "tests/unit/temptree.h"
#include "vmcore/base/text.h"

static int setup(void **state)
{
	static struct temptree t;

	temptree_make(&t);
	temptree_text(&t, "sys/a", "first\nsecond\n");
	temptree_text(&t, "sys/number", "0x10\n");
	*state = &t;
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(*state);
	return 0;
}

static void reads(void **state)
{
	int fd = ((struct temptree *)*state)->fd;
	_cleanup_free_ char *all = NULL, *line = NULL;
	uint64_t number;
	char *none;
	size_t len;

	assert_int_equal(tree_read(fd, "/sys/a", 100, &all, &len), 0);
	assert_int_equal(len, 13);
	assert_string_equal(all, "first\nsecond\n");
	assert_int_equal(tree_read_line(fd, "sys/a", &line), 0);
	assert_string_equal(line, "first");
	assert_int_equal(tree_read_u64(fd, "//sys/number", &number), 0);
	assert_int_equal(number, 16);
	assert_fails(tree_read_u64(fd, "/sys/a", &number), -EBADMSG, "/sys/a: holds \"first\"");
	assert_fails(tree_read(fd, "/sys/a", 12, &none, NULL), -EFBIG, "/sys/a: ");
	assert_fails(tree_read(fd, "/sys/b", 12, &none, NULL), -ENOENT, "/sys/b: No such file");
}

static void resolves_links(void **state)
{
	struct temptree *t = *state;
	_cleanup_free_ char *real = NULL, *root = NULL, *name = NULL, *path = NULL;
	char *none;

	temptree_link(t, "sys/link", "../sys/dir/to");
	temptree_text(t, "sys/dir/to/file", "");
	assert_int_equal(tree_realpath(t->fd, "/sys/link/file", &real), 0);
	assert_string_equal(real, "/sys/dir/to/file");
	assert_int_equal(tree_realpath(t->fd, "/", &root), 0);
	assert_string_equal(root, "/");
	assert_fails(tree_realpath(t->fd, "/none", &none), -ENOENT, "/none: No such file");
	temptree_link(t, "out", "/proc");
	assert_fails(tree_realpath(t->fd, "/out", &none), -EXDEV, "/out: leads out of the tree");
	assert_int_equal(tree_link_name(t->fd, "/sys/link", &name), 0);
	assert_string_equal(name, "to");
	assert_int_equal(tree_link_name(t->fd, "/sys/a", &none), -ENOENT);
	assert_int_equal(tree_path(t->fd, "/sys/a", &path), 0);
	assert_int_equal(access(path, R_OK), 0);
}

static void lists(void **state)
{
	struct temptree *t = *state;
	_cleanup_(strv_freep) char **names = NULL;
	char **none = NULL;

	temptree_text(t, "sys/.hidden", "");
	temptree_text(t, "sys/B", "");
	assert_int_equal(tree_list(t->fd, "/sys", &names), 0);
	assert_int_equal(strv_length(names), 3);
	assert_string_equal(names[0], "B");
	assert_string_equal(names[1], "a");
	assert_string_equal(names[2], "number");
	temptree_dir(t, "empty");
	assert_int_equal(tree_list(t->fd, "/empty", &none), 0);
	assert_null(none);
	assert_fails(tree_list(t->fd, "/sys/a", &none), -ENOTDIR, "/sys/a: Not a directory");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads),
		TEST(resolves_links),
		TEST(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
