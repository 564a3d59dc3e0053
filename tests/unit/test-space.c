// SPDX-License-Identifier: GPL-2.0-or-later
/* test-space.c - dumps where there is little space: old crashes go, and KeepFree= stays. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "capture/space.h"
#include "system/tree.h"
#include "tests/unit/rescuebox.h"
#include "base/text.h"

#define CRASHES "mnt/var/crash"
#define OLD     "20261123T14050%uZ-4f2a90c1"
#define KEEP    MIB(4)

/* Bytes that are free beside what have_little() makes; others take some of these away as soon as
 * the dump has begun. */
static struct {
	int root_fd, dir_fd;
	uint64_t free, used_before, taken;
} disk;

static uint64_t used(void)
{
	_cleanup_(strv_freep) char **names = NULL;
	uint64_t sum = 0;

	assert_int_equal(tree_list(disk.root_fd, CRASHES, &names), 0);
	for (char **n = names; n && *n; n++) {
		_cleanup_(strv_freep) char **files = NULL;
		char path[256];
		struct stat st;

		snprintf(path, sizeof(path), CRASHES "/%s", *n);
		assert_int_equal(tree_list(disk.root_fd, path, &files), 0);
		for (char **f = files; f && *f; f++) {
			snprintf(path, sizeof(path), CRASHES "/%s/%s", *n, *f);
			if (fstatat(disk.root_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
				sum += st.st_blocks * 512;
		}
	}
	return sum;
}

static int little_is_free(int fd, struct statvfs *ret)
{
	bool begun = faccessat(disk.dir_fd, CRASH_VMCORE_INCOMPLETE, F_OK, 0) == 0;
	uint64_t gone = used() + (begun ? disk.taken : 0);
	uint64_t all = disk.free + disk.used_before;

	*ret = (struct statvfs){ .f_frsize = 1024,
		                 .f_blocks = 100 * 1024,
		                 .f_bavail = (all - MIN(gone, all)) / 1024 };
	return 0;
}

static void crash_again(struct rescuebox *b)
{
	dump_free(synth_dump(&b->m));
	temptree_bytes(&b->box->tree, "proc/vmcore", b->m.core, b->m.core_len);
}

/* The dump has more than 8M. */
static void have_noise(struct rescuebox *b)
{
	for (uint64_t pfn = SYNTH_HIGH_PFN; pfn < SYNTH_HIGH_END; pfn++)
		check_noise(synth_at(&b->m, pfn << 12), 4096, pfn);
	crash_again(b);
}

/* A saved crash with a dump of 4M. */
static void add_old(const struct rescuebox *b, unsigned second, const char *json)
{
	_cleanup_free_ char *dump = calloc(1, MIB(4));
	char path[128];

	assert_non_null(dump);
	snprintf(path, sizeof(path), CRASHES "/" OLD "/vmcore", second);
	temptree_bytes(&b->box->tree, path, dump, MIB(4));
	snprintf(path, sizeof(path), CRASHES "/" OLD "/vmcore-dmesg.txt", second);
	temptree_text(&b->box->tree, path, "log");
	snprintf(path, sizeof(path), CRASHES "/" OLD "/crash.json", second);
	temptree_text(&b->box->tree, path, json);
}

static bool has_old(const struct rescuebox *b, unsigned second, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), CRASHES "/" OLD "/%s", second, name);
	return temptree_exists(&b->box->tree, path);
}

static bool has(const struct rescuebox *b, const char *name)
{
	struct stat st;

	return fstatat(b->rescue.dir_fd, name, &st, 0) == 0;
}

/* Of three old crashes only the first one is complete. @free is beside KeepFree=. */
static void have_little(struct rescuebox *b, uint64_t free, bool mini)
{
	struct rescue *r = &b->rescue;

	add_old(b, 1, "{\"outcome\":\"complete\"}");
	add_old(b, 2, "{\"outcome\":\"incomplete\"}");
	add_old(b, 3, "{\"outcome\":\"incomplete\"}");
	b->plan.capture.keep_free = KEEP;
	assert_int_equal(rescue_open_memory(r), 0);
	assert_int_equal(rescue_make_target(r), 0);
	assert_int_equal(rescue_save_dmesg(r), 0);
	if (mini)
		assert_int_equal(rescue_save_mini(r), 0);
	memset(&disk, 0, sizeof(disk));
	disk.root_fd = b->box->tree.fd;
	disk.dir_fd = r->dir_fd;
	disk.used_before = used();
	disk.free = KEEP + free;
	b->box->os.fstatvfs = little_is_free;
}

