// SPDX-License-Identifier: GPL-2.0-or-later
/* test-disk-facts.c - what sysfs shows of a disk, as kernels and drivers lay it out. */
#include <fcntl.h>
#include <stdio.h>

#include "system/disk-facts.h"
#include "tests/unit/temptree.h"
#include "base/text.h"

static void join(char buf[static 400], const char *a, const char *b)
{
	snprintf(buf, 400, "sys/%s/%s", a, b);
}

/* Drivers count hosts, ports and buses anew in each kernel; what is plugged in where stays. */
static void paths_hold_in_another_kernel(void **state)
{
	static const struct row {
		const char *device, *name;   /* below /sys/devices; the last part is the name */
		const char *file, *contents; /* below the directory of @device */
		const char *path;
	} rows[] = {
		{ "pci0000:00/0000:00:02.0/virtio12/block/vda", "vda",
		  .path = "pci0000:00/0000:00:02.0/virtio" },
		{ "pci0000:00/0000:00:02.0/virtio0/block/vda/vda2", "vda2", "partition", "2\n",
		  "pci0000:00/0000:00:02.0/virtio/part2" },
		{ "pci0000:00/0000:00:1f.2/ata3/host2/target2:0:1/2:0:1:0/block/sdb", "sdb",
		  "../../../../../ata_port/ata3/port_no", "1\n",
		  "pci0000:00/0000:00:1f.2/ata1/host/target:0:1/0:1:0" },
		{ "pci0000:00/0000:01:00.0/nvme/nvme4/nvme4n1", "nvme4n1",
		  .path = "pci0000:00/0000:01:00.0/nvme/nvme" },
		{ "pci0000:00/0000:00:14.0/usb3/3-1/3-1.2/3-1.2:1.0/host6/target6:0:0/6:0:0:0/"
		  "block/sdc",
		  "sdc",
		  .path = "pci0000:00/0000:00:14.0/usb/-1/-1.2/-1.2:1.0/host/target:0:0/0:0:0" },
		{ "pci0000:00/0000:03:00.0/host0/port-0:1/end_device-0:1/target0:0:1/0:0:1:0/block/"
		  "sda",
		  "sda",
		  .path = "pci0000:00/0000:03:00.0/host/port-:1/end_device-:1/target:0:1/0:1:0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(strv_freep) char **facts = NULL;
		char path[400], link[400];

		join(path, "devices", rows[i].device);
		temptree_dir(*state, path);
		snprintf(path, sizeof(path), "sys/devices/%s/%s", rows[i].device, rows[i].file);
		if (rows[i].file)
			temptree_text(*state, path, rows[i].contents);
		join(path, "class/block", rows[i].name);
		snprintf(link, sizeof(link), "../../devices/%s", rows[i].device);
		temptree_link(*state, path, link);
		assert_int_equal(
			disk_facts_add_place(((struct temptree *)*state)->fd, rows[i].name, &facts),
			0);
		assert_string_equal(disk_facts_get(facts, "name"), rows[i].name);
		assert_string_equal(disk_facts_get(facts, "path"), rows[i].path);
	}
}

/* The files of virtio, NVMe, SCSI and MMC. */
static void drivers_show_who_a_disk_is(void **state)
{
	static const struct row {
		const char *file, *contents;
		size_t len; /* 0: of a text */
		const char *key, *value;
	} rows[] = {
		{ "size", "2048\n", 0, "size", "1048576" },
		{ "serial", "disk 1", 0, "serial", "disk_1" },
		{ "wwid", "nvme.1b36-31-51-00000001\n", 0, "wwid", "nvme.1b36-31-51-00000001" },
		{ "device/wwid", "t10.ATA     QEMU \"X\"   Q1  \n", 0, "wwid",
		  "t10.ATA_____QEMU__X____Q1" },
		{ "device/serial", "  0x1234 \n", 0, "serial", "0x1234" },
		{ "device/vpd_pg80", "\0\x80\0\x06  AB1 ", 10, "serial", "AB1" },
		{ "device/cid", "035344\n", 0, "wwid", "035344" },
		{ "serial", "\n", 0, "serial", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		_cleanup_(strv_freep) char **facts = NULL;
		char name[16], path[400];

		snprintf(name, sizeof(name), "d%zu", i);
		snprintf(path, sizeof(path), "sys/class/block/%s/%s", name, row->file);
		temptree_bytes(*state, path, row->contents, row->len ?: strlen(row->contents));
		assert_int_equal(
			disk_facts_add_identity(((struct temptree *)*state)->fd, name, &facts), 0);
		if (row->value)
			assert_string_equal(disk_facts_get(facts, row->key), row->value);
		else
			assert_null(disk_facts_get(facts, row->key));
		assert_int_equal(strv_length(facts), row->value ? 1 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(paths_hold_in_another_kernel, temptree_setup,
		                                temptree_teardown),
		cmocka_unit_test_setup_teardown(drivers_show_who_a_disk_is, temptree_setup,
		                                temptree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
