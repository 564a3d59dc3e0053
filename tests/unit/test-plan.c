// SPDX-License-Identifier: GPL-2.0-or-later
/* test-plan.c - what the loader writes, the capture program reads. */
#include <errno.h>
#include <stdio.h>

#include "config/plan.h"
#include "config/settings.h"
#include "tests/unit/check.h"
#include "base/err.h"
#include "base/text.h"

static void fill(struct plan *p)
{
	assert_int_equal(plan_init(p), 0);
	free(p->kernel_release);
	p->kernel_release = strdup("6.12.9-cloud-amd64");
	free(p->device);
	p->device = strdup("UUID=1234-abcd");
	free(p->mount_options);
	p->mount_options = strdup("subvol=/a b,compress");
	strv_push(&p->modules, "000-virtio_blk.ko");
	strv_push(&p->modules, "001-ext4.ko");
	free(p->module_options);
	p->module_options = strdup("virtio_blk.num_request_queues=1 a.b=\"c d\"");
	p->capture.level = 17;
	p->capture.threads = 3;
	p->capture.timeout = 3600;
	p->capture.final_action = FINAL_POWEROFF;
}

static char *print(const struct plan *p)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(plan_print(p, f), 0);
	fclose(f);
	return text;
}

static void reads_what_it_wrote(void **state)
{
	_cleanup_(plan_done) struct plan p = {}, again = {};
	_cleanup_free_ char *text = NULL;

	fill(&p);
	text = print(&p);
	assert_int_equal(plan_parse(text, strlen(text), &again), 0);
	assert_string_equal(again.kernel_release, "6.12.9-cloud-amd64");
	assert_string_equal(again.device, "UUID=1234-abcd");
	assert_string_equal(again.mount_options, "subvol=/a b,compress");
	assert_string_equal(again.directory, "");
	assert_int_equal(strv_length(again.modules), 2);
	assert_string_equal(again.modules[1], "001-ext4.ko");
	assert_string_equal(again.module_options, p.module_options);
	assert_int_equal(again.capture.level, 17);
	assert_int_equal(again.capture.threads, 3);
	assert_int_equal(again.capture.timeout, 3600);
	assert_int_equal(again.capture.final_action, FINAL_POWEROFF);
	assert_string_equal(again.capture.compress, p.capture.compress);
}

/* A plan that is not whole must not be carried out in part. */
static void refuses_every_plan_that_is_cut_off(void **state)
{
	_cleanup_(plan_done) struct plan p = {};
	_cleanup_free_ char *text = NULL;
	struct plan again;

	fill(&p);
	text = print(&p);
	for (size_t len = 0; len < strlen(text); len++)
		assert_int_equal(plan_parse(text, len, &again), -EINVAL);
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "Level=40\n", "plan:1: Level=40: a number from 0 to 31 is expected" },
		{ "Level=4\nLevel\n", "plan:2: \"Level\" has not the form Key=value" },
		{ "level=4\n",
		  "plan:1: level=: not known; image and capture program are not of one build" },
		{ "Level=4\n", "plan: KernelRelease= is missing, it is cut off" },
		{ "", "plan: does not end in a line feed, it is cut off" },
		{ "FinalAction=explode\n", "plan:1: FinalAction=explode: one of auto, kexec, "
		                           "reboot, poweroff, halt is expected" },
	};
	struct plan p;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(plan_parse(cases[i].text, strlen(cases[i].text), &p), -EINVAL);
		assert_string_equal(err_text(-EINVAL), cases[i].expected);
	}
	assert_int_equal(plan_parse("Level=3\0", 8, &p), -EINVAL);
	assert_string_equal(err_text(-EINVAL), "plan: holds a NUL byte");
}

/* An administrator has to give more, or "auto". */
static void takes_smaller_values_than_the_settings(void **state)
{
	_cleanup_(plan_done) struct plan p = {}, again = {};
	_cleanup_free_ char *text = NULL;

	fill(&p);
	assert_int_equal(plan_set(&p, "TimeoutSec", "4s"), 0);
	assert_int_equal(plan_set(&p, "Threads", "0"), 0);
	assert_int_equal(plan_set(&p, "Level", "32"), -EINVAL);
	assert_int_equal(plan_set(&p, "Path", "/x"), -EINVAL);
	assert_string_equal(err_text(-EINVAL), "Path=: the plan has no such key");
	text = print(&p);
	assert_int_equal(plan_parse(text, strlen(text), &again), 0);
	assert_int_equal(again.capture.timeout, 4);
	assert_int_equal(again.capture.threads, 0);
}

/* The rows of the plan and those of the settings are two tables. */
static void keys_are_unique(void **state)
{
	const struct field *row;

	for (size_t i = 0; (row = plan_row(i)); i++)
		for (size_t k = 0; k < i; k++)
			if (streq(plan_row(k)->key, row->key))
				fail_msg("%s= is there twice", row->key);
}

static void does_not_write_two_lines_for_one(void **state)
{
	_cleanup_(plan_done) struct plan p = {};
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fill(&p);
	p.device[3] = '\n';
	assert_int_equal(plan_print(&p, f), -EINVAL);
	assert_string_equal(err_text(-EINVAL), "plan: Device: control characters are not allowed");
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_wrote),
		cmocka_unit_test(refuses_every_plan_that_is_cut_off),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(keys_are_unique),
		cmocka_unit_test(takes_smaller_values_than_the_settings),
		cmocka_unit_test(does_not_write_two_lines_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
