// SPDX-License-Identifier: GPL-2.0-or-later
/* test-err.c - the text beside an errno. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include "tests/unit/check.h"
#include "base/err.h"

static void text_belongs_to_its_error(void **state)
{
	assert_int_equal(errf(-EINVAL, "%s is %d", "x", 3), -EINVAL);
	assert_string_equal(err_text(-EINVAL), "x is 3");
	assert_string_equal(err_text(-ENOENT), strerror(ENOENT));
	assert_string_equal(err_text(-EINVAL), "x is 3");
}

static void prefix(void **state)
{
	errf(-EINVAL, "inner");
	assert_int_equal(err_prefix(-EINVAL, "outer %d", 1), -EINVAL);
	assert_string_equal(err_text(-EINVAL), "outer 1: inner");
}

static void prefix_of_nothing(void **state)
{
	char expected[100];

	errf(-EINVAL, "of another error");
	err_prefix(-ENOENT, "file");
	snprintf(expected, sizeof(expected), "file: %s", strerror(ENOENT));
	assert_string_equal(err_text(-ENOENT), expected);
}

static void long_text_is_cut(void **state)
{
	char text[2000];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	errf(-EINVAL, "%s", text);
	assert_in_range(strlen(err_text(-EINVAL)), 100, sizeof(text) - 2);
	err_prefix(-EINVAL, "%s", text);
	assert_in_range(strlen(err_text(-EINVAL)), 100, sizeof(text) - 2);
}

static void *other_thread(void *arg)
{
	errf(-EINVAL, "theirs");
	return NULL;
}

static void threads_have_their_own(void **state)
{
	pthread_t thread;

	errf(-EINVAL, "ours");
	assert_int_equal(pthread_create(&thread, NULL, other_thread, NULL), 0);
	pthread_join(thread, NULL);
	assert_string_equal(err_text(-EINVAL), "ours");
}

static void the_first_reason_is_kept(void **state)
{
	char why[ERR_WHY] = "";

	assert_int_equal(err_note(0, why), 0);
	assert_string_equal(why, "");
	assert_int_equal(err_note(errf(-EBADMSG, "a bad list"), why), 0);
	assert_int_equal(err_note(errf(-EBADMSG, "a bad tree"), why), 0);
	assert_string_equal(why, "a bad list");
	assert_int_equal(err_note(oom("a list"), why), -ENOMEM);
	assert_string_equal(why, "a bad list");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_reason_is_kept),
		cmocka_unit_test(text_belongs_to_its_error),
		cmocka_unit_test(prefix),
		cmocka_unit_test(prefix_of_nothing),
		cmocka_unit_test(long_text_is_cut),
		cmocka_unit_test(threads_have_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
