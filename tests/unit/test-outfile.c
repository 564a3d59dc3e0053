// SPDX-License-Identifier: GPL-2.0-or-later
/* test-outfile.c - files that a verb makes are written as they come, and whole or not at all. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "loader/crashes/outfile.h"
#include "tests/unit/temptree.h"
#include "base/err.h"

#define MUCH KIB(64)

static struct temptree tree;
static char path[256], partial[280];

static int setup(void **state)
{
	temptree_make(&tree);
	snprintf(path, sizeof(path), "%s/file", tree.path);
	snprintf(partial, sizeof(partial), "%s.incomplete", path);
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	return 0;
}

/* What was written is not kept in memory until the end. */
static int fill(void *arg, FILE *f)
{
	struct stat st = {};

	for (size_t i = 0; i < MUCH; i++)
		fputc('x', f);
	if (arg && (stat(partial, &st) < 0 || st.st_size < (off_t)MUCH / 2))
		fail_msg("%s has %lld bytes", partial, (long long)st.st_size);
	return ferror(f) ? errf(-EIO, "of the stream") : 0;
}

static int give_up(void *arg, FILE *f)
{
	fputs("begun", f);
	return errf(-EBADMSG, "the rest is not known");
}

static int put(const char *name, outfile_fill_fn how, void *arg)
{
	_cleanup_(outfile_done) struct outfile o = OUTFILE_NULL;

	assert_int_equal(outfile_open(name, false, false, &o), 0);
	return outfile_put(&o, how, arg);
}

static void is_written_as_it_comes(void **state)
{
	struct stat st;

	assert_int_equal(put(path, fill, path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, MUCH);
	assert_false(temptree_exists(&tree, "file.incomplete"));
}

static void what_fails_leaves_nothing(void **state)
{
	assert_fails(put(path, give_up, NULL), -EBADMSG, "the rest is not known");
	assert_false(temptree_exists(&tree, "file"));
	assert_false(temptree_exists(&tree, "file.incomplete"));
	assert_fails(put("/dev/full", fill, NULL), -ENOSPC,
	             "/dev/full: cannot be written: No space");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_written_as_it_comes, setup, teardown),
		cmocka_unit_test_setup_teardown(what_fails_leaves_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
