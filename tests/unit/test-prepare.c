// SPDX-License-Identifier: GPL-2.0-or-later
/* test-prepare.c - what is left where the capture program cannot set the target up. */
#include <errno.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "loader/image/prepare.h"
#include "tests/unit/machine.h"
#include "base/err.h"
#include "base/text.h"

static struct temptree tree;
static struct settings settings;
static linear_table_fn table;
static reserve_map_fn map;

static int setup(void **state)
{
	machine_make(&tree);
	table = NULL;
	map = NULL;
	return settings_init(&settings);
}

static int teardown(void **state)
{
	settings_done(&settings);
	temptree_remove(&tree);
	return 0;
}

static struct prepare_request request(void)
{
	static const struct utsname uts = { .machine = "x86_64", .release = MACHINE_RELEASE };

	return (struct prepare_request){
		.root_fd = tree.fd,
		.settings = &settings,
		.uts = &uts,
		.program = MACHINE_PROGRAM,
		.read_table = table,
		.map_reserve = map,
	};
}

static struct prepared get(void)
{
	struct prepare_request req = request();
	struct prepared p = PREPARED_NULL;
	int r = prepare(&req, &p);

	if (r < 0)
		fail_msg("%s", err_text(r));
	return p;
}

/* Puts the root on a volume of device mapper. */
static void lies_on_volume(const char *uuid)
{
	temptree_text(&tree, "proc/self/mountinfo", "21 1 254:7 / / rw - ext4 /dev/dm-0 rw\n");
	unlinkat(tree.fd, "sys/dev/block/254:7", 0);
	temptree_link(&tree, "sys/dev/block/254:7", "../../devices/virtual/block/dm-0");
	temptree_text(&tree, "sys/devices/virtual/block/dm-0/dm/name", "x\n");
	temptree_text(&tree, "sys/devices/virtual/block/dm-0/dm/uuid", uuid);
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
	assert_string_equal(p.reserve_why, p.plan.obstacle);
	temptree_dir(&tree, "sys/firmware/efi/efivars");
	efi = get();
	assert_string_equal(efi.places, "firmware console");
}

static int table_of_lvm(int root_fd, dev_t number, char **ret)
{
	assert_int_equal(number, makedev(254, 7));
	*ret = strdup("0 1000000 linear 254:1 2048\n");
	return 0;
}

static int map_one(int fd, uint64_t size, char ***ret)
{
	return strv_push(ret, "8388608+1048576");
}

/* A plain LVM volume: its file system is out of reach, its blocks are not. */
static void a_plain_volume_has_a_reserve(void **state)
{
	_cleanup_(prepared_done) struct prepared p = PREPARED_NULL, secret = PREPARED_NULL;
	const struct field *row = fields_find(settings_rows, settings_n_rows, NULL, "Reserve");

	assert_int_equal(field_set(row, &settings, "1M"), 0);
	lies_on_volume("LVM-x\n");
	table = table_of_lvm;
	map = map_one;
	p = get();
	assert_string_equal(p.places, "reserve console");
	assert_string_equal(p.plan.reserve[0], "9437184+1048576");
	assert_string_equal(p.plan.reserve_device, "/dev/vda1");
	assert_true(strv_contains(p.plan.reserve_facts, "name=vda1"));
	assert_non_null(strstr(p.plan.modules[0], "virtio_blk"));
	lies_on_volume("CRYPT-LUKS2-x\n");
	secret = get();
	assert_string_equal(secret.places, "console");
	assert_string_equal(secret.reserve_why,
	                    "/var/crash: is encrypted, or may be, and nothing of it is written in "
	                    "the clear");
}

static int no_table(int root_fd, dev_t number, char **ret)
{
	return errf(-ENXIO, "device mapper does not know it");
}

/* It is no volume of device mapper, which is not asked. */
static void a_raid_has_no_reserve(void **state)
{
	_cleanup_(prepared_done) struct prepared p = PREPARED_NULL;

	temptree_text(&tree, "proc/self/mountinfo", "21 1 9:0 / / rw - ext4 /dev/md0 rw\n");
	temptree_dir(&tree, "sys/devices/virtual/block/md0");
	temptree_link(&tree, "sys/dev/block/9:0", "../../devices/virtual/block/md0");
	table = no_table;
	map = map_one;
	p = get();
	assert_string_equal(p.places, "console");
	assert_non_null(strstr(p.reserve_why, "lies on a software RAID (/dev/md0), which"));
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

	temptree_text(&tree, "proc/swaps", "/dev/vda1 partition 8188 0 -2\n");
	temptree_text(&tree, "sys/class/block/vda1/size", "16384\n");
	temptree_link(&tree, "run/systemd/units/invocation:kdump-lite-swap.service", "0123");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(prepared_done) struct prepared p = PREPARED_NULL;

		lies_on_volume(rows[i].uuid);
		p = get();
		assert_string_equal(p.places, rows[i].places);
		if (i)
			assert_null(p.plan.swap);
		else
			assert_string_equal(p.plan.swap[0], p.swap.list[0].device.spec);
	}
}

/* Who names a partition counts on it. */
static void a_named_partition_is_needed(void **state)
{
	_cleanup_free_ uint8_t *empty = calloc(1, MIB(4));
	_cleanup_(prepared_done) struct prepared p = PREPARED_NULL, none = PREPARED_NULL;
	const struct field *row = fields_find(settings_rows, settings_n_rows, NULL, "Target");
	struct prepare_request req = request();
	_cleanup_free_ char *node = NULL;

	assert_int_equal(field_set(row, &settings, "path /dev/vda1 console"), 0);
	temptree_bytes(&tree, "dev/vda1", empty, MIB(4));
	temptree_text(&tree, "sys/class/block/vda1/size", "8192\n");
	lies_on_volume("LVM-thin\n");
	assert_fails(prepare(&req, &none), -ESTALE, "\"kdump-lite format /dev/vda1\" does that");
	assert_int_equal(partition_format(tree.fd, "/dev/vda1", &node), 1);
	p = get();
	assert_string_equal(p.places, "/dev/vda1 console");
	assert_string_equal(p.plan.partition[0], "/dev/vda1");
	assert_string_equal(p.plan.partition_id, p.partition.id);
	assert_non_null(strstr(p.plan.modules[0], "virtio_blk"));
	lies_on_volume("CRYPT-LUKS2-x\n");
	assert_fails(prepare(&req, &none), -EOPNOTSUPP,
	             "Target=: nothing is written in the clear to /dev/vda1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(there_may_be_no_target),      TEST(a_plain_volume_has_a_reserve),
		TEST(a_raid_has_no_reserve),       TEST(writes_nothing_encrypted_in_the_clear),
		TEST(a_named_partition_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
