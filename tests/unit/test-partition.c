// SPDX-License-Identifier: GPL-2.0-or-later
/* test-partition.c - a partition that is there for crashes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "capture/place.h"
#include "config/dumparea.h"
#include "config/places.h"
#include "loader/image/partition.h"
#include "tests/unit/machine.h"
#include "tests/unit/rescuebox.h"
#include "base/err.h"
#include "base/text.h"

#define NAME "2026-11-30-10:00:00-00000001"
#define NODE "/dev/vda1"
#define UUID "aaaaaaaa-0000-4000-8000-000000000001"
#define SIZE MIB(8)

static struct temptree tree;

/* An empty partition, and the byte @value at @offset. */
static void write_partition(size_t offset, uint8_t value)
{
	_cleanup_free_ uint8_t *image = calloc(1, SIZE);

	image[offset] = value;
	temptree_bytes(&tree, "dev/vda1", image, SIZE);
}

static int setup(void **state)
{
	machine_make(&tree);
	temptree_dir(&tree, "var/crash");
	assert_int_equal(fchmodat(tree.fd, "var/crash", 0700, 0), 0);
	temptree_text(&tree, "sys/class/block/vda1/size", "16384\n");
	temptree_link(&tree, "dev/disk/by-partuuid/" UUID, "../../vda1");
	write_partition(0, 0);
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	return 0;
}

static int format(const char *word)
{
	_cleanup_free_ char *node = NULL;
	int r = partition_format(tree.fd, word, &node);

	if (r >= 0)
		assert_string_equal(node, NODE);
	return r;
}

static int take(bool only_look, struct partition *ret)
{
	_cleanup_close_ int fd = openat(tree.fd, "var/crash", O_RDONLY | O_DIRECTORY);

	return partition_prepare(tree.fd, NODE, fd, "/var/crash", only_look, NULL, ret);
}

static struct store_area open_area(int fd, char *id, struct store_extent *whole)
{
	struct store_area area;

	assert_int_equal(dump_area_open(fd, "x", id, whole, &area), 0);
	return area;
}

static void only_what_is_empty_is_made(void **state)
{
	static const struct {
		size_t offset;
		const char *why;
	} rows[] = { { 0, "is not empty" }, { DUMP_AREA_MARK - 1, "is not empty" } };
	_cleanup_(partition_done) struct partition p = {};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		write_partition(rows[i].offset, 1);
		assert_fails(format(NODE), -EEXIST, rows[i].why);
	}
	temptree_text(&tree, "dev/vda1", "");
	assert_int_equal(format(NODE), -EIO);
	write_partition(0, 0);
	assert_fails(take(false, &p), -ESTALE,
	             "is not made for crashes; \"kdump-lite format " NODE);
	assert_int_equal(format("PARTUUID=AAAAAAAA-0000-4000-8000-000000000001"), 1);
	assert_int_equal(format(NODE), 0);
	assert_int_equal(take(false, &p), 0);
	assert_string_equal(p.device.node, NODE);
	assert_int_equal(strlen(p.id), 32);
	assert_fails(format("/dev/vdz"), -ENODEV, "/dev/vdz: there is no such device");
	temptree_text(&tree, "dev/null", "");
	assert_fails(format("/dev/null"), -ENODEV, "/dev/null: is no block device");
	assert_fails(format("/dev/../etc/fstab"), -ENODEV, "there is no such device");
}

/* As mkswap(8) and mke2fs(8) leave it. */
static void what_has_a_signature_is_left_alone(void **state)
{
	_cleanup_free_ uint8_t *image = calloc(1, SIZE);
	_cleanup_free_ char *now = NULL;

	image[1024] = 1;
	image[1028] = 0xff;
	image[1036] = 1;
	memcpy(image + 4086, "SWAPSPACE2", 10);
	temptree_bytes(&tree, "dev/vda1", image, SIZE);
	assert_fails(format(NODE), -EEXIST, NODE ": holds swap; if nobody needs it, \"wipefs");
	memset(image, 0, SIZE);
	memcpy(image + 510, "\x55\xaa", 2);
	image[450] = 0x83;
	image[454] = 1;
	image[458] = 1;
	temptree_bytes(&tree, "dev/vda1", image, SIZE);
	assert_fails(format(NODE), -EEXIST, NODE ": holds dos");
	now = temptree_read(&tree, "dev/vda1");
	assert_memory_equal(now, image, 512);
}

