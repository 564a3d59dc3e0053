// SPDX-License-Identifier: GPL-2.0-or-later
/* test-place.c - where the files of a crash go. */
#include <errno.h>

#include "capture/place.h"
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, rescuebox_setup, rescuebox_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_target_out_of_reach_is_not_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
