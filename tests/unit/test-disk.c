// SPDX-License-Identifier: GPL-2.0-or-later
/* test-disk.c - the capture program finds a disk by what is on it, and waits for it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "capture/disk.h"
#include "tests/unit/osbox.h"

#define OTHER_UUID "6f0b3bd8-3a3f-4c52-9c6c-0123456789ac"

static void check_found(const struct osbox *box, const char *tag, const char *expected)
{
	_cleanup_(disk_done) struct disk disk = {};

	assert_int_equal(disk_wait(box->os.root_fd, &(struct disk_wanted){ tag }, 1, &disk), 0);
	assert_string_equal(disk.path, expected);
	assert_string_equal(disk.remark, "");
}

static void check_missing(const struct osbox *box, const char *tag, const char *part)
{
	struct disk disk = {};

	assert_fails(disk_wait(box->os.root_fd, &(struct disk_wanted){ tag }, 0, &disk), -ETIMEDOUT,
	             part);
	assert_null(disk.path);
}

static void finds_a_disk_by_what_is_on_it(void **state)
{
	struct osbox *box = *state;

	temptree_text(&box->tree, "dev/vda", "nothing that anybody knows");
	temptree_dir(&box->tree, "sys/class/block/vda");
	osbox_disk(box, "vdb", "dumps");
	check_found(box, "UUID=" OSBOX_UUID, "/dev/vdb");
	check_found(box, "UUID=6F0B3BD8-3A3F-4C52-9C6C-0123456789AB", "/dev/vdb");
	check_found(box, "LABEL=dumps", "/dev/vdb");
}

static void another_disk_is_not_taken(void **state)
{
	struct osbox *box = *state;

	osbox_disk(box, "vda", "dumps");
	osbox_disk(box, "vdb", "data");
	check_missing(box, "UUID=" OTHER_UUID,
	              "UUID=" OTHER_UUID ": no such disk after 0 s; there are: vda, vdb");
	check_missing(box, "LABEL=dump", "there are: vda, vdb");
	check_missing(box, "PARTUUID=" OSBOX_UUID, "there are: vda, vdb");
}

static void without_disks_there_are_none(void **state)
{
	struct osbox *box = *state;
	struct disk disk;

	check_missing(box, "UUID=" OSBOX_UUID, "; there are: none");
	check_missing(box, "/dev/vda", "/dev/vda: no such disk after 0 s; there are: none");
	assert_int_equal(unlinkat(box->tree.fd, "sys/class/block", AT_REMOVEDIR), 0);
	assert_fails(disk_wait(box->os.root_fd, &(struct disk_wanted){ "LABEL=x" }, 10, &disk),
	             -ENOENT, "/sys/class/block: No such file");
}

/* A device that is listed may have no node yet, and drives for media are slow. */
static void devices_that_cannot_be_it_are_passed_over(void **state)
{
	struct osbox *box = *state;

	temptree_dir(&box->tree, "sys/class/block/aaa");
	osbox_disk(box, "sr0", "dumps");
	osbox_disk(box, "fd0", "dumps");
	check_missing(box, "LABEL=dumps", "no such disk");
	osbox_disk(box, "vda", "dumps");
	check_found(box, "LABEL=dumps", "/dev/vda");
}

static void disk_that_comes_late_is_waited_for(void **state)
{
	struct osbox *box = *state;
	double before = clock_seconds();
	_cleanup_(disk_done) struct disk disk = {};
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		nanosleep(&(struct timespec){ .tv_nsec = 400000000 }, NULL);
		osbox_disk(box, "vdb", "late");
		_exit(0);
	}
	assert_int_equal(
		disk_wait(box->os.root_fd, &(struct disk_wanted){ "LABEL=late" }, 60, &disk), 0);
	assert_true(clock_seconds() - before >= 0.4);
	assert_string_equal(disk.path, "/dev/vdb");
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void waiting_has_an_end(void **state)
{
	struct osbox *box = *state;
	double before = clock_seconds();
	struct disk disk;

	assert_fails(disk_wait(box->os.root_fd, &(struct disk_wanted){ "LABEL=never" }, 1, &disk),
	             -ETIMEDOUT, "no such disk after 1 s");
	assert_true(clock_seconds() - before >= 1);
	assert_true(clock_seconds() - before < 20);
}

static void path_is_a_block_device(void **state)
{
	struct osbox *box = *state;

	temptree_text(&box->tree, "dev/vda", "a file");
	check_missing(box, "/dev/vda", "no such disk");
	if (mknodat(box->tree.fd, "dev/vdb", S_IFBLK | 0600, makedev(7, 99)) < 0)
		skip();
	check_found(box, "/dev/vdb", "/dev/vdb");
}

