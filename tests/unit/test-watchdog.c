// SPDX-License-Identifier: GPL-2.0-or-later
/* test-watchdog.c - a watchdog is fed while the capture makes progress. */
#include <errno.h>

#include "capture/watchdog.h"
#include "tests/unit/osbox.h"

/* Times that it was fed by one tick. */
static unsigned tick(struct watchdog *w, const struct osbox *box, uint64_t progress)
{
	unsigned before = osbox_calls->fed;

	watchdog_tick(w, &box->os, progress);
	return osbox_calls->fed - before;
}

static void without_one_nothing_happens(void **state)
{
	struct watchdog w = WATCHDOG_NULL;
	struct osbox *box = *state;

	assert_int_equal(tick(&w, box, 1), 0);
	watchdog_leave(&w, &box->os, false);
	watchdog_leave(&w, &box->os, true);
	osbox_noted("");
	assert_int_equal(w.fd, -1);
}

/* It may come late, and its timeout may be short: it is fed at once. */
static void it_is_opened_when_it_is_there(void **state)
{
	struct watchdog w = WATCHDOG_NULL;
	struct osbox *box = *state;

	w.patience = 100;
	assert_int_equal(tick(&w, box, 1), 0);
	temptree_text(&box->tree, "dev/watchdog0", "");
	osbox_calls->timeout_error = EINVAL;
	assert_true(tick(&w, box, 1) > 0);
	osbox_noted("timeout 60; ");
	assert_int_equal(tick(&w, box, 1), 1);
	osbox_noted("timeout 60; ");
	close(w.fd);
}

static void without_progress_it_is_not_fed(void **state)
{
	struct watchdog w = WATCHDOG_NULL;
	struct osbox *box = *state;

	w.patience = 0.2;
	temptree_text(&box->tree, "dev/watchdog0", "");
	assert_true(tick(&w, box, 1) > 0);
	assert_int_equal(tick(&w, box, 1), 1);
	usleep(300000);
	assert_int_equal(tick(&w, box, 1), 0);
	assert_int_equal(tick(&w, box, 1), 0);
	/* It goes on, or a second child does, which has done less. */
	assert_int_equal(tick(&w, box, 2), 1);
	usleep(300000);
	assert_int_equal(tick(&w, box, 2), 0);
	assert_int_equal(tick(&w, box, 1), 1);
	close(w.fd);
}

static void on_the_way_out_it_has_time_or_is_stopped(void **state)
{
	struct watchdog w = WATCHDOG_NULL;
	struct osbox *box = *state;

	temptree_text(&box->tree, "dev/watchdog0", "");
	watchdog_leave(&w, &box->os, false);
	osbox_noted("timeout 60; timeout 300; ");
	assert_int_equal(osbox_calls->fed, 2);
	watchdog_leave(&w, &box->os, true);
	osbox_noted("timeout 60; timeout 300; watchdog off; ");
	close(w.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, osbox_setup, osbox_teardown)
		TEST(without_one_nothing_happens),
		TEST(it_is_opened_when_it_is_there),
		TEST(without_progress_it_is_not_fed),
		TEST(on_the_way_out_it_has_time_or_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
