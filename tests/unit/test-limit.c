// SPDX-License-Identifier: GPL-2.0-or-later
/* test-limit.c - how long a capture may take. */
#include <stdio.h>

#include "loader/image/limit.h"
#include "tests/unit/temptree.h"

static void check(const struct temptree *t, uint64_t gigabytes, uint64_t seconds)
{
	char map[256];

	snprintf(map, sizeof(map),
	         "00000000-00000fff : Reserved\n00001000-00000fff : System RAM\n"
	         "%08llx-%08llx : System RAM\n  01000000-08ffffff : Crash kernel\n",
	         1ULL << 20, (1ULL << 20) + gigabytes * 1000000000ULL - 1);
	temptree_text(t, "proc/iomem", map);
	assert_int_equal(limit_of_capture(t->fd), seconds);
}

static void it_grows_with_the_memory(void **state)
{
	struct temptree t;

	temptree_make(&t);
	assert_int_equal(limit_of_capture(t.fd), 30 * 60);
	temptree_text(&t, "proc/iomem", "00000000-00000000 : System RAM\n");
	assert_int_equal(limit_of_capture(t.fd), 30 * 60);
	check(&t, 2, 5 * 60);
	check(&t, 7, 5 * 60);
	check(&t, 9, 6 * 60);
	check(&t, 64, 43 * 60);
	check(&t, 360, 4 * 3600);
	check(&t, 4000, 4 * 3600);
	temptree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(it_grows_with_the_memory) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