static void dump_that_fits_costs_nothing(void **state)
{
	struct rescuebox *b = *state;

	have_little(b, MIB(32), true);
	assert_int_equal(rescue_save_vmcore(&b->rescue), 0);
	assert_int_equal(b->rescue.crash.outcome, CRASH_COMPLETE);
	assert_true(has_old(b, 1, "vmcore") && has_old(b, 2, "vmcore"));
	assert_null(b->rescue.crash.dump_reason);
}

/* One of them is enough, and the one that is complete stays. */
static void old_dumps_make_room(void **state)
{
	struct rescuebox *b = *state;

	have_little(b, MIB(5), true);
	assert_int_equal(rescue_save_vmcore(&b->rescue), 0);
	assert_int_equal(b->rescue.crash.outcome, CRASH_COMPLETE);
	assert_true(has(b, CRASH_VMCORE));
	assert_true(has_old(b, 1, "vmcore"));
	assert_false(has_old(b, 2, "vmcore"));
	assert_true(has_old(b, 2, "vmcore-dmesg.txt"));
	assert_true(has_old(b, 3, "vmcore"));
}

static void limits_hold_where_much_is_free(void **state)
{
	struct rescuebox *b = *state;

	have_little(b, MIB(32), true);
	b->plan.capture.max_dumps = 2;
	assert_int_equal(rescue_save_vmcore(&b->rescue), 0);
	assert_true(has_old(b, 1, "vmcore"));
	assert_false(has_old(b, 2, "vmcore"));
	assert_true(has_old(b, 3, "vmcore"));
}

/* The newest complete dump stays until the new one is known to be good. */
static void limits_hold_after_the_capture(void **state)
{
	struct rescuebox *b = *state;
	struct rescue *r = &b->rescue;

	have_little(b, MIB(32), true);
	b->plan.capture.max_dumps = 1;
	assert_int_equal(rescue_save_vmcore(r), 0);
	assert_false(has_old(b, 2, "vmcore") || has_old(b, 3, "vmcore"));
	assert_true(has_old(b, 1, "vmcore"));
	assert_int_equal(rescue_verify(r), 0);
	assert_false(has_old(b, 1, "vmcore"));
	assert_true(has_old(b, 1, "vmcore-dmesg.txt"));
	assert_true(has(b, CRASH_VMCORE));
}

/* All memory has 24M, that of the kernel 16M. */
static void stricter_level_before_none(void **state)
{
	static const struct synth_page pages[] = {
		{ SYNTH_HIGH_PFN, SYNTH_ANON, 10 },
		{ SYNTH_HIGH_PFN + 0x400, SYNTH_ANON, 10 },
	};
	struct rescuebox *b = *state;

	synth_pages(&b->m, pages, ARRAY_SIZE(pages));
	crash_again(b);
	b->plan.capture.level = 0;
	b->plan.capture.compress = (char *)"none";
	have_little(b, MIB(14), true);
	assert_int_equal(rescue_save_vmcore(&b->rescue), 0);
	assert_int_equal(b->rescue.crash.level, 31);
	assert_int_equal(b->rescue.crash.outcome, CRASH_COMPLETE);
	/* Only as much goes as that level wants. */
	assert_false(has_old(b, 2, "vmcore"));
	assert_true(has_old(b, 3, "vmcore"));
}

static void mini_dump_where_nothing_fits(void **state)
{
	struct rescuebox *b = *state;
	struct rescue *r = &b->rescue;

	have_little(b, 0, true);
	disk.free = KEEP / 2;
	b->plan.capture.max_use = MIB(1);
	assert_fails(rescue_save_vmcore(r), -ENOSPC,
	             "left out: beside KeepFree= (4.0M) only 0B are free");
	assert_int_equal(r->crash.outcome, CRASH_MINI_ONLY);
	assert_string_equal(r->crash.dump_reason,
	                    "left out: beside KeepFree= (4.0M) only 0B are free");
	assert_false(has(b, CRASH_VMCORE_INCOMPLETE) || has(b, CRASH_VMCORE));
	assert_true(has(b, CRASH_MINI));
	assert_true(has_old(b, 2, "vmcore"));
}

