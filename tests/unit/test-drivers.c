// SPDX-License-Identifier: GPL-2.0-or-later
/* test-drivers.c - drivers of disks and watchdogs by their paths in /sys. */
#include <sys/sysmacros.h>

#include "loader/system/drivers.h"
#include "tests/unit/machine.h"
#include "base/text.h"

#define PCI    "pci0000:00/0000:00:02.0"
#define VIRTIO PCI "/virtio0"

static struct drivers look(void **state, bool running)
{
	struct drivers d = {};
	struct temptree *t = *state;

	assert_int_equal(drivers_of_block(t->fd, makedev(254, 1), running, &d), 0);
	return d;
}

static void upper_ones_first(void **state)
{
	_cleanup_(drivers_done) struct drivers d = {};

	machine_disk(*state, VIRTIO, "vda");
	machine_driver(*state, PCI, "virtio-pci", "virtio_pci");
	machine_driver(*state, VIRTIO, "virtio_blk", "virtio_blk");
	temptree_text(*state, "sys/devices/" PCI "/modalias", "pci:v1\n");
	d = look(state, true);
	assert_int_equal(strv_length(d.modules), 2);
	assert_string_equal(d.modules[0], "virtio_pci");
	assert_string_equal(d.modules[1], "virtio_blk");
	assert_null(d.aliases); /* its driver is known */
}

static void built_in_and_unbound(void **state)
{
	_cleanup_(drivers_done) struct drivers here = {}, other = {};

	machine_disk(*state, VIRTIO, "vda");
	machine_driver(*state, PCI, "virtio-pci", NULL);
	temptree_text(*state, "sys/devices/" PCI "/modalias", "pci:v1\n");
	temptree_text(*state, "sys/devices/" VIRTIO "/modalias", "virtio:d2\n");
	here = look(state, true);
	assert_null(here.modules);
	assert_int_equal(strv_length(here.aliases), 1);
	assert_string_equal(here.aliases[0], "virtio:d2");
	/* A driver that is built into this kernel may be a module of another one. */
	other = look(state, false);
	assert_int_equal(strv_length(other.aliases), 2);
	assert_string_equal(other.aliases[0], "pci:v1");
}

static void nvme_with_several_controllers(void **state)
{
	static const char *const controllers[] = { "pci0000:00/0000:00:03.0",
		                                   "pci0000:00/0000:00:04.0" };
	_cleanup_(drivers_done) struct drivers d = {};
	char path[256];

	temptree_text(*state, "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/dev",
	              "254:1\n");
	temptree_link(*state, "sys/dev/block/254:1",
	              "../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1");
	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++) {
		snprintf(path, sizeof(path), "sys/devices/%s/nvme/nvme%zu/model", controllers[i],
		         i);
		temptree_text(*state, path, "x\n");
		machine_driver(*state, controllers[i], i ? "nvme-b" : "nvme-a",
		               i ? "nvme_b" : "nvme_a");
	}
	temptree_link(*state, "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0",
	              "../../../pci0000:00/0000:00:03.0/nvme/nvme0");
	temptree_link(*state, "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme1",
	              "../../../pci0000:00/0000:00:04.0/nvme/nvme1");
	d = look(state, true);
	assert_true(strv_contains(d.modules, "nvme_a"));
	assert_true(strv_contains(d.modules, "nvme_b"));
	assert_int_equal(strv_length(d.modules), 2);
}

static void follows_suppliers(void **state)
{
	_cleanup_(drivers_done) struct drivers d = {};

	machine_disk(*state, "platform/mmc0", "vda");
	machine_driver(*state, "platform/mmc0", "sdhci", "sdhci_x");
	machine_driver(*state, "platform/clock", "clock", "clk_x");
	/* In a circle, as real device trees have it. */
	temptree_link(*state, "sys/devices/platform/mmc0/supplier:platform:clock",
	              "../../virtual/link0");
	temptree_link(*state, "sys/devices/virtual/link0/supplier", "../../platform/clock");
	temptree_link(*state, "sys/devices/platform/clock/supplier:platform:mmc0",
	              "../../virtual/link1");
	temptree_link(*state, "sys/devices/virtual/link1/supplier", "../../platform/mmc0");
	temptree_text(*state, "sys/devices/platform/clock/x", "");
	d = look(state, true);
	assert_int_equal(strv_length(d.modules), 2);
	assert_string_equal(d.modules[0], "clk_x");
	assert_string_equal(d.modules[1], "sdhci_x");
}

