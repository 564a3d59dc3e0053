// SPDX-License-Identifier: GPL-2.0-or-later
/* test-memory-limit.c - this program does not take all memory. */
#include <sys/resource.h>

#include "system/memory-limit.h"
#include "tests/unit/temptree.h"

static void share_of_what_is_available(void **state)
{
	const struct temptree *tree = *state;
	struct rlimit before, limit;

	check_needs_memory_limits();
	assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
	memory_limit(tree->fd, 0.5);
	assert_int_equal(getrlimit(RLIMIT_DATA, &limit), 0);
	assert_int_equal(limit.rlim_cur, before.rlim_cur);
	temptree_text(tree, "proc/meminfo", "MemTotal: 9000 kB\nMemAvailable: 8388608 kB\n");
	temptree_text(tree, "proc/self/status", "Name: x\nVmData:\t 1048576 kB\n");
	memory_limit(tree->fd, 0.5);
	assert_int_equal(getrlimit(RLIMIT_DATA, &limit), 0);
	assert_int_equal(limit.rlim_cur, MIB(5 * 1024));
	assert_int_equal(limit.rlim_max, before.rlim_max);
	assert_null(malloc(MIB(6 * 1024)));
	memory_unlimit();
	assert_int_equal(getrlimit(RLIMIT_DATA, &limit), 0);
	assert_int_equal(limit.rlim_cur, before.rlim_max);
	setrlimit(RLIMIT_DATA, &before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(share_of_what_is_available, temptree_setup,
		                                temptree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
