// SPDX-License-Identifier: GPL-2.0-or-later
/* test-place-reserve.c - where a crash goes when the file system of the target cannot be used. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "capture/place.h"
#include "capture/supervise.h"
#include "tests/unit/rescuebox.h"

#define ID "00112233445566778899aabbccddeeff"

/* The disk of the target, with a reserve of @size bytes in two pieces on it. */
struct reserved {
	struct store_extent extents[2];
	struct store_area area;
	char *words[3], first[64], second[64];
};

static struct reserved reserve(struct rescuebox *b, uint64_t size)
{
	struct reserved r = { .extents = { { MIB(20), KIB(8) }, { MIB(1), size - KIB(8) } } };

	r.area = (struct store_area){ .what = "disk", .n = 2, .marked = true };
	r.area.fd = openat(b->box->tree.fd, "dev/vda", O_RDWR | O_CLOEXEC);
	assert_true(r.area.fd >= 0);
	assert_int_equal(ftruncate(r.area.fd, MIB(24)), 0);
	assert_int_equal(store_id_from_text(ID, r.area.id), 0);
	return r;
}

/* Pointers into @r, which has its place now. */
static void plan_reserve(struct rescuebox *b, struct reserved *r)
{
	r->area.extents = r->extents;
	assert_int_equal(store_format(&r->area), 0);
	snprintf(r->first, sizeof(r->first), "%llu+%llu", (unsigned long long)r->extents[0].offset,
	         (unsigned long long)r->extents[0].size);
	snprintf(r->second, sizeof(r->second), "%llu+%llu",
	         (unsigned long long)r->extents[1].offset, (unsigned long long)r->extents[1].size);
	r->words[0] = r->first;
	r->words[1] = r->second;
	b->plan.reserve_id = (char *)ID;
	b->plan.reserve = r->words;
	osbox_calls->mount_error = EUCLEAN;
}

/* The text of a file of the store, allocated. */
static char *stored(const struct reserved *r, const char *name)
{
	struct store_contents c;

	assert_int_equal(store_list(&r->area, &c), 0);
	for (size_t i = 0; i < c.n; i++) {
		_cleanup_close_ int fd = -1;
		char *text;

		if (!streq(c.files[i].name, name))
			continue;
		fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		assert_int_equal(store_copy(&r->area, &c.files[i], fd), 0);
		text = calloc(1, c.files[i].size + 1);
		assert_int_equal(pread(fd, text, c.files[i].size, 0), c.files[i].size);
		return text;
	}
	return NULL;
}

static uint64_t size_stored(const struct reserved *r, const char *name)
{
	struct store_contents c;

	assert_int_equal(store_list(&r->area, &c), 0);
	for (size_t i = 0; i < c.n; i++)
		if (streq(c.files[i].name, name))
			return c.files[i].size;
	return 0;
}

static void check_stored(const struct reserved *r, const char *name, const char *part)
{
	_cleanup_free_ char *text = stored(r, name);

	assert_non_null(text);
	if (!strstr(text, part))
		fail_msg("%s: \"%s\" is not in:\n%s", name, part, text);
}

/* All steps but those that need a real machine. */
static const struct rescue_step steps[] = {
	{ "memory", rescue_open_memory, .opens = true },
	{ "target", rescue_make_target },
	{ "dmesg", rescue_save_dmesg, .again = true },
	{ "report", rescue_report },
	{ "mini", rescue_save_mini },
	{ "vmcore", rescue_save_vmcore, .again = true, .slow = true },
	{ "verify", rescue_verify, .slow = true },
};

static void run(struct rescuebox *b)
{
	rescue_run_steps(&b->rescue, steps, ARRAY_SIZE(steps));
}

static void reserve_takes_all(void **state)
{
	struct rescuebox *b = *state;
	struct reserved r = reserve(b, MIB(16));
	char size[64];

	plan_reserve(b, &r);
	run(b);
	assert_string_equal(b->rescue.place, "reserve");
	assert_true(place_is_durable(&b->rescue));
	assert_int_equal(b->rescue.crash.outcome, CRASH_COMPLETE);
	check_stored(&r, CRASH_DMESG, "sysrq triggered crash\n");
	check_stored(&r, CRASH_REPORT, "sysrq triggered crash\n");
	check_stored(&r, CRASH_MINI, "KDUMP   ");
	check_stored(&r, CRASH_METADATA, "\"outcome\": \"complete\"");
	check_stored(&r, CRASH_METADATA, "\"step\": \"\"");
	/* Readers know flattened dumps. */
	check_stored(&r, CRASH_VMCORE, "makedumpfile");
	snprintf(size, sizeof(size), "\"vmcore_size\": %llu,",
	         (unsigned long long)size_stored(&r, CRASH_VMCORE));
	check_stored(&r, CRASH_METADATA, size);
	close(r.area.fd);
}

