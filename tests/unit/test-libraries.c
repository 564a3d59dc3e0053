// SPDX-License-Identifier: GPL-2.0-or-later
/* test-libraries.c - libraries are opened, or it is told what is missing. */
#include <errno.h>
#include <string.h>

#include "system/libraries.h"
#include "tests/unit/check.h"
#include "base/err.h"

static size_t (*zstd_bound)(size_t), (*nothing)(size_t);

static void function_of_a_library_can_be_called(void **state)
{
	const struct library_function functions[] = { { "ZSTD_compressBound",
		                                        (void **)&zstd_bound } };

	assert_int_equal(library_open("libzstd.so.1", functions, 1), 0);
	assert_true(zstd_bound(1000) > 1000);
}

static void missing_library_is_named(void **state)
{
	const struct library_function functions[] = { { "f", (void **)&nothing } };

	assert_int_equal(library_open("libnone.so.7", functions, 1), -ELIBACC);
	assert_non_null(strstr(err_text(-ELIBACC), "libnone.so.7: "));
	assert_non_null(strstr(err_text(-ELIBACC), "install"));
	assert_null(nothing);
}

static void missing_function_is_named_and_none_is_given(void **state)
{
	static size_t (*bound)(size_t);
	const struct library_function functions[] = { { "ZSTD_compressBound", (void **)&bound },
		                                      { "ZSTD_noSuchThing", (void **)&nothing } };

	assert_int_equal(library_open("libzstd.so.1", functions, 2), -ELIBBAD);
	assert_non_null(strstr(err_text(-ELIBBAD), "libzstd.so.1: has no ZSTD_noSuchThing()"));
	assert_null(bound);
	assert_null(nothing);
}

static void all_are_there_and_open_once(void **state)
{
	struct libmnt_table *table;

	assert_int_equal(libblkid_open(), 0);
	assert_int_equal(libkmod_open(), 0);
	assert_int_equal(libmount_open(), 0);
	assert_int_equal(libsystemd_open(), 0);
	table = libmount.mnt_new_table();
	assert_int_equal(libmount_open(), 0);
	assert_non_null(table);
	libmount.mnt_unref_table(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(function_of_a_library_can_be_called),
		cmocka_unit_test(missing_library_is_named),
		cmocka_unit_test(missing_function_is_named_and_none_is_given),
		cmocka_unit_test(all_are_there_and_open_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