/* What has been written can be read, and says that it is not all. */
static void check_part(const struct rescuebox *b)
{
	_cleanup_(dump_freep) struct dump *d = NULL;

	assert_int_equal(rescue_open_saved(&b->rescue, CRASH_VMCORE_INCOMPLETE, &d), 0);
	assert_int_equal(d->state, DUMP_INCOMPLETE);
}

/* Without a mini dump at least the begin of the dump is there. */
static void part_where_there_is_no_mini(void **state)
{
	struct rescuebox *b = *state;
	struct rescue *r = &b->rescue;

	have_noise(b);
	have_little(b, 0, false);
	disk.free = 0;
	b->plan.capture.keep_free = MIB(50);
	assert_fails(rescue_save_vmcore(r), -ENOSPC,
	             " %: beside KeepFree= (50.0M) only 0B are free");
	assert_int_equal(r->crash.outcome, CRASH_INCOMPLETE);
	check_part(b);
	/* They would have been too little, but they were all. */
	assert_false(has_old(b, 2, "vmcore") || has_old(b, 3, "vmcore"));
	assert_true(has_old(b, 1, "vmcore"));
}

/* Somebody fills the disk meanwhile. */
static void dump_ends_at_the_limit(void **state)
{
	struct rescuebox *b = *state;
	struct rescue *r = &b->rescue;

	have_noise(b);
	have_little(b, MIB(64), true);
	disk.taken = MIB(68);
	assert_fails(rescue_save_vmcore(r), -ENOSPC, " %: beside KeepFree= (4.0M) only ");
	assert_int_equal(r->crash.outcome, CRASH_MINI_ONLY);
	assert_non_null(strstr(r->crash.dump_reason, "ended at "));
	assert_false(has(b, CRASH_VMCORE));
	assert_true(has(b, CRASH_MINI));
	check_part(b);
}

static void old_dumps_make_room_meanwhile(void **state)
{
	struct rescuebox *b = *state;
	struct rescue *r = &b->rescue;

	have_noise(b);
	have_little(b, MIB(32), true);
	disk.taken = MIB(28);
	assert_int_equal(rescue_save_vmcore(r), 0);
	assert_int_equal(r->crash.outcome, CRASH_COMPLETE);
	assert_false(has_old(b, 2, "vmcore"));
	assert_true(has_old(b, 1, "vmcore"));
}

/* A dump that cannot be read back is written again, but not into what has to stay free. */
static void second_dump_leaves_that_too(void **state)
{
	_cleanup_close_ int fd = -1;
	struct rescuebox *b = *state;
	struct rescue *r = &b->rescue;

	have_little(b, MIB(32), true);
	assert_int_equal(rescue_save_vmcore(r), 0);
	fd = openat(r->dir_fd, CRASH_VMCORE, O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, 4096), 0);
	disk.free = 0;
	b->plan.capture.keep_free = MIB(50);
	assert_fails(rescue_verify(r), -ENODATA, "not written again: there is no space");
	assert_true(has_old(b, 2, "vmcore"));
}

static int not_told(int fd, struct statvfs *ret)
{
	*ret = (struct statvfs){};
	return 0;
}

static void unknown_space_is_no_limit(void **state)
{
	struct rescuebox *b = *state;

	have_little(b, 0, true);
	b->box->os.fstatvfs = not_told;
	assert_int_equal(rescue_save_vmcore(&b->rescue), 0);
	assert_int_equal(b->rescue.crash.outcome, CRASH_COMPLETE);
	assert_true(has_old(b, 2, "vmcore"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, rescuebox_setup, rescuebox_teardown)
		TEST(dump_that_fits_costs_nothing),   TEST(old_dumps_make_room),
		TEST(limits_hold_where_much_is_free), TEST(stricter_level_before_none),
		TEST(mini_dump_where_nothing_fits),   TEST(part_where_there_is_no_mini),
		TEST(dump_ends_at_the_limit),         TEST(old_dumps_make_room_meanwhile),
		TEST(second_dump_leaves_that_too),    TEST(unknown_space_is_no_limit),
		TEST(limits_hold_after_the_capture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
