// SPDX-License-Identifier: GPL-2.0-or-later
/* test-verb-prune.c - kdump-lite prune, by its settings. */
#include <stdio.h>

#include "tests/unit/run-cli.h"
#include "loader/cli/verb.h"

#define CRASHES "root/var/crash/"
#define OLD     "20261123T140501Z-4f2a90c1"
#define NEW     "20261124T140501Z-4f2a90c2"

/* Deletes what it can of two crashes: MaxDumps= and MaxUse= ask for all of them. */
static int setup(void **state)
{
	static struct box b;

	box_make(&b);
	temptree_text(&b.tree, "root/etc/kdump-lite.conf",
	              "[Target]\nKeepFree=1K\nMaxUse=1M\nMaxDumps=1\n");
	temptree_text(&b.tree, CRASHES OLD "/vmcore", "core");
	temptree_text(&b.tree, CRASHES OLD "/vmcore-dmesg.txt", "log");
	temptree_text(&b.tree, CRASHES NEW "/vmcore", "core");
	*state = &b;
	return 0;
}

static int teardown(void **state)
{
	box_remove(*state);
	return 0;
}

static int run(struct box *b, const char *words)
{
	char args[256];

	snprintf(args, sizeof(args), "--root=%s/root %s", b->tree.path, words);
	return box_run(b, BOX_FILE, NULL, args);
}

static void dry_run_deletes_nothing(void **state)
{
	struct box *b = *state;

	assert_int_equal(run(b, "prune --dry-run"), 0);
	assert_string_equal(b->out, OLD ": dump would be deleted, 4.0K\n");
	assert_string_equal(b->err, "");
	assert_true(temptree_exists(&b->tree, CRASHES OLD "/vmcore"));
}

static void what_is_deleted_is_printed(void **state)
{
	struct box *b = *state;

	assert_int_equal(run(b, "prune"), 0);
	assert_string_equal(b->out, OLD ": dump deleted, 4.0K\n");
	assert_false(temptree_exists(&b->tree, CRASHES OLD "/vmcore"));
	assert_true(temptree_exists(&b->tree, CRASHES OLD "/vmcore-dmesg.txt"));
	assert_true(temptree_exists(&b->tree, CRASHES NEW "/vmcore"));
	assert_int_equal(run(b, "prune"), 0);
	assert_string_equal(b->out, "");
	assert_string_equal(b->err, "Nothing to prune.\n");
	assert_int_equal(run(b, "prune -q"), 0);
	assert_string_equal(b->err, "");
}

static void json(void **state)
{
	struct box *b = *state;

	assert_int_equal(run(b, "prune --json --dry-run"), 0);
	assert_non_null(strstr(b->out, "\"name\": \"" OLD "\",\n      \"deleted\": \"dump\",\n"
	                               "      \"size\": 4096\n"));
	assert_non_null(strstr(b->out, "\"dumps\": 1,\n  \"lack\": 0\n"));
}

static void nothing_and_no_directory(void **state)
{
	struct box *b = *state;

	temptree_text(&b->tree, "root/etc/kdump-lite.conf", "[Target]\nPath=/none\n");
	assert_int_equal(run(b, "prune"), 0);
	assert_string_equal(b->err, "Nothing to prune.\n");
	temptree_text(&b->tree, "root/none", "x");
	assert_int_equal(run(b, "prune"), EXIT_FAILURE);
	assert_non_null(strstr(b->err, "root/none: cannot be read: Not a directory\n"));
}

/* Limits are not guessed: what would be deleted then is gone. */
static void bad_settings_delete_nothing(void **state)
{
	struct box *b = *state;

	temptree_text(&b->tree, "root/etc/kdump-lite.conf",
	              "[Target]\nMaxDumps=1\nKeepFree=much\n");
	assert_int_equal(run(b, "prune"), EXIT_FAILURE);
	assert_non_null(
		strstr(b->err, "KeepFree=much: auto or a size from 1K to 1024T is expected"));
	assert_true(temptree_exists(&b->tree, CRASHES OLD "/vmcore"));
}

static void limits_that_cannot_hold_are_told(void **state)
{
	struct box *b = *state;

	temptree_text(&b->tree, "root/etc/kdump-lite.conf", "[Target]\nKeepFree=1024T\n");
	assert_int_equal(run(b, "prune"), 0);
	assert_string_equal(b->out, OLD ": dump deleted, 4.0K\n");
	assert_non_null(strstr(b->err, "/var/crash: KeepFree= or MaxUse= asks for "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(dry_run_deletes_nothing),
		TEST(what_is_deleted_is_printed),
		TEST(json),
		TEST(nothing_and_no_directory),
		TEST(bad_settings_delete_nothing),
		TEST(limits_that_cannot_hold_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
