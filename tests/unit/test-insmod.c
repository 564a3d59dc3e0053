// SPDX-License-Identifier: GPL-2.0-or-later
/* test-insmod.c - parameters of modules on the kernel's command line. */
#include "capture/insmod.h"
#include "tests/unit/check.h"

static void check(const char *file, const char *expected)
{
	static const char cmdline[] =
		"root=/dev/vda1 nvme_core.io_timeout=60 nvme-core.multipath=N "
		"watchdog.open_timeout=3 "
		"nvme.poll_queues=1 nvme_core x.nvme_core.y=1 a.b=\"c d\" -- nvme_core.z=1";
	_cleanup_free_ char *found = NULL;

	assert_int_equal(insmod_parameters(cmdline, file, &found), 0);
	assert_string_equal(found, expected);
}

static void finds_those_of_a_module(void **state)
{
	check("000-nvme_core.ko", "io_timeout=60 multipath=N");
	check("001-nvme-core.ko", "io_timeout=60 multipath=N");
	check("002-nvme.ko", "poll_queues=1");
	check("003-watchdog.ko", "open_timeout=3");
	check("004-a.ko", "b=\"c d\"");
	check("005-root.ko", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(finds_those_of_a_module) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
