// SPDX-License-Identifier: GPL-2.0-or-later
/* test-swap.c - a crash in a swap partition, and fetched from there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "capture/place.h"
#include "config/swaparea.h"
#include "loader/image/swap.h"
#include "tests/unit/machine.h"
#include "tests/unit/rescuebox.h"
#include "base/err.h"
#include "base/text.h"

#define NAME "2026-11-30-10:00:00-00000001"
#define ID   "000102030405060708090a0b0c0d0e0f"
#define SIZE MIB(8)
#define OLD  0x5a /* fills the area */

/* That of osbox.h with another last byte. */
#define OTHER_UUID "6f0b3bd8-3a3f-4c52-9c6c-012345678977"

/* As mkswap(8) makes it, with the UUID of osbox.h but for its last byte. */
static void make_swap_of(const struct temptree *t, const char *path, const char *signature,
                         uint8_t last)
{
	uint8_t uuid[16] = { 0x6f, 0x0b, 0x3b, 0xd8, 0x3a, 0x3f, 0x4c, 0x52,
		             0x9c, 0x6c, 0x01, 0x23, 0x45, 0x67, 0x89, last };
	_cleanup_free_ uint8_t *image = malloc(SIZE);
	size_t page = sysconf(_SC_PAGESIZE);
	uint32_t last_page = SIZE / page - 1;

	assert_non_null(image);
	memset(image, OLD, SIZE);
	memset(image, 0, page);
	image[1024] = 1; /* version */
	memcpy(image + 1028, &last_page, sizeof(last_page));
	memcpy(image + 1036, uuid, sizeof(uuid));
	memcpy(image + page - 10, signature, strlen(signature));
	temptree_bytes(t, path, image, SIZE);
}

static void make_swap(const struct temptree *t, const char *path, const char *signature)
{
	make_swap_of(t, path, signature, 0xab);
}

static void use_swap(struct rescuebox *b)
{
	static char *swap[] = { (char *)"UUID=" OSBOX_UUID, NULL };

	make_swap(&b->box->tree, "dev/vdb", "SWAPSPACE2");
	temptree_dir(&b->box->tree, "sys/class/block/vdb");
	unlinkat(b->box->tree.fd, "dev/vda", 0);
	b->plan.obstacle = (char *)"there is none";
	b->plan.swap = swap;
	b->plan.swap_id = (char *)ID;
	b->plan.capture.device_timeout = 0;
}

static void check_untouched(const struct rescuebox *b, size_t from, size_t to)
{
	_cleanup_free_ uint8_t *now = (uint8_t *)temptree_read(&b->box->tree, "dev/vdb");

	for (size_t i = from; i < to; i++)
		if (now[i] != OLD)
			fail_msg("byte %zu was changed", i);
}

static void a_crash_goes_behind_the_header(void **state)
{
	struct rescuebox *b = *state;
	_cleanup_close_ int fd = -1;
	struct store_contents c;
	struct store_extent whole;
	struct store_area area;

	use_swap(b);
	assert_int_equal(place_open(&b->rescue, NAME), 0);
	assert_string_equal(b->rescue.place, "swap");
	temptree_text(&b->box->tree, "saved/" NAME "/" CRASH_DMESG, "a log");
	place_keep(&b->rescue);
	assert_true(place_has_log(&b->rescue));
	check_untouched(b, sysconf(_SC_PAGESIZE), SWAP_AREA_SKIP);
	fd = openat(b->box->tree.fd, "dev/vdb", O_RDWR);
	assert_int_equal(swap_area_check(fd, "x"), 0);
	assert_int_equal(swap_area_store(fd, "x", ID, &whole, &area), 0);
	assert_int_equal(store_list(&area, &c), 0);
	assert_string_equal(c.name, NAME);
	assert_string_equal(c.files[0].name, CRASH_DMESG);

	/* A second crash, before the first was fetched. */
	place_done(&b->rescue);
	b->rescue.place = NULL;
	assert_fails(place_open(&b->rescue, "other"), -EOPNOTSUPP, "not tried: there is none");
	assert_string_equal(b->rescue.place, "memory");
}

static void other_areas_are_left_alone(void **state)
{
	static const struct {
		const char *signature;
		int r;
	} rows[] = {
		{ "S1SUSPEND", -EBUSY },        { "LINHIB0001", -EBUSY }, { "ULSUSPEND", -EBUSY },
		{ "SWAP-SPACE", -EMEDIUMTYPE }, { "x", -EMEDIUMTYPE },
	};
	static char *swap[] = { (char *)"/dev/vdb", NULL };
	struct rescuebox *b = *state;

	use_swap(b);
	b->plan.swap = swap;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_close_ int fd = -1;

		make_swap(&b->box->tree, "dev/vdb", rows[i].signature);
		fd = openat(b->box->tree.fd, "dev/vdb", O_RDWR);
		assert_int_equal(swap_area_check(fd, "x"), rows[i].r);
		b->rescue.place = NULL;
		(void)place_open(&b->rescue, NAME);
		assert_string_equal(b->rescue.place, "memory");
		check_untouched(b, sysconf(_SC_PAGESIZE), SIZE);
	}
}

