// SPDX-License-Identifier: GPL-2.0-or-later
/* test-version.c - the order of versions. */
#include "loader/boot/version.h"
#include "tests/unit/check.h"

/* Examples of the specification and of distributions, oldest first. */
static const char *const order[] = {
	"~1",      "",          "ab",      "abb",       "abc",    "0001",  "002",     "12",
	"122",     "122.9",     "123~rc1", "123~rc1-1", "123",    "123-a", "123-a.1", "123-1",
	"123-1.1", "123^post1", "123.a-1", "123.1-1",   "123a-1", "124-1",
};

static void compares(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		for (size_t j = 0; j < ARRAY_SIZE(order); j++) {
			int r = version_compare(order[i], order[j]);

			if (i < j ? r >= 0 : i > j ? r <= 0 : r != 0)
				fail_msg("\"%s\" and \"%s\" give %d", order[i], order[j], r);
		}
}

static void names_of_files(void **state)
{
	static const char *const pairs[][2] = {
		{ "debian-6.1.0-9-amd64.conf", "debian-6.1.0-10-amd64.conf" },
		{ "arch-linux-lts.conf", "arch-linux.conf" },
		{ "m-6.12.0-0.rc7.59.fc42.x86_64.conf", "m-6.12.0-59.fc42.x86_64.conf" },
		{ "m-0-rescue.conf", "m-6.12.0-59.fc42.x86_64.conf" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		assert_true(version_compare(pairs[i][0], pairs[i][1]) < 0);
		assert_true(version_compare(pairs[i][1], pairs[i][0]) > 0);
	}
}

static void passes_over_noise(void **state)
{
	assert_int_equal(version_compare("6.1+b1", "6.1b1"), 0);
	assert_int_equal(version_compare("6_1", "6:1"), 0);
	assert_int_equal(version_compare("007", "7"), 0);
	assert_true(version_compare("99999999999999999999", "100000000000000000000") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares),
		cmocka_unit_test(names_of_files),
		cmocka_unit_test(passes_over_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