/* A disk with the same file system, of which sysfs says more; what is NULL or 0 it does not say. */
struct made {
	const char *name, *bus, *serial;
	uint64_t size;
};

static void make_disk(const struct osbox *box, const struct made *m)
{
	char path[300], link[300];

	osbox_disk(box, m->name, "dumps");
	snprintf(path, sizeof(path), "sys/class/block/%s", m->name);
	assert_int_equal(unlinkat(box->tree.fd, path, AT_REMOVEDIR), 0);
	snprintf(link, sizeof(link), "../../devices/%s/block/%s", m->bus, m->name);
	temptree_link(&box->tree, path, link);
	snprintf(path, sizeof(path), "sys/devices/%s/block/%s", m->bus, m->name);
	temptree_dir(&box->tree, path);
	snprintf(path, sizeof(path), "sys/devices/%s/block/%s/serial", m->bus, m->name);
	if (m->serial)
		temptree_text(&box->tree, path, m->serial);
	snprintf(path, sizeof(path), "sys/devices/%s/block/%s/size", m->bus, m->name);
	snprintf(link, sizeof(link), "%llu\n", (unsigned long long)m->size / 512);
	if (m->size)
		temptree_text(&box->tree, path, link);
}

/* What the plan has of a disk vda at the first of three places. */
#define BUS(n)    "pci0000:00/0000:00:0" #n ".0/virtio" #n
#define SIZE      MIB(512)
#define WITH_SIZE "name=vda", "path=pci0000:00/0000:00:02.0/virtio", "size=536870912"
#define SERIAL    "serial=A_1"

