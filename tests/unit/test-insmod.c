// SPDX-License-Identifier: GPL-2.0-or-later
/* test-insmod.c - parameters of modules on the kernel's command line. */
#include <errno.h>
#include <stdio.h>

#include "capture/insmod.h"
#include "base/clock.h"
#include "capture/rescue-steps.h"
#include "tests/unit/osbox.h"

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

static void add_module(const struct osbox *box, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "modules/%s", name);
	temptree_text(&box->tree, path, text);
}

/* Loads "first", one of @text, and "last", with @seconds for all. */
static struct rescue load(const struct osbox *box, const char *text, double seconds, int error,
                          const char *fault)
{
	char *names[] = { (char *)"000-a.ko", (char *)"001-b.ko", (char *)"002-c.ko", NULL };
	const struct plan plan = { .modules = names, .module_options = (char *)"b.x=1 c.y=2" };
	struct rescue rescue = { .os = &box->os, .plan = &plan, .end = clock_seconds() + seconds };

	temptree_text(&box->tree, "proc/cmdline", "quiet c.y=3\n");
	add_module(box, names[0], "first");
	add_module(box, names[1], text);
	add_module(box, names[2], "last");
	if (error)
		assert_fails(insmod_all(&rescue), error, fault);
	else
		assert_int_equal(insmod_all(&rescue), 0);
	return rescue;
}

static void loads_all_in_their_order(void **state)
{
	struct osbox *box = *state;

	assert_false(load(box, "second", 100, 0, NULL).hangs);
	osbox_noted("module first(); module second(x=1); module last(y=2 y=3); ");
	assert_false(temptree_exists(&box->tree, "modules/001-b.ko"));
}

static void one_that_is_refused_is_passed_over(void **state)
{
	struct osbox *box = *state;

	assert_false(load(box, "refused", 100, -EPERM, "module 001-b.ko does not load: ").hangs);
	osbox_noted("module first(); module refused(x=1); module last(y=2 y=3); ");
}

static void one_that_hangs_is_left_behind(void **state)
{
	struct osbox *box = *state;
	double start = clock_seconds();

	assert_true(load(box, "hangs", 8, -ETIMEDOUT, "001-b.ko: it took longer than ").hangs);
	assert_true(clock_seconds() - start < 6);
	osbox_noted("module first(); module hangs(x=1); module last(y=2 y=3); ");
}

/* The step of the modules begins with the devices that still write to memory. */
static void bus_masters_are_stopped(void **state)
{
	const struct plan plan = { .module_options = (char *)"" };
	struct osbox *box = *state;
	struct rescue rescue = { .os = &box->os, .plan = &plan };
	_cleanup_free_ char *enable = NULL;

	temptree_text(&box->tree, "sys/bus/pci/devices/0000:00:03.0/class", "0x020000\n");
	temptree_text(&box->tree, "sys/bus/pci/devices/0000:00:03.0/enable", "?");
	assert_int_equal(rescue_steps[0].run(&rescue), 0);
	enable = temptree_read(&box->tree, "sys/bus/pci/devices/0000:00:03.0/enable");
	assert_string_equal(enable, "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, osbox_setup, osbox_teardown)
		cmocka_unit_test(finds_those_of_a_module),
		TEST(loads_all_in_their_order),
		TEST(one_that_is_refused_is_passed_over),
		TEST(one_that_hangs_is_left_behind),
		TEST(bus_masters_are_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
