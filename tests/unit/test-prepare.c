// SPDX-License-Identifier: GPL-2.0-or-later
/* test-prepare.c - what is left where the capture program cannot set the target up. */
#include <errno.h>
#include <stdio.h>

#include "loader/image/prepare.h"
#include "tests/unit/machine.h"
#include "base/err.h"

static struct temptree tree;
static struct settings settings;

static int setup(void **state)
{
	machine_make(&tree);
	return settings_init(&settings);
}

static int teardown(void **state)
{
	settings_done(&settings);
	temptree_remove(&tree);
	return 0;
}

static struct prepared get(void)
{
	static const struct utsname uts = { .machine = "x86_64", .release = MACHINE_RELEASE };
	struct prepare_request req = {
		.root_fd = tree.fd, .settings = &settings, .uts = &uts, .program = MACHINE_PROGRAM
	};
	struct prepared p = PREPARED_NULL;
	int r = prepare(&req, &p);

	if (r < 0)
		fail_msg("%s", err_text(r));
	return p;
}

/* A kind of device that the capture program cannot set up: there is the console yet. */
static void there_may_be_no_target(void **state)
{
	_cleanup_(prepared_done) struct prepared p = PREPARED_NULL, efi = PREPARED_NULL;

	temptree_text(&tree, "proc/self/mountinfo",
	              "20 1 0:9 / / rw - tmpfs tmpfs rw\n"
	              "21 20 254:1 / /boot rw - ext4 /dev/vda1 rw\n");
	p = get();
	assert_string_equal(p.plan.obstacle,
	                    "/var/crash: lies on tmpfs, which is gone after a reboot");
	assert_string_equal(p.plan.device, "");
	assert_string_equal(p.target.path, "/var/crash");
	assert_string_equal(p.places, "console");
	assert_string_equal(p.reserve_why, "");
	temptree_dir(&tree, "sys/firmware/efi/efivars");
	efi = get();
	assert_string_equal(efi.places, "firmware console");
}

/* A swap partition takes the crash of a target out of reach, but not of an encrypted one. */
static void writes_nothing_encrypted_in_the_clear(void **state)
{
	static const struct {
		const char *uuid, *places;
	} rows[] = {
		{ "LVM-thin\n", "swap console" },
		{ "CRYPT-LUKS2-x\n", "console" },
	};

	temptree_text(&tree, "proc/self/mountinfo", "21 1 254:7 / / rw - ext4 /dev/dm-0 rw\n");
	temptree_link(&tree, "sys/dev/block/254:7", "../../devices/virtual/block/dm-0");
	temptree_text(&tree, "sys/devices/virtual/block/dm-0/dm/name", "x\n");
	temptree_text(&tree, "proc/swaps", "/dev/vda1 partition 8188 0 -2\n");
	temptree_text(&tree, "sys/class/block/vda1/size", "16384\n");
	temptree_link(&tree, "run/systemd/units/invocation:kdump-lite-swap.service", "0123");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(prepared_done) struct prepared p = PREPARED_NULL;

		temptree_text(&tree, "sys/devices/virtual/block/dm-0/dm/uuid", rows[i].uuid);
		p = get();
		assert_string_equal(p.places, rows[i].places);
		assert_string_equal(p.plan.swap_device, i ? "" : p.swap.device.spec);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(there_may_be_no_target),
		TEST(writes_nothing_encrypted_in_the_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
