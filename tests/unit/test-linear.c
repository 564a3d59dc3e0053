// SPDX-License-Identifier: GPL-2.0-or-later
/* test-linear.c - where the blocks of a plain LVM volume are. */
#include <errno.h>

#include "loader/system/linear.h"
#include "tests/unit/machine.h"
#include "base/err.h"
#include "base/text.h"

static int setup(void **state)
{
	static struct temptree tree;

	machine_make(&tree);
	*state = &tree;
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(*state);
	return 0;
}

/* Two segments of vda1: the volume's MiB 0 and 1 are at MiB 9 and 10, its third at MiB 1. */
static const char two[] = "2048 4096 linear 254:1 2048\n0 2048 linear 254:1 18432\n";

static int translate(void **state, const char *table, const char *extent, char **ret_text,
                     struct device *ret)
{
	_cleanup_(strv_freep) char **extents = NULL;
	_cleanup_(linear_done) struct linear l = {};
	int r;

	assert_int_equal(strv_split(&extents, extent, false), 0);
	assert_int_equal(linear_parse(table, &l), 0);
	r = linear_translate(((struct temptree *)*state)->fd, &l, &extents, ret);
	assert_int_equal(strv_join(extents, " ", ret_text), 0);
	return r;
}

static void finds_blocks_on_the_disk(void **state)
{
	static const struct {
		const char *volume, *disk;
	} rows[] = {
		{ "0+4096", "9437184+4096" },
		{ "1048576+8192", "1048576+8192" },
		{ "1044480+8192 4096+4096", "10481664+4096 1048576+4096 9441280+4096" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(device_done) struct device d = {};
		_cleanup_free_ char *text = NULL;

		assert_int_equal(translate(state, two, rows[i].volume, &text, &d), 0);
		assert_string_equal(text, rows[i].disk);
		assert_string_equal(d.node, "/dev/vda1");
	}
}

static void refuses_what_has_no_fixed_place(void **state)
{
	static const struct {
		const char *table, *why;
	} bad[] = {
		{ "0 2048 thin 254:5 1\n", "the volume is of type thin" },
		{ "0 2048 linear 254:1 2048\n2048 2048 striped 2 128 254:1 0 254:2 0\n",
		  "of type striped" },
		{ "0 2048 snapshot-origin 254:1\n", "of type snapshot-origin" },
		{ "0 2048 crypt aes - 0 254:1 0\n", "of type crypt" },
		{ "", "has no table" },
		{ "x\n", "of type unknown" },
	};
	static const struct {
		const char *table, *extent, *why;
	} rows[] = {
		{ "0 8 linear 254:1 0\n8 8 linear 254:0 0\n", "0+8192", "on several disks" },
		{ "0 16 linear 254:1 1\n", "0+4096", "not at whole blocks" },
		{ "0 8 linear 254:1 0\n", "0+8192", "beyond the volume" },
		{ "0 8 linear 9:1 0\n", "0+4096", "its block device" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct linear l;

		assert_fails(linear_parse(bad[i].table, &l), -EOPNOTSUPP, bad[i].why);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *text = NULL;
		struct device d;

		int r = translate(state, rows[i].table, rows[i].extent, &text, &d);

		assert_true(r < 0);
		if (!strstr(err_text(r), rows[i].why))
			fail_msg("expected \"%s\", got %s", rows[i].why, err_text(r));
		assert_string_equal(text, rows[i].extent);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_blocks_on_the_disk),
		TEST(refuses_what_has_no_fixed_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