static void fill(const char *name)
{
	_cleanup_close_ int fd = openat(tree.fd, "dev/vda1", O_RDWR);
	_cleanup_(store_freep) struct store *store = NULL;
	char id[STORE_ID_TEXT] = "";
	struct store_extent whole;
	struct store_area area = open_area(fd, id, &whole);

	assert_int_equal(store_open(&area, name, &store), 0);
	assert_int_equal(store_begin(store, CRASH_DMESG), 0);
	assert_int_equal(store_write(store, "a log", 5), 0);
	assert_int_equal(store_end(store), 0);
}

static void a_crash_is_fetched_once(void **state)
{
	_cleanup_(partition_done) struct partition look = {}, p = {}, again = {};
	_cleanup_free_ char *log = NULL;

	assert_int_equal(format(NODE), 1);
	fill(NAME);
	assert_fails(format(NODE), -EEXIST, "holds the crash " NAME ", which was not fetched");
	assert_int_equal(take(true, &look), 0);
	assert_false(temptree_exists(&tree, "var/crash/" NAME));
	assert_int_equal(take(false, &p), 0);
	log = temptree_read(&tree, "var/crash/" NAME "/" CRASH_DMESG);
	assert_string_equal(log, "a log");
	assert_int_equal(format(NODE), 0);
	/* The next one has room. */
	fill("other");
	assert_int_equal(fchmodat(tree.fd, "var/crash", 0777, 0), 0);
	assert_fails(take(false, &again), -EPERM, "cannot be moved to /var/crash");
}

/* Somebody has made something else of it, at the begin or the end. */
static void nothing_is_written_without_the_mark(void **state)
{
	static const size_t spoilt[] = { 0, KIB(64) + 7, DUMP_AREA_MARK - 1, SIZE - KIB(8),
		                         SIZE - 1 };
	char id[STORE_ID_TEXT] = "", other[] = "000102030405060708090a0b0c0d0e0f";
	_cleanup_close_ int fd = openat(tree.fd, "dev/vda1", O_RDWR);
	struct store_extent whole;
	struct store_area area;

	assert_int_equal(format(NODE), 1);
	area = open_area(fd, id, &whole);
	assert_int_equal(whole.offset, DUMP_AREA_MARK);
	assert_int_equal(store_size(&area), SIZE - 2 * DUMP_AREA_MARK);
	assert_int_equal(dump_area_open(fd, "x", other, &whole, &area), -ESTALE);
	for (size_t i = 0; i < ARRAY_SIZE(spoilt); i++) {
		uint8_t was, now;

		assert_int_equal(pread(fd, &was, 1, spoilt[i]), 1);
		now = was + 1;
		assert_int_equal(pwrite(fd, &now, 1, spoilt[i]), 1);
		assert_int_equal(dump_area_open(fd, "x", id, &whole, &area), -ESTALE);
		assert_int_equal(pwrite(fd, &was, 1, spoilt[i]), 1);
	}
	open_area(fd, id, &whole);
	assert_int_equal(ftruncate(fd, SIZE / 2), 0);
	assert_int_equal(dump_area_open(fd, "x", id, &whole, &area), -ESTALE);
}

static void one_partition_can_be_named(void **state)
{
	struct rescuebox *b = *state;
	_cleanup_(strv_freep) char **words = NULL;

	assert_int_equal(places_check("path PARTUUID=" UUID " console"), 0);
	assert_int_equal(places_check("/dev/vdb1"), 0);
	assert_fails(places_check("/dev/vdb1 PARTUUID=" UUID), -EINVAL, "is a second partition");
	assert_fails(places_check("/mnt/x"), -EINVAL, "a partition as PARTUUID=... or /dev/...");
	assert_int_equal(places_parse("auto", &words), 0);
	for (char **w = words; *w; w++)
		assert_false(places_is_partition(*w));

	b->plan.capture.target = (char *)"/dev/vdb1 path";
	assert_int_equal(place_open(&b->rescue, NAME), 0);
	assert_string_equal(b->rescue.place, "path");
	place_done(&b->rescue);
	close(b->rescue.dir_fd);
	b->rescue.place = NULL;
	b->plan.capture.target = (char *)"/dev/vdb1";
	assert_fails(place_open(&b->rescue, NAME), -ENOENT, "there is no partition for it");
}

#define TEST(name)    cmocka_unit_test_setup_teardown(name, setup, teardown)
#define CAPTURE(name) cmocka_unit_test_setup_teardown(name, rescuebox_setup, rescuebox_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_what_is_empty_is_made),    TEST(what_has_a_signature_is_left_alone),
		TEST(a_crash_is_fetched_once),       TEST(nothing_is_written_without_the_mark),
		CAPTURE(one_partition_can_be_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
