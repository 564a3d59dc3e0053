// SPDX-License-Identifier: GPL-2.0-or-later
/* test-elsewhere.c - what the target does not take goes into its reserve. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "capture/place.h"
#include "system/tree.h"
#include "tests/unit/rescuebox.h"
#include "base/err.h"

#define CRASHES "mnt/var/crash"
#define NAME    "20261130T100000Z-00000001"
#define START   MIB(1)

struct reserved {
	struct store_extent extent;
	struct store_area area;
	char id[STORE_ID_TEXT], text[64], *extents[2];
};

/* The file system of the target has a reserve of @size bytes. */
static void have_reserve(struct rescuebox *b, uint64_t size, struct reserved *r)
{
	r->extent = (struct store_extent){ START, size };
	r->area = (struct store_area){
		.what = "disk", .extents = &r->extent, .n = 1, .id = { 1, 2 }, .marked = true
	};
	r->area.fd = openat(b->box->tree.fd, "dev/vda", O_RDWR | O_CLOEXEC);
	assert_true(r->area.fd >= 0);
	assert_int_equal(ftruncate(r->area.fd, START + size), 0);
	assert_int_equal(store_format(&r->area), 0);
	snprintf(r->text, sizeof(r->text), "%llu+%llu", (unsigned long long)START,
	         (unsigned long long)size);
	r->extents[0] = r->text;
	r->extents[1] = NULL;
	b->plan.reserve_id = store_id_to_text(r->area.id, r->id);
	b->plan.reserve = r->extents;
	temptree_text(&b->box->tree, CRASHES "/" CRASH_RESERVE, "blocks");
}

/* The names of the files in the reserve. */
static void check_stored(struct reserved *r, const char *expected)
{
	struct store_contents c;
	char names[512] = "";

	assert_int_equal(store_list(&r->area, &c), 0);
	for (size_t i = 0; i < c.n; i++) {
		strcat(names, i ? " " : "");
		strcat(names, c.files[i].name);
	}
	assert_string_equal(names, expected);
	close(r->area.fd);
}

static void check_saved(const struct rescuebox *b, const char *name, bool there)
{
	_cleanup_free_ char *path = rescuebox_path(b, name);

	if (temptree_exists(&b->box->tree, path) != there)
		fail_msg("%s is %s", path, there ? "missing" : "there");
}

/* What is in the way of a file in the crash directory. */
static int block(struct rescue *rescue, const char *name)
{
	return mkdirat(rescue->dir_fd, name, 0700);
}

static int block_log(struct rescue *rescue)
{
	return block(rescue, CRASH_DMESG_INCOMPLETE);
}

static int block_mini(struct rescue *rescue)
{
	return block(rescue, CRASH_MINI_INCOMPLETE);
}

static int block_dump(struct rescue *rescue)
{
	return block(rescue, CRASH_VMCORE_INCOMPLETE);
}

static void run(struct rescuebox *b, int (*in_the_way)(struct rescue *rescue))
{
	const struct rescue_step steps[] = {
		{ "memory", rescue_open_memory }, { "target", rescue_make_target },
		{ "block", in_the_way },          { "dmesg", rescue_save_dmesg },
		{ "report", rescue_report },      { "mini", rescue_save_mini },
		{ "vmcore", rescue_save_vmcore }, { "verify", rescue_verify },
	};

	rescue_run_steps(&b->rescue, steps, ARRAY_SIZE(steps));
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (b->rescue.crash.steps[i].error)
			fail_msg("%s: %s", steps[i].name, b->rescue.crash.steps[i].error);
}

static int nothing(struct rescue *rescue)
{
	return 0;
}

/* All that follows is there, too. */
static void log_goes_to_the_next_place(void **state)
{
	struct rescuebox *b = *state;
	struct reserved r;

	have_reserve(b, MIB(16), &r);
	run(b, block_log);
	assert_string_equal(b->rescue.place, "reserve");
	assert_true(place_has_log(&b->rescue));
	check_saved(b, CRASH_DMESG, false);
	check_stored(&r, "vmcore-dmesg.txt crash.json report.txt vmcore.mini vmcore");
	osbox_noted("mount /dev/vda /mnt ext4 ; umount /mnt; ");
}

/* It goes on where it began. */
static void mini_alone_goes_to_another_place(void **state)
{
	struct rescuebox *b = *state;
	struct reserved r;

	have_reserve(b, MIB(1), &r);
	run(b, block_mini);
	assert_string_equal(b->rescue.place, "path");
	check_saved(b, CRASH_DMESG, true);
	check_saved(b, CRASH_VMCORE, true);
	check_stored(&r, "vmcore.mini");
}

