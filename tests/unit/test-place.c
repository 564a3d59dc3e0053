// SPDX-License-Identifier: GPL-2.0-or-later
/* test-place.c - where the files of a crash go. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "capture/firmware.h"
#include "capture/place.h"
#include "capture/supervise.h"
#include "config/places.h"
#include "tests/unit/rescuebox.h"
#include "base/err.h"
#include "base/text.h"
#include "system/tree.h"

#define NAME "2026-11-30-10:00:00-00000001"

static void a_target_out_of_reach_is_not_tried(void **state)
{
	struct rescuebox *b = *state;

	b->plan.device = (char *)"";
	b->plan.obstacle = (char *)"/var/crash: lies on an encrypted volume";
	assert_fails(place_open(&b->rescue, NAME), -EOPNOTSUPP,
	             "not tried: /var/crash: lies on an encrypted volume");
	assert_false(place_is_durable(&b->rescue));
	assert_string_equal(b->rescue.place, "memory");
	assert_true(temptree_exists(&b->box->tree, "saved/" NAME));
	osbox_noted("");
}

static void goes_through_the_list(void **state)
{
	static const struct {
		const char *target, *place;
		int r;
		const char *why;
	} rows[] = {
		{ "auto", "path", 0, NULL },
		{ "path", "path", 0, NULL },
		{ "swap console", "memory", -ENOENT, "there is no swap partition for it" },
		{ "reserve path", "path", 0, NULL },
		{ "reserve", "memory", -ENOENT, "the target has no reserve" },
		{ "console", "memory", -ENODEV, "Target= names no disk" },
	};
	struct rescuebox *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rescue rescue = b->rescue;
		char name[] = NAME;
		int r;

		name[strlen(name) - 1] += i;
		b->plan.capture.target = (char *)rows[i].target;
		r = place_open(&rescue, name);
		assert_int_equal(r, rows[i].r);
		if (r < 0)
			assert_string_equal(err_text(r), rows[i].why);
		assert_string_equal(rescue.place, rows[i].place);
		place_done(&rescue);
		strv_free(rescue.closed);
		close(rescue.dir_fd);
	}
}

static void knows_the_words(void **state)
{
	assert_int_equal(places_check("auto"), 0);
	assert_int_equal(places_check("swap path"), 0);
	assert_fails(places_check("path tape"), -EINVAL, "\"tape\" is no place; auto, or some of");
	assert_fails(places_check("path auto"), -EINVAL, "\"auto\" is no place");
	assert_fails(places_check("path swap path"), -EINVAL, "\"path\" is named twice");
	assert_true(places_have("auto", "firmware"));
	assert_false(places_have("path swap", "firmware"));
}

static void takes_what_the_firmware_can_spare(void **state)
{
	assert_int_equal(firmware_parts(0, 0, 0), 4);
	assert_int_equal(firmware_parts(KIB(64), KIB(60), 0), 8);
	assert_int_equal(firmware_parts(KIB(64), KIB(12), 0), 3);
	assert_int_equal(firmware_parts(KIB(64), KIB(2), 0), 0);
	assert_int_equal(firmware_parts(KIB(64), KIB(60), 13), 3);
	assert_int_equal(firmware_parts(KIB(64), KIB(60), 99), 0);
}

#define VARIABLES "sys/firmware/efi/efivars"
#define PART(n)   VARIABLES "/dump-type0-" n "-1-1700000123-D-cfc8fc79-be2e-4ddc-97f0-9f98bfe298a0"

static void the_end_of_the_log_becomes_variables(void **state)
{
	struct rescuebox *b = *state;
	struct temptree *t = &b->box->tree;
	_cleanup_free_ char *log = calloc(1, KIB(4)), *first = NULL, *second = NULL, *third = NULL;
	const char *lines;

	assert_fails(firmware_save(&b->rescue), -EIO, "did not take the log");
	temptree_dir(t, VARIABLES);
	for (unsigned i = 0; i < 80; i++)
		sprintf(log + strlen(log), "[   42.%06u] line %02u of a log\n", i, i);
	temptree_text(t, "saved/" CRASH_DMESG, log);
	b->rescue.dir_fd = openat(t->fd, "saved", O_RDONLY | O_DIRECTORY);
	b->rescue.crash.panic_message = strdup("Kernel panic - not syncing: x");
	b->rescue.crash.crash_time = 1700000123;
	assert_int_equal(firmware_save(&b->rescue), 0);
	osbox_noted("mount efivarfs /sys/firmware/efi/efivars efivarfs ; ");
	first = temptree_read(t, PART("1"));
	assert_memory_equal(first, "\7\0\0\0Panic#1 Part1\nKernel panic - not syncing: x\n[", 49);
	lines = strstr(first + 4, "\n[") + 1;
	assert_true(strlen(first + 4) <= FIRMWARE_PART);
	assert_string_equal(lines, log + strlen(log) - strlen(lines));
	/* The second part ends where the first begins. */
	second = temptree_read(t, PART("2"));
	assert_memory_equal(second, "\7\0\0\0Panic#1 Part2\n[   42.", 25);
	log[strlen(log) - strlen(lines)] = '\0';
	lines = strstr(second + 4, "\n[") + 1;
	assert_string_equal(lines, log + strlen(log) - strlen(lines));
	third = temptree_read(t, PART("3"));
	assert_non_null(strstr(third + 4, "Part3\n[   42.000000] line 00"));
	assert_false(temptree_exists(t, PART("4")));
}