/* Of the file system not even the UUID can be read. */
static void disk_is_known_without_its_file_system(void **state)
{
	struct rescuebox *b = *state;
	struct reserved r = reserve(b, MIB(16));

	plan_reserve(b, &r);
	b->plan.capture.device_timeout = 0;
	/* The magic number of ext4's superblock. */
	assert_int_equal(pwrite(r.area.fd, "\0", 2, 1024 + 56), 2);
	run(b);
	assert_string_equal(b->rescue.place, "reserve");
	check_stored(&r, CRASH_DMESG, "sysrq triggered crash\n");
	close(r.area.fd);
}

/* The small files are first, and stay. */
static void dump_that_does_not_fit_costs_itself(void **state)
{
	struct rescuebox *b = *state;
	struct reserved r = reserve(b, MIB(1));
	_cleanup_free_ char *dump = NULL;

	plan_reserve(b, &r);
	run(b);
	assert_int_equal(b->rescue.crash.outcome, CRASH_MINI_ONLY);
	check_stored(&r, CRASH_DMESG, "sysrq triggered crash\n");
	check_stored(&r, CRASH_REPORT, "sysrq triggered crash\n");
	check_stored(&r, CRASH_MINI, "KDUMP   ");
	check_stored(&r, CRASH_METADATA, "\"outcome\": \"mini\"");
	dump = stored(&r, CRASH_VMCORE);
	assert_null(dump);
	close(r.area.fd);
}

/* By now the block belongs to another file: the crash stays in memory, for the console. */
static void reserve_of_others_is_left_alone(void **state)
{
	struct rescuebox *b = *state;
	struct reserved r = reserve(b, MIB(4));
	struct store_contents c;
	char byte = 0;

	plan_reserve(b, &r);
	assert_int_equal(pwrite(r.area.fd, "x", 1, MIB(20) + 5), 1);
	run(b);
	assert_string_equal(b->rescue.place, "memory");
	assert_false(place_is_durable(&b->rescue));
	assert_int_equal(store_list(&r.area, &c), -ENODATA);
	assert_int_equal(pread(r.area.fd, &byte, 1, MIB(20) + 5), 1);
	assert_int_equal(byte, 'x');
	/* What the console shows was made all the same; a dump would fill the memory. */
	assert_int_equal(b->rescue.crash.n_steps, ARRAY_SIZE(steps));
	assert_null(b->rescue.crash.steps[2].error);
	assert_null(b->rescue.crash.steps[3].error);
	assert_non_null(strstr(b->rescue.crash.steps[5].error, "not tried, there is no target"));
	close(r.area.fd);
}

static int vmcore_that_kills(struct rescue *rescue)
{
	if (!rescue->again)
		raise(SIGKILL);
	return rescue_save_vmcore(rescue);
}

/* It finds the store, and goes on behind what is in it. */
static void second_process_goes_on_in_the_reserve(void **state)
{
	struct rescuebox *b = *state;
	struct reserved r = reserve(b, MIB(16));
	struct rescue_step table[ARRAY_SIZE(steps)];
	struct watchdog dog = WATCHDOG_NULL;

	memcpy(table, steps, sizeof(table));
	table[5].run = vmcore_that_kills;
	plan_reserve(b, &r);
	supervise(&b->box->os, &b->plan, b->memory, table, ARRAY_SIZE(table), &dog);
	check_stored(&r, CRASH_DMESG, "sysrq triggered crash\n");
	check_stored(&r, CRASH_METADATA, "ended by signal 9");
	check_stored(&r, CRASH_METADATA, "\"outcome\": \"complete\"");
	check_stored(&r, CRASH_VMCORE, "makedumpfile");
	close(r.area.fd);
}

static int nothing_is_free(int fd, struct statvfs *ret)
{
	*ret = (struct statvfs){ .f_frsize = 4096, .f_blocks = 1 << 20, .f_bavail = 1 };
	return 0;
}

static void full_target_gets_the_blocks_of_the_reserve(void **state)
{
	struct rescuebox *b = *state;

	temptree_text(&b->box->tree, "mnt/var/crash/" CRASH_RESERVE, "x");
	b->plan.reserve_id = (char *)ID;
	assert_int_equal(place_open(&b->rescue, "first"), 0);
	assert_true(temptree_exists(&b->box->tree, "mnt/var/crash/" CRASH_RESERVE));
	place_done(&b->rescue);
	close(b->rescue.dir_fd);
	b->rescue.place = NULL;
	b->box->os.fstatvfs = nothing_is_free;
	assert_int_equal(place_open(&b->rescue, "second"), 0);
	assert_false(temptree_exists(&b->box->tree, "mnt/var/crash/" CRASH_RESERVE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, rescuebox_setup, rescuebox_teardown)
		TEST(reserve_takes_all),
		TEST(disk_is_known_without_its_file_system),
		TEST(dump_that_does_not_fit_costs_itself),
		TEST(reserve_of_others_is_left_alone),
		TEST(second_process_goes_on_in_the_reserve),
		TEST(full_target_gets_the_blocks_of_the_reserve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