static void copies_are_told_apart(void **state)
{
	static const struct row {
		const char *why;
		const char *planned[8];
		struct made disks[3];
		const char *expected; /* NULL: none */
		const char *part;     /* of the remark or the error */
	} rows[] = {
		{ "as it was, the copy first in the list",
		  { WITH_SIZE, SERIAL },
		  { { "vda", BUS(2), "A 1\n", SIZE }, { "aaa", BUS(3), "A 1\n", SIZE } },
		  "/dev/vda",
		  "" },
		{ "a copy has the name",
		  { WITH_SIZE },
		  { { "vda", BUS(3), NULL, SIZE }, { "vdb", BUS(2), NULL, SIZE } },
		  "/dev/vdb",
		  "name is vdb, not vda" },
		{ "a copy has the place, and another serial number",
		  { WITH_SIZE, SERIAL },
		  { { "vda", BUS(2), "B\n", SIZE }, { "vdb", BUS(3), "A 1\n", SIZE } },
		  "/dev/vdb",
		  "path is pci0000:00/0000:00:03.0/virtio, not pci0000:00/0000:00:02.0/virtio" },
		{ "a copy has place and name, and another size",
		  { WITH_SIZE },
		  { { "vda", BUS(2), NULL, 2 * SIZE }, { "vdb", BUS(3), NULL, SIZE } },
		  "/dev/vdb",
		  "name is vdb, not vda" },
		{ "only the copy is there",
		  { WITH_SIZE, SERIAL },
		  { { "vda", BUS(2), "B\n", SIZE } },
		  NULL,
		  "there are: vda (serial is B, not A_1)" },
		{ "larger since, and the serial number says so",
		  { WITH_SIZE, SERIAL },
		  { { "vda", BUS(2), "A 1\n", 2 * SIZE } },
		  "/dev/vda",
		  "size is 1073741824, not 536870912" },
		{ "of another size",
		  { WITH_SIZE },
		  { { "vda", BUS(2), NULL, 2 * SIZE } },
		  NULL,
		  "there are: vda (size is 1073741824, not 536870912)" },
		{ "nothing is seen of it",
		  { WITH_SIZE, SERIAL, "wwid=x", "partuuid=y" },
		  { { "vda", BUS(2), NULL, 0 } },
		  "/dev/vda",
		  "not seen: partuuid, wwid, serial, size" },
		{ "moved, and alone",
		  { WITH_SIZE },
		  { { "vdb", BUS(3), NULL, SIZE }, { "vdc", BUS(4), NULL, 2 * SIZE } },
		  "/dev/vdb",
		  "; name is vdb, not vda" },
		{ "moved, and the one of two that has the name",
		  { WITH_SIZE },
		  { { "aaa", BUS(4), NULL, SIZE }, { "vda", BUS(3), NULL, SIZE } },
		  "/dev/vda",
		  "path is pci0000:00/0000:00:03.0/virtio, not" },
		{ "moved, and one of two",
		  { WITH_SIZE },
		  { { "vdb", BUS(3), NULL, SIZE }, { "vdc", BUS(4), NULL, SIZE } },
		  NULL,
		  "vdb and vdc fit equally" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		const struct disk_wanted wanted = { "UUID=" OSBOX_UUID,
			                            (char *const *)row->planned };
		_cleanup_(disk_done) struct disk disk = {};
		struct osbox *box;
		int r;

		osbox_teardown(state);
		osbox_setup(state);
		box = *state;
		for (size_t k = 0; k < ARRAY_SIZE(row->disks) && row->disks[k].name; k++)
			make_disk(box, &row->disks[k]);
		r = disk_wait(box->os.root_fd, &wanted, 0, &disk);
		if ((r == 0) != !!row->expected ||
		    (row->expected && !streq(disk.path, row->expected)) ||
		    !strstr(r < 0 ? err_text(r) : disk.remark, row->part) ||
		    (!*row->part && *disk.remark))
			fail_msg("%s: %s, \"%s\"", row->why, r < 0 ? "none" : disk.path,
			         r < 0 ? err_text(r) : disk.remark);
	}
}

/* A disk that dies on the same controller would keep whoever reads it waiting. */
static void other_disks_are_not_read(void **state)
{
	static const char *const planned[] = { WITH_SIZE, NULL };
	const struct disk_wanted wanted = { "UUID=" OSBOX_UUID, (char *const *)planned };
	_cleanup_(disk_done) struct disk disk = {};
	struct osbox *box = *state;

	make_disk(box, &(struct made){ "vdb", BUS(3), NULL, SIZE });
	assert_int_equal(unlinkat(box->tree.fd, "dev/vdb", 0), 0);
	/* Who opens this to read waits for ever. */
	assert_int_equal(mkfifoat(box->tree.fd, "sys/devices/" BUS(3) "/block/vdb/serial", 0600),
	                 0);
	make_disk(box, &(struct made){ "vda", BUS(2), NULL, SIZE });
	assert_int_equal(disk_wait(box->os.root_fd, &wanted, 1, &disk), 0);
	assert_string_equal(disk.path, "/dev/vda");
}

/* The right one may only be late. A serial number is proof enough. */
static void disk_elsewhere_is_taken_when_the_time_is_over(void **state)
{
	static const char *const weak[] = { WITH_SIZE, NULL }, *const strong[] = { WITH_SIZE,
		                                                                   SERIAL, NULL };
	struct disk_wanted wanted = { "UUID=" OSBOX_UUID, (char *const *)weak };
	_cleanup_(disk_done) struct disk disk = {}, proven = {};
	struct osbox *box = *state;
	double before = clock_seconds();

	make_disk(box, &(struct made){ "vdb", BUS(3), "A 1", SIZE });
	assert_int_equal(disk_wait(box->os.root_fd, &wanted, 1, &disk), 0);
	assert_true(clock_seconds() - before >= 1);
	wanted.facts = (char *const *)strong;
	before = clock_seconds();
	assert_int_equal(disk_wait(box->os.root_fd, &wanted, 60, &proven), 0);
	assert_true(clock_seconds() - before < 20);
}

/* Nothing else is going to come, and the reserve on the same disk needs the time. What is not
 * known of the disk may be what another one has. */
static void lost_tag_is_not_waited_for(void **state)
{
	static const char *const planned[] = { WITH_SIZE, NULL }, *const unseen[] = { WITH_SIZE,
		                                                                      SERIAL,
		                                                                      NULL };
	struct disk_wanted wanted = { "UUID=" OTHER_UUID, (char *const *)planned };
	struct osbox *box = *state;
	double before = clock_seconds();
	struct disk disk = {};

	make_disk(box, &(struct made){ "vda", BUS(2), NULL, SIZE });
	assert_fails(disk_wait(box->os.root_fd, &wanted, 60, &disk), -ETIMEDOUT,
	             "s, and it is no longer on the disk that had it; there are: vda");
	assert_true(clock_seconds() - before >= 1);
	assert_true(clock_seconds() - before < 20);
	wanted.facts = (char *const *)unseen;
	before = clock_seconds();
	assert_fails(disk_wait(box->os.root_fd, &wanted, 2, &disk), -ETIMEDOUT,
	             "no such disk after 2 s; there are: vda");
	assert_true(clock_seconds() - before >= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, osbox_setup, osbox_teardown)
		TEST(finds_a_disk_by_what_is_on_it),
		TEST(another_disk_is_not_taken),
		TEST(without_disks_there_are_none),
		TEST(devices_that_cannot_be_it_are_passed_over),
		TEST(disk_that_comes_late_is_waited_for),
		TEST(waiting_has_an_end),
		TEST(path_is_a_block_device),
		TEST(copies_are_told_apart),
		TEST(other_disks_are_not_read),
		TEST(disk_elsewhere_is_taken_when_the_time_is_over),
		TEST(lost_tag_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