static void virtio_mem_is_found(void **state)
{
	_cleanup_(drivers_done) struct drivers d = {};
	struct temptree *t = *state;

	assert_int_equal(drivers_of_virtio_mem(t->fd, true, &d), 0);
	assert_null(d.modules);
	temptree_text(t, "sys/devices/pci0000:00/0000:00:05.0/virtio2/device", "0x0002\n");
	temptree_text(t, "sys/devices/pci0000:00/0000:00:06.0/virtio3/device", "0x0018\n");
	machine_driver(t, "pci0000:00/0000:00:05.0/virtio2", "virtio_blk", "virtio_blk");
	machine_driver(t, "pci0000:00/0000:00:06.0/virtio3", "virtio_mem", "virtio_mem");
	machine_driver(t, "pci0000:00/0000:00:06.0", "virtio-pci", "virtio_pci");
	temptree_link(t, "sys/bus/virtio/devices/virtio2",
	              "../../../devices/pci0000:00/0000:00:05.0/virtio2");
	temptree_link(t, "sys/bus/virtio/devices/virtio3",
	              "../../../devices/pci0000:00/0000:00:06.0/virtio3");
	assert_int_equal(drivers_of_virtio_mem(t->fd, true, &d), 0);
	assert_int_equal(strv_length(d.modules), 2);
	assert_string_equal(d.modules[0], "virtio_pci");
	assert_string_equal(d.modules[1], "virtio_mem");
}

static void watchdogs_are_no_more_than_wished_for(void **state)
{
	_cleanup_(drivers_done) struct drivers d = {};
	struct temptree *t = *state;

	assert_int_equal(drivers_of_watchdogs(t->fd, true, &d), 0);
	/* On a bridge; as it is on most PCs. */
	temptree_text(t, "sys/devices/pci0000:00/0000:00:1f.0/iTCO_wdt/watchdog/watchdog0/timeout",
	              "30\n");
	machine_driver(t, "pci0000:00/0000:00:1f.0", "lpc_ich", "lpc_ich");
	machine_driver(t, "pci0000:00/0000:00:1f.0/iTCO_wdt", "iTCO_wdt", "iTCO_wdt");
	temptree_link(t, "sys/devices/pci0000:00/0000:00:1f.0/iTCO_wdt/watchdog/watchdog0/device",
	              "../../../iTCO_wdt");
	temptree_link(t, "sys/class/watchdog/watchdog0",
	              "../../devices/pci0000:00/0000:00:1f.0/iTCO_wdt/watchdog/watchdog0");
	/* The soft one has no device. */
	temptree_text(t, "sys/devices/virtual/watchdog/watchdog1/identity", "Software Watchdog\n");
	temptree_link(t, "sys/class/watchdog/watchdog1",
	              "../../devices/virtual/watchdog/watchdog1");
	/* This one has, but its driver does not tell. */
	temptree_text(t, "sys/devices/virtual/watchdog/watchdog3/identity", "i6300ESB timer\n");
	temptree_link(t, "sys/class/watchdog/watchdog3",
	              "../../devices/virtual/watchdog/watchdog3");
	temptree_link(t, "sys/module/watchdog/holders/softdog", "../../softdog");
	temptree_link(t, "sys/module/watchdog/holders/i6300esb", "../../i6300esb");
	/* Its driver is built in; in another kernel it may be a module. */
	temptree_text(t, "sys/devices/platform/wdt/watchdog/watchdog2/timeout", "30\n");
	temptree_text(t, "sys/devices/platform/wdt/modalias", "platform:some_wdt\n");
	machine_driver(t, "platform/wdt", "some_wdt", NULL);
	temptree_link(t, "sys/devices/platform/wdt/watchdog/watchdog2/device", "../../../wdt");
	temptree_link(t, "sys/class/watchdog/watchdog2",
	              "../../devices/platform/wdt/watchdog/watchdog2");
	assert_int_equal(drivers_of_watchdogs(t->fd, true, &d), 0);
	assert_null(d.modules);
	assert_int_equal(strv_length(d.aliases), 3);
	assert_string_equal(d.aliases[0], "i6300esb");
	assert_string_equal(d.aliases[1], "lpc_ich");
	assert_string_equal(d.aliases[2], "iTCO_wdt");
	assert_int_equal(drivers_of_watchdogs(t->fd, false, &d), 0);
	assert_int_equal(strv_length(d.aliases), 4);
	assert_string_equal(d.aliases[3], "platform:some_wdt");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(upper_ones_first),
		TEST(built_in_and_unbound),
		TEST(nvme_with_several_controllers),
		TEST(follows_suppliers),
		TEST(virtio_mem_is_found),
		TEST(watchdogs_are_no_more_than_wished_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
