// SPDX-License-Identifier: GPL-2.0-or-later
/* test-array.c - arrays that grow by one element at a time. */
#include <errno.h>

#include "tests/unit/check.h"
#include "base/array.h"
#include "base/err.h"

static void an_array_has_room_for_each_element(void **state)
{
	_cleanup_free_ uint64_t *list = NULL;

	/* A sanitizer sees an element that is written behind the array. */
	for (size_t n = 0; n < 1000; n++) {
		assert_int_equal(array_grow(&list, n, "numbers"), 0);
		list[n] = n;
	}
	for (size_t n = 0; n < 1000; n++)
		assert_int_equal(list[n], n);
}

static void without_memory_the_array_stays(void **state)
{
	_cleanup_free_ char *list = malloc(1);
	void *grown = list;

	assert_int_equal(array_grow_bytes(&grown, 4, SIZE_MAX / 4, "large things"), -ENOMEM);
	assert_string_equal(err_text(-ENOMEM), "no memory for large things");
	assert_ptr_equal(grown, list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_has_room_for_each_element),
		cmocka_unit_test(without_memory_the_array_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
