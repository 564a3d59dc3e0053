// SPDX-License-Identifier: GPL-2.0-or-later
/* test-failed.c - captures that saved nothing: what the command and the journal say of them. */
#include <fcntl.h>
#include <stdio.h>

#include <jansson.h>

#include "base/text.h"
#include "loader/crashes/announce.h"
#include "tests/unit/run-cli.h"

#define EMPTY "20261123T140501Z-4f2a90c1"
#define EARLY "20261123T150501Z-5fbb0002"
#define FULL  "20261123T160501Z-6f000003"

static struct box box;

static int setup(void **state)
{
	box_make(&box);
	temptree_dir(&box.tree, "root/var/crash/" EMPTY);
	temptree_text(&box.tree, "root/var/crash/" EARLY "/crash.json",
	              "{\"outcome\":\"failed\",\"step\":\"dmesg\",\"kernel_release\":\"6.1.0\"}");
	temptree_text(&box.tree, "root/var/crash/" FULL "/crash.json",
	              "{\"outcome\":\"failed\",\"steps\":[{\"name\":\"dmesg\",\"error\":\"disk "
	              "full\"}]}");
	temptree_text(&box.tree, "root/var/crash/" FULL "/kexec-dmesg.log", "disk full");
	temptree_dir(&box.tree, "root/var/crash/empty");
	return 0;
}

static int teardown(void **state)
{
	box_remove(&box);
	return 0;
}

static int run(const char *args)
{
	char all[200];

	snprintf(all, sizeof(all), "--root=%s/root %s", box.tree.path, args);
	return box_run(&box, BOX_FILE, NULL, all);
}

static void they_are_listed(void **state)
{
	assert_int_equal(run("list"), 0);
	assert_non_null(strstr(box.out, "4f2a90c1"));
	assert_non_null(strstr(box.out, "5fbb0002"));
	assert_non_null(strstr(box.out, "6f000003"));
	assert_null(strstr(box.out, "complete"));
	assert_non_null(strstr(box.err, EMPTY ": the capture ended in its step target\n"));
	assert_non_null(strstr(box.err, EARLY ": the capture ended in its step dmesg\n"));
	assert_null(strstr(box.err, FULL));
	assert_null(strstr(box.err, "/empty"));
}

static void they_are_objects_as_others(void **state)
{
	json_t *list;

	assert_int_equal(run("list --json"), 0);
	list = json_loads(box.out, 0, NULL);
	assert_int_equal(json_array_size(list), 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(
			json_string_value(json_object_get(json_array_get(list, i), "outcome")),
			"failed");
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "step")),
	                    "target");
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "step")),
	                    "dmesg");
	json_decref(list);
}

static void facts(void **state)
{
	assert_int_equal(run("info 4f"), 0);
	assert_non_null(strstr(box.out, "         State: failed\n"));
	assert_non_null(strstr(box.out, "      Ended in: step target\n"));
	assert_int_equal(run("info 6f"), 0);
	assert_null(strstr(box.out, "Ended in"));
	assert_non_null(strstr(box.out, "disk full"));
}

/* What is asked of them, and the end of the one line that is the answer. */
static void other_verbs_say_what_there_is(void **state)
{
	static const struct {
		const char *args, *answer;
	} cases[] = {
		{ "report 4f",
		  EMPTY ": has no dump and no log, the capture ended in its step target\n" },
		{ "dmesg 4f",
		  EMPTY ": has no dump and no log, the capture ended in its step target\n" },
		{ "verify 5f",
		  EARLY ": has no dump and no log, the capture ended in its step dmesg\n" },
		{ "dmesg 6f",
		  FULL ": has no dump and no log; kexec-dmesg.log tells of the capture\n" },
		{ "report last",
		  FULL ": has no dump and no log; kexec-dmesg.log tells of the capture\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *at;

		assert_int_equal(run(cases[i].args), 1);
		assert_string_equal(box.out, "");
		at = strstr(box.err, cases[i].answer);
		if (!at || !streq(at, cases[i].answer) || strchr(box.err, '\n')[1])
			fail_msg("%s: %s", cases[i].args, box.err);
	}
	temptree_text(&box.tree, "root/var/crash/" EMPTY "/vmcore-dmesg.txt", "[    1.0] log\n");
	assert_int_equal(run("report 4f"), 1);
	assert_non_null(strstr(box.err, EMPTY ": has no dump, only a log for \"kdump-lite dmesg\", "
	                                      "the capture ended in its step dmesg\n"));
}

static void the_journal_is_told(void **state)
{
	_cleanup_(strv_freep) char **record = NULL, **full = NULL;
	_cleanup_(crash_done) struct crash empty = {}, tried = {};
	int fd = openat(box.tree.fd, "root/var/crash", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(crash_load(fd, EMPTY, &empty), 0);
	assert_int_equal(crash_load(fd, FULL, &tried), 0);
	close(fd);
	assert_int_equal(announce_crash(&empty, "/var/crash/" EMPTY, false, &record), 0);
	assert_string_equal(announce_get(record, "MESSAGE"),
	                    "Kernel ? crashed (no message known), nothing of it could be saved in "
	                    "/var/crash/" EMPTY ": the capture ended in its step target");
	assert_string_equal(announce_get(record, "KDUMP_LITE_OUTCOME"), "failed");
	assert_string_equal(announce_get(record, "KDUMP_LITE_STEP"), "target");
	assert_int_equal(announce_crash(&tried, "/var/crash/" FULL, false, &full), 0);
	assert_string_equal(announce_get(full, "KDUMP_LITE_STEP"), "");
	assert_string_equal(announce_get(full, "KDUMP_LITE_ERROR"), "disk full");
	assert_non_null(strstr(announce_get(full, "MESSAGE"), FULL ": disk full"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(they_are_listed),
		TEST(they_are_objects_as_others),
		TEST(facts),
		TEST(other_verbs_say_what_there_is),
		TEST(the_journal_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
