// SPDX-License-Identifier: GPL-2.0-or-later
/* test-place.c - where the files of a crash go. */
#include <errno.h>

#include "capture/place.h"
#include "config/places.h"
#include "tests/unit/rescuebox.h"
#include "base/err.h"

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
		{ "swap console", "memory", -ENODEV, "Target= names no disk" },
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, rescuebox_setup, rescuebox_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_words),
		TEST(goes_through_the_list),
		TEST(a_target_out_of_reach_is_not_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