/* The first one holds an older crash, and of the second one the size has changed. */
static void the_next_partition_is_tried(void **state)
{
	static char *swap[] = { (char *)"UUID=" OSBOX_UUID, (char *)"size=8388608",
		                (char *)"UUID=" OTHER_UUID, (char *)"size=1",
		                (char *)"UUID=" OTHER_UUID, NULL };
	struct rescuebox *b = *state;
	_cleanup_free_ char *second = NULL;

	use_swap(b);
	assert_int_equal(place_open(&b->rescue, NAME), 0);
	temptree_text(&b->box->tree, "saved/" NAME "/" CRASH_DMESG, "a log");
	place_keep(&b->rescue);
	place_done(&b->rescue);
	b->plan.swap = swap;
	b->rescue.place = NULL;
	(void)place_open(&b->rescue, "other");
	assert_string_equal(b->rescue.place, "memory");
	make_swap_of(&b->box->tree, "dev/vdc", "SWAPSPACE2", 0x77);
	temptree_dir(&b->box->tree, "sys/class/block/vdc");
	temptree_text(&b->box->tree, "sys/class/block/vdc/size", "16384\n");
	b->rescue.place = NULL;
	assert_int_equal(place_open(&b->rescue, "other"), 0);
	assert_string_equal(b->rescue.place, "swap");
	temptree_text(&b->box->tree, "saved/other/" CRASH_DMESG, "a log");
	place_keep(&b->rescue);
	second = temptree_read(&b->box->tree, "dev/vdc");
	assert_memory_equal(second + SWAP_AREA_SKIP, "kdump-lite crash", 16);
}

static struct temptree tree;

static int setup(void **state)
{
	machine_make(&tree);
	temptree_dir(&tree, "var/crash");
	assert_int_equal(fchmodat(tree.fd, "var/crash", 0700, 0), 0);
	make_swap(&tree, "dev/vda1", "SWAPSPACE2");
	temptree_text(&tree, "sys/class/block/vda1/size", "16384\n");
	temptree_text(&tree, "proc/swaps",
	              "Filename Type Size Used Priority\n/swapfile file 900000 0 -2\n"
	              "/dev/vda1 partition 8188 0 -3\n/dev/zram0 partition 99999 0 100\n");
	temptree_link(&tree, "run/systemd/units/invocation:kdump-lite-swap.service", "0123");
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	return 0;
}

static int prepare_swap(bool only_look, struct swap *ret)
{
	_cleanup_close_ int fd = openat(tree.fd, "var/crash", O_RDONLY | O_DIRECTORY);

	return swap_prepare(tree.fd, fd, "/var/crash", only_look, ret);
}

static void finds_a_partition(void **state)
{
	_cleanup_(swap_done) struct swap look = {}, s = {}, again = {}, none = {};

	assert_int_equal(prepare_swap(true, &look), 0);
	assert_string_equal(look.id, "");
	assert_false(temptree_exists(&tree, "var/crash/" CRASH_SWAP));
	assert_int_equal(prepare_swap(false, &s), 0);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.list[0].device.node, "/dev/vda1");
	assert_string_equal(s.list[0].device.spec, "UUID=" OSBOX_UUID);
	assert_int_equal(s.list[0].size, SIZE);
	assert_int_equal(strlen(s.id), 32);
	assert_int_equal(prepare_swap(false, &again), 0);
	assert_string_equal(again.id, s.id);

	temptree_text(&tree, "etc/fstab", "/dev/vda1 /var ext4 defaults,nofail 0 0\n");
	temptree_text(&tree, "proc/self/mountinfo",
	              "21 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
	              "22 21 254:1 / /var rw - ext4 /dev/vda1 rw\n");
	assert_fails(prepare_swap(false, &none), -ENODEV, "not there early in the boot");
	temptree_text(&tree, "etc/fstab", "/dev/vda1 /var ext4 defaults 0 0\n");
	assert_int_equal(prepare_swap(false, &none), 0);
	swap_done(&none);
	temptree_text(&tree, "proc/swaps", "Filename Type\n/swapfile file 900000 0 -2\n");
	assert_fails(prepare_swap(false, &none), -ENOENT, "no partition is used for swap");
	unlinkat(tree.fd, "run/systemd/units/invocation:kdump-lite-swap.service", 0);
	assert_fails(prepare_swap(false, &none), -ENOENT, "has not run");
}

static void fill(const char *path, const char *id, const char *name)
{
	_cleanup_close_ int fd = openat(tree.fd, path, O_RDWR);
	_cleanup_(store_freep) struct store *store = NULL;
	struct store_extent whole;
	struct store_area area;

	assert_int_equal(swap_area_store(fd, "x", id, &whole, &area), 0);
	assert_int_equal(store_open(&area, name, &store), 0);
	assert_int_equal(store_begin(store, CRASH_DMESG), 0);
	assert_int_equal(store_write(store, "a log", 5), 0);
	assert_int_equal(store_end(store), 0);
}