/* As of an LVM volume: its blocks are on a disk that is not the target's. */
static void a_reserve_may_be_on_another_device(void **state)
{
	static const struct store_extent extent = { MIB(1), KIB(512) };
	struct rescuebox *b = *state;
	_cleanup_close_ int fd = openat(b->box->tree.fd, "dev/vda", O_RDWR);
	const struct store_area area = {
		.fd = fd, .what = "x", .extents = &extent, .n = 1, .id = { 1, 2 }, .marked = true
	};
	char id[STORE_ID_TEXT];
	char *extents[] = { (char *)"1048576+524288", NULL };

	assert_int_equal(store_format(&area), 0);
	b->plan.obstacle = (char *)"/var/crash: lies on an LVM volume";
	b->plan.device = (char *)"";
	b->plan.reserve_id = store_id_to_text(area.id, id);
	b->plan.reserve = extents;
	b->plan.reserve_device = (char *)"UUID=" OSBOX_UUID;
	assert_int_equal(place_open(&b->rescue, NAME), 0);
	assert_string_equal(b->rescue.place, "reserve");
	assert_true(place_is_durable(&b->rescue));
}

static size_t count_variables(const struct rescuebox *b)
{
	_cleanup_(strv_freep) char **names = NULL;

	assert_int_equal(tree_list(b->box->tree.fd, VARIABLES, &names), 0);
	return strv_length(names);
}

/* The firmware is left alone as long as another place takes the log. */
static void the_firmware_comes_last(void **state)
{
	static const struct rescue_step steps[] = {
		{ "memory", rescue_open_memory },
		{ "target", rescue_make_target },
		{ "dmesg", rescue_save_dmesg },
	};
	struct watchdog dog = WATCHDOG_NULL;
	struct rescuebox *b = *state;

	temptree_dir(&b->box->tree, VARIABLES);
	supervise(&b->box->os, &b->plan, b->memory, steps, ARRAY_SIZE(steps), &dog);
	assert_int_equal(count_variables(b), 0);
	b->plan.obstacle = (char *)"/var/crash: lies on an encrypted volume";
	b->plan.capture.target = (char *)"path console";
	supervise(&b->box->os, &b->plan, b->memory, steps, ARRAY_SIZE(steps), &dog);
	assert_int_equal(count_variables(b), 0);
	b->plan.capture.target = (char *)"auto";
	supervise(&b->box->os, &b->plan, b->memory, steps, ARRAY_SIZE(steps), &dog);
	assert_int_equal(count_variables(b), 1);
}

/* A serial port whose other end takes nothing. */
static void a_console_that_blocks_is_left(void **state)
{
	static const struct rescue_step steps[] = {
		{ "memory", rescue_open_memory },
		{ "target", rescue_make_target },
		{ "dmesg", rescue_save_dmesg },
	};
	static const char fill[4096];
	struct watchdog dog = WATCHDOG_NULL;
	struct rescuebox *b = *state;
	_cleanup_close_ int fd = -1;

	assert_int_equal(mkfifoat(b->box->tree.fd, "dev/console", 0600), 0);
	fd = openat(b->box->tree.fd, "dev/console", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	while (write(fd, fill, sizeof(fill)) > 0)
		;
	temptree_dir(&b->box->tree, VARIABLES);
	b->plan.obstacle = (char *)"/var/crash: lies on an encrypted volume";
	b->plan.capture.timeout = 2;
	supervise(&b->box->os, &b->plan, b->memory, steps, ARRAY_SIZE(steps), &dog);
	assert_int_equal(count_variables(b), 1);
}

static int let_go_of_memory(struct rescue *rescue)
{
	kspace_free(rescue->kspace);
	rescue->kspace = NULL;
	return 0;
}

/* As the way back by kexec does, which wants memory for its kernel. */
static void the_console_has_the_log_without_the_memory(void **state)
{
	static const struct rescue_step steps[] = {
		{ "memory", rescue_open_memory },
		{ "target", rescue_make_target },
		{ "dmesg", rescue_save_dmesg },
		{ "back", let_go_of_memory },
	};
	struct watchdog dog = WATCHDOG_NULL;
	struct rescuebox *b = *state;
	_cleanup_free_ char *text = NULL;

	temptree_text(&b->box->tree, "dev/console", "");
	b->plan.obstacle = (char *)"/var/crash: lies on an encrypted volume";
	supervise(&b->box->os, &b->plan, b->memory, steps, ARRAY_SIZE(steps), &dog);
	text = temptree_read(&b->box->tree, "dev/console");
	assert_non_null(strstr(text, "sysrq triggered crash\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rescuebox_setup, rescuebox_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_words),
		TEST(goes_through_the_list),
		cmocka_unit_test(takes_what_the_firmware_can_spare),
		TEST(the_end_of_the_log_becomes_variables),
		TEST(a_reserve_may_be_on_another_device),
		TEST(the_firmware_comes_last),
		TEST(a_console_that_blocks_is_left),
		TEST(the_console_has_the_log_without_the_memory),
		TEST(a_target_out_of_reach_is_not_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