static void dump_alone_goes_to_another_place(void **state)
{
	struct rescuebox *b = *state;
	struct crash facts;
	struct reserved r;

	have_reserve(b, MIB(16), &r);
	run(b, block_dump);
	assert_string_equal(b->rescue.place, "path");
	assert_false(b->rescue.in_memory);
	check_saved(b, CRASH_DMESG, true);
	check_saved(b, CRASH_MINI, true);
	facts = rescuebox_facts(b);
	assert_int_equal(facts.outcome, CRASH_COMPLETE);
	crash_done(&facts);
	check_stored(&r, "vmcore");
}

static struct statvfs file_system;

static int tell_file_system(int fd, struct statvfs *ret)
{
	*ret = file_system;
	return 0;
}

/* Only KeepFree= is free, but the reserve is there already. */
static void dump_without_room_goes_to_the_reserve(void **state)
{
	struct rescuebox *b = *state;
	struct reserved r;

	file_system =
		(struct statvfs){ .f_frsize = 4096, .f_blocks = 1 << 20, .f_bavail = 1 << 14 };
	b->box->os.fstatvfs = tell_file_system;
	b->plan.capture.keep_free = MIB(1024);
	have_reserve(b, MIB(16), &r);
	run(b, nothing);
	assert_string_equal(b->rescue.place, "path");
	check_saved(b, CRASH_MINI, true);
	check_stored(&r, "vmcore");
}

/* A reserve that cannot have it is not tried, and the dump is left out as before. */
static void small_reserve_is_left_alone(void **state)
{
	const struct rescue_step steps[] = {
		{ "memory", rescue_open_memory }, { "target", rescue_make_target },
		{ "dmesg", rescue_save_dmesg },   { "block", block_dump },
		{ "vmcore", rescue_save_vmcore },
	};
	struct rescuebox *b = *state;
	struct store_contents c;
	struct reserved r;

	have_reserve(b, KIB(64), &r);
	rescue_run_steps(&b->rescue, steps, ARRAY_SIZE(steps));
	assert_non_null(strstr(b->rescue.crash.steps[4].error, "vmcore.incomplete"));
	assert_int_equal(b->rescue.crash.outcome, CRASH_DMESG_ONLY);
	assert_int_equal(store_list(&r.area, &c), -ENODATA);
	osbox_noted("mount /dev/vda /mnt ext4 ; ");
	close(r.area.fd);
}

/* Its blocks may be in other files by now. */
static void reserve_that_was_given_back_is_not_used(void **state)
{
	struct rescuebox *b = *state;
	struct store_contents c;
	struct reserved r;

	file_system = (struct statvfs){ .f_frsize = 4096, .f_blocks = 1 << 20 };
	b->box->os.fstatvfs = tell_file_system;
	have_reserve(b, MIB(1), &r);
	/* The directory of the crash cannot be made. */
	temptree_text(&b->box->tree, CRASHES "/" NAME, "");
	assert_int_equal(place_open(&b->rescue, NAME), -EEXIST);
	assert_false(temptree_exists(&b->box->tree, CRASHES "/" CRASH_RESERVE));
	assert_string_equal(b->rescue.place, "memory");
	assert_int_equal(store_list(&r.area, &c), -ENODATA);
	close(r.area.fd);
}

/* With blocks, but without inodes, no file could be made. */
static void reserve_is_kept_when_inodes_are_missing(void **state)
{
	struct rescuebox *b = *state;
	struct reserved r;

	file_system = (struct statvfs){ .f_frsize = 4096, .f_blocks = 1 << 20, .f_files = 100 };
	b->box->os.fstatvfs = tell_file_system;
	have_reserve(b, MIB(1), &r);
	temptree_text(&b->box->tree, CRASHES "/" NAME, "");
	assert_int_equal(place_open(&b->rescue, NAME), 0);
	assert_string_equal(b->rescue.place, "reserve");
	assert_true(temptree_exists(&b->box->tree, CRASHES "/" CRASH_RESERVE));
	close(r.area.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, rescuebox_setup, rescuebox_teardown)
		TEST(log_goes_to_the_next_place),
		TEST(mini_alone_goes_to_another_place),
		TEST(dump_alone_goes_to_another_place),
		TEST(dump_without_room_goes_to_the_reserve),
		TEST(small_reserve_is_left_alone),
		TEST(reserve_that_was_given_back_is_not_used),
		TEST(reserve_is_kept_when_inodes_are_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