static void is_fetched_once(void **state)
{
	_cleanup_(strv_freep) char **names = NULL, **none = NULL;
	_cleanup_free_ char *log = NULL;
	_cleanup_(swap_done) struct swap s = {};

	assert_int_equal(prepare_swap(false, &s), 0);
	fill("dev/vda1", s.id, NAME);
	/* While this is armed, another crash may come. */
	temptree_text(&tree, "run/kdump-lite/armed.json", "{}");
	assert_int_equal(swap_fetch(tree.fd, "/var/crash", 0, NULL, &names), 0);
	unlinkat(tree.fd, "run/kdump-lite/armed.json", 0);
	assert_int_equal(swap_fetch(tree.fd, "/var/crash", 0, NULL, &names), 0);
	assert_string_equal(names[0], NAME);
	assert_null(names[1]);
	log = temptree_read(&tree, "var/crash/" NAME "/" CRASH_DMESG);
	assert_string_equal(log, "a log");
	assert_false(temptree_exists(&tree, "var/crash/" CRASH_SWAP));
	assert_int_equal(swap_fetch(tree.fd, "/var/crash", 0, NULL, &none), 0);
	assert_null(none);
}

/* The disk of machine.h. */
#define DISK "devices/pci0000:00/0000:00:02.0/virtio0/block/vda"

/* Another partition of it. */
static void add_partition(unsigned number, const char *sectors)
{
	char path[96], link[96];

	snprintf(path, sizeof(path), "sys/" DISK "/vda%u/partition", number);
	temptree_text(&tree, path, "2\n");
	snprintf(path, sizeof(path), "sys/" DISK "/vda%u/dev", number);
	snprintf(link, sizeof(link), "254:%u\n", number);
	temptree_text(&tree, path, link);
	snprintf(path, sizeof(path), "sys/" DISK "/vda%u/size", number);
	temptree_text(&tree, path, sectors);
	snprintf(path, sizeof(path), "sys/class/block/vda%u", number);
	snprintf(link, sizeof(link), "../../" DISK "/vda%u", number);
	temptree_link(&tree, path, link);
	snprintf(path, sizeof(path), "sys/dev/block/254:%u", number);
	temptree_link(&tree, path, link);
	snprintf(path, sizeof(path), "dev/vda%u", number);
	make_swap_of(&tree, path, "SWAPSPACE2", number);
}

/* A second crash may come before the first is fetched, and go to another partition. */
static void the_largest_partitions_are_used(void **state)
{
	static const char *const sectors[] = { "20000\n", "90000\n", "17000\n", "16385\n",
		                               "20001\n" };
	static const char *const order[] = { "/dev/vda3", "/dev/vda6", "/dev/vda2", "/dev/vda4" };
	_cleanup_(strv_freep) char **names = NULL;
	_cleanup_(swap_done) struct swap s = {}, again = {};
	char swaps[300] = "Filename Type\n/dev/vda1 partition 1 0 -2\n";

	for (unsigned i = 0; i < ARRAY_SIZE(sectors); i++) {
		add_partition(i + 2, sectors[i]);
		snprintf(swaps + strlen(swaps), sizeof(swaps) - strlen(swaps),
		         "/dev/vda%u partition 1 0 -2\n", i + 2);
	}
	temptree_text(&tree, "proc/swaps", swaps);
	assert_int_equal(prepare_swap(false, &s), 0);
	assert_int_equal(s.n, SWAP_MOST);
	for (size_t i = 0; i < s.n; i++)
		assert_string_equal(s.list[i].device.node, order[i]);
	assert_int_equal(prepare_swap(false, &again), 0);
	assert_string_equal(again.id, s.id);
	fill("dev/vda2", s.id, NAME);
	fill("dev/vda3", s.id, "other");
	assert_int_equal(swap_fetch(tree.fd, "/var/crash", 0, NULL, &names), 0);
	assert_int_equal(strv_length(names), 2);
	assert_true(temptree_exists(&tree, "var/crash/" NAME "/" CRASH_DMESG));
	assert_true(temptree_exists(&tree, "var/crash/other/" CRASH_DMESG));
}

/* What a program had in its memory is no crash, whatever it looks like. */
static void what_is_not_ours_is_not_fetched(void **state)
{
	_cleanup_(strv_freep) char **names = NULL;
	_cleanup_(swap_done) struct swap s = {};

	assert_int_equal(prepare_swap(false, &s), 0);
	fill("dev/vda1", ID, NAME);
	assert_int_equal(swap_fetch(tree.fd, "/var/crash", 0, NULL, &names), 0);
	assert_null(names);
	assert_false(temptree_exists(&tree, "var/crash/" NAME));
}

#define TEST(name)    cmocka_unit_test_setup_teardown(name, setup, teardown)
#define CAPTURE(name) cmocka_unit_test_setup_teardown(name, rescuebox_setup, rescuebox_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CAPTURE(a_crash_goes_behind_the_header),
		CAPTURE(other_areas_are_left_alone),
		CAPTURE(the_next_partition_is_tried),
		TEST(finds_a_partition),
		TEST(is_fetched_once),
		TEST(the_largest_partitions_are_used),
		TEST(what_is_not_ours_is_not_fetched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
