// SPDX-License-Identifier: GPL-2.0-or-later
/* test-crashdir.c - saved crashes, whole, cut off and hostile. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

#include "config/crashdir.h"
#include "tests/unit/temptree.h"
#include "base/err.h"

/* One digit of the name is left. */
#define OURS "20261123T140501Z-4f2a90c"

static struct temptree tree;

static int setup(void **state)
{
	temptree_make(&tree);
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	return 0;
}

/* Saves @c in a new directory @name. */
static void save(const char *name, const struct crash *c)
{
	int fd;

	temptree_dir(&tree, name);
	fd = openat(tree.fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(crash_save(c, fd), 0);
	close(fd);
}

static void names(void **state)
{
	_cleanup_free_ char *name = NULL;

	assert_int_equal(crash_make_name(1795442701, 0x4f2a90c1, &name), 0);
	assert_string_equal(name, "20261123T140501Z-4f2a90c1");
}

static void reads_what_it_saved(void **state)
{
	struct crash c = {
		.outcome = CRASH_COMPLETE,
		.crash_time = 1795442701,
		.panic_message = (char *)"Kernel panic - not syncing: \"x\"",
		.kernel_release = (char *)"6.12.9",
		.kernel_version = (char *)"#1 SMP",
		.build_id = (char *)"00ff",
		.hostname = (char *)"box",
		.machine = (char *)"x86_64",
		.capture_version = (char *)"0.1",
		.level = 31,
		.codec = (char *)"zstd",
		.cpus = 4,
		.pages = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 },
		.memory_size = UINT64_C(1) << 40,
		.vmcore_size = 4,
		.peak_memory = 9000,
		.seconds = 2.5,
		.steps = { { (char *)"dmesg", 0.25, NULL },
		           { (char *)"vmcore", 1.5, (char *)"disk full" } },
		.n_steps = 2,
	};
	_cleanup_(crash_done) struct crash again = {};
	struct stat st;

	save("20261123T140501Z-4f2a90c1", &c);
	temptree_text(&tree, "20261123T140501Z-4f2a90c1/vmcore", "core");
	temptree_text(&tree, "20261123T140501Z-4f2a90c1/vmcore-dmesg.txt", "log");
	assert_int_equal(crash_load(tree.fd, "20261123T140501Z-4f2a90c1", &again), 0);
	assert_null(again.fault);
	assert_string_equal(again.name, "20261123T140501Z-4f2a90c1");
	assert_string_equal(again.dump, "vmcore");
	assert_int_equal(again.outcome, CRASH_COMPLETE);
	assert_int_equal(again.crash_time, c.crash_time);
	assert_string_equal(again.panic_message, c.panic_message);
	assert_string_equal(again.kernel_release, c.kernel_release);
	assert_string_equal(again.kernel_version, c.kernel_version);
	assert_string_equal(again.build_id, c.build_id);
	assert_string_equal(again.hostname, c.hostname);
	assert_string_equal(again.machine, c.machine);
	assert_string_equal(again.capture_version, c.capture_version);
	assert_int_equal(again.level, 31);
	assert_string_equal(again.codec, "zstd");
	assert_int_equal(again.cpus, 4);
	assert_memory_equal(&again.pages, &c.pages, sizeof(c.pages));
	assert_true(again.memory_size == c.memory_size);
	assert_int_equal(again.vmcore_size, 4);
	assert_int_equal(again.dmesg_size, 3);
	assert_int_equal(again.peak_memory, 9000);
	assert_true(again.seconds == 2.5);
	assert_int_equal(again.n_steps, 2);
	assert_string_equal(again.steps[0].name, "dmesg");
	assert_null(again.steps[0].error);
	assert_true(again.steps[1].seconds == 1.5);
	assert_string_equal(again.steps[1].error, "disk full");
	assert_int_equal(fstatat(tree.fd, "20261123T140501Z-4f2a90c1/crash.json", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(temptree_exists(&tree, "20261123T140501Z-4f2a90c1/.crash.json.new"));
}

/* What a capture program that got nowhere has. */
static void saves_strange_values(void **state)
{
	const struct crash c = {
		.outcome = CRASH_FAILED,
		.crash_time = -5,
		.panic_message = (char *)"\033[2J \xff\n",
		.pages.total = UINT64_MAX,
		.seconds = NAN,
	};
	_cleanup_(crash_done) struct crash again = {};

	save("x", &c);
	assert_int_equal(crash_load(tree.fd, "x", &again), 0);
	assert_null(again.fault);
	assert_int_equal(again.outcome, CRASH_FAILED);
	assert_string_equal(again.panic_message, "\\x1b[2J \\xff\\x0a");
	assert_string_equal(again.hostname, "");
	assert_true(again.pages.total == INT64_MAX);
	assert_true(again.seconds == 0);
}

/* Files of a directory and what they amount to. */
static void files_are_believed_before_the_json(void **state)
{
	static const struct {
		const char *json, *file;
		enum crash_outcome outcome;
		bool fault;
	} cases[] = {
		{ "{\"outcome\":\"complete\",\"vmcore_size\":2}", "vmcore", CRASH_COMPLETE, false },
		{ "{\"outcome\":\"complete\"}", "vmcore", CRASH_COMPLETE, false },
		{ "{\"outcome\":\"complete\",\"vmcore_size\":3}", "vmcore", CRASH_INCOMPLETE,
		  true },
		{ "{\"outcome\":\"incomplete\",\"vmcore_size\":2}", "vmcore", CRASH_INCOMPLETE,
		  false },
		{ "{\"outcome\":\"failed\"}", "vmcore", CRASH_UNKNOWN, false },
		{ NULL, "vmcore", CRASH_UNKNOWN, false },
		{ "{\"outcome\":\"complete\",\"vmcore_size\":2}", "vmcore.incomplete",
		  CRASH_INCOMPLETE, false },
		{ NULL, "vmcore.incomplete", CRASH_INCOMPLETE, false },
		{ NULL, "vmcore.first", CRASH_INCOMPLETE, false },
		{ "{\"outcome\":\"complete\",\"vmcore_size\":7}", "vmcore.mini", CRASH_MINI_ONLY,
		  false },
		{ NULL, "vmcore.mini", CRASH_MINI_ONLY, false },
		{ "{\"outcome\":\"complete\"}", "vmcore-dmesg.txt", CRASH_DMESG_ONLY, false },
		{ NULL, "vmcore-dmesg.txt", CRASH_DMESG_ONLY, false },
		{ "{\"outcome\":\"complete\"}", "kexec-dmesg.log", CRASH_FAILED, false },
		{ "{\"outcome\":\"complete\"}", NULL, CRASH_FAILED, false },
		{ "{\"outcome\":", "vmcore", CRASH_UNKNOWN, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(crash_done) struct crash c = {};
		char name[16], path[64];

		snprintf(name, sizeof(name), "%zu", i);
		temptree_dir(&tree, name);
		snprintf(path, sizeof(path), "%s/%s", name, cases[i].file);
		if (cases[i].file)
			temptree_text(&tree, path, "ab");
		snprintf(path, sizeof(path), "%s/crash.json", name);
		if (cases[i].json)
			temptree_text(&tree, path, cases[i].json);
		assert_int_equal(crash_load(tree.fd, name, &c), 0);
		assert_int_equal(c.outcome, cases[i].outcome);
		assert_int_equal(c.fault != NULL, cases[i].fault);
		assert_non_null(c.panic_message);
	}
}

/* A capture that began its dump again was ended once more. */
static void of_two_parts_the_larger_one_counts(void **state)
{
	static char much[64 << 10];
	_cleanup_(crash_done) struct crash first = {}, second = {};

	memset(much, 'x', sizeof(much) - 1);
	temptree_text(&tree, "first/vmcore.first", much);
	temptree_text(&tree, "first/vmcore.incomplete", "ab");
	temptree_text(&tree, "second/vmcore.first", "ab");
	temptree_text(&tree, "second/vmcore.incomplete", much);
	assert_int_equal(crash_load(tree.fd, "first", &first), 0);
	assert_string_equal(first.dump, "vmcore.first");
	assert_int_equal(first.vmcore_size, sizeof(much) - 1);
	assert_int_equal(crash_load(tree.fd, "second", &second), 0);
	assert_string_equal(second.dump, "vmcore.incomplete");
}

static void what_is_no_crash(void **state)
{
	struct crash c;

	temptree_text(&tree, "empty/readme", "x");
	temptree_text(&tree, "file", "x");
	temptree_dir(&tree, "odd/vmcore");
	assert_int_equal(crash_load(tree.fd, "empty", &c), -ENOENT);
	assert_int_equal(crash_load(tree.fd, "file", &c), -ENOTDIR);
	assert_int_equal(crash_load(tree.fd, "nothing", &c), -ENOENT);
	assert_int_equal(crash_load(tree.fd, "odd", &c), -ENOENT);
}

static void dump_that_was_deleted_is_told(void **state)
{
	static const struct {
		const char *json, *file, *reason;
	} cases[] = {
		{ "{\"outcome\":\"complete\",\"vmcore_size\":7}", "vmcore-dmesg.txt",
		  "deleted after the capture" },
		{ "{\"outcome\":\"mini\",\"vmcore_size\":7,\"dump_reason\":\"left out\"}",
		  "vmcore-dmesg.txt", "left out" },
		{ "{\"outcome\":\"complete\",\"vmcore_size\":2}", "vmcore", "" },
		{ "{\"outcome\":\"mini\",\"vmcore_size\":7}", "vmcore.mini", "" },
		/* It was not saved, or not to its end where a store had no room. */
		{ "{\"outcome\":\"dmesg-only\",\"vmcore_size\":7}", "vmcore-dmesg.txt", "" },
		{ "{\"outcome\":\"dmesg-only\",\"vmcore_size\":0}", "vmcore-dmesg.txt", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(crash_done) struct crash c = {};
		char name[16], path[64];

		check_case("%zu", i);
		snprintf(name, sizeof(name), "%zu", i);
		snprintf(path, sizeof(path), "%s/%s", name, cases[i].file);
		temptree_text(&tree, path, "ab");
		snprintf(path, sizeof(path), "%s/crash.json", name);
		temptree_text(&tree, path, cases[i].json);
		assert_int_equal(crash_load(tree.fd, name, &c), 0);
		assert_string_equal(c.dump_reason, cases[i].reason);
	}
}

/* The capture program made the directory and then came no further, or not much. */
static void directories_of_captures_that_failed(void **state)
{
	static const struct {
		const char *name, *file, *text;
		mode_t mode;
		bool listed;
		enum crash_outcome outcome;
		const char *step;
	} cases[] = {
		{ OURS "1", NULL, NULL, 0700, true, CRASH_FAILED, "target" },
		{ OURS "2", ".crash.json.new", "", 0700, true, CRASH_FAILED, "target" },
		{ OURS "3", "report.txt", "x", 0700, true, CRASH_FAILED, "target" },
		{ OURS "4", "vmcore-dmesg.txt", "", 0700, true, CRASH_FAILED, "dmesg" },
		{ OURS "5", "vmcore-dmesg.txt", "x", 0700, true, CRASH_DMESG_ONLY, "dmesg" },
		{ OURS "6", "vmcore.incomplete", "x", 0700, true, CRASH_INCOMPLETE, "vmcore" },
		{ OURS "7", "vmcore", "x", 0700, true, CRASH_UNKNOWN, "" },
		{ OURS "0", "kexec-dmesg.log", "x", 0700, true, CRASH_FAILED, "log" },
		{ OURS "8", "crash.json", "{\"outcome\":\"failed\",\"step\":\"dmesg\"}", 0700, true,
		  CRASH_FAILED, "dmesg" },
		{ OURS "9", "crash.json", "{\"outcome\":\"failed\"}", 0700, true, CRASH_FAILED,
		  "" },
		/* Others than root could have made these. */
		{ OURS "a", NULL, NULL, 0777, false, 0, NULL },
		{ OURS "b", ".crash.json.new", "", 0770, false, 0, NULL },
		/* Nothing of ours. */
		{ "20261123T140501Z-4f2a90", NULL, NULL, 0700, false, 0, NULL },
		{ OURS "1.old", NULL, NULL, 0700, false, 0, NULL },
		{ "20261123T140501Z-4F2A90C1", NULL, NULL, 0700, false, 0, NULL },
		{ "20261123T140501Z_4f2a90c1", NULL, NULL, 0700, false, 0, NULL },
		{ "backup", NULL, NULL, 0700, false, 0, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(crash_done) struct crash c = {};
		char path[64];
		int r;

		temptree_dir(&tree, cases[i].name);
		snprintf(path, sizeof(path), "%s/%s", cases[i].name, cases[i].file);
		if (cases[i].file)
			temptree_text(&tree, path, cases[i].text);
		assert_int_equal(fchmodat(tree.fd, cases[i].name, cases[i].mode, 0), 0);
		r = crash_load(tree.fd, cases[i].name, &c);
		assert_int_equal(r, cases[i].listed ? 0 : -ENOENT);
		if (r < 0)
			continue;
		assert_int_equal(c.outcome, cases[i].outcome);
		assert_string_equal(c.step, cases[i].step);
		assert_int_equal(c.crash_time, 1795442701);
	}
}

static void time_from_the_name(void **state)
{
	_cleanup_(crash_done) struct crash ours = {}, theirs = {};
	struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

	temptree_text(&tree, "20261123T140501Z-4f2a90c1/vmcore", "x");
	temptree_text(&tree, "127.0.0.1-2024-06-23-21:27:26/vmcore", "x");
	assert_int_equal(utimensat(tree.fd, "127.0.0.1-2024-06-23-21:27:26/vmcore", times, 0), 0);
	assert_int_equal(crash_load(tree.fd, "20261123T140501Z-4f2a90c1", &ours), 0);
	assert_int_equal(ours.crash_time, 1795442701);
	assert_int_equal(crash_load(tree.fd, "127.0.0.1-2024-06-23-21:27:26", &theirs), 0);
	assert_int_equal(theirs.crash_time, 1000);
}

static void wrong_kinds_are_named_and_passed_over(void **state)
{
	static const struct {
		const char *json, *fault;
	} cases[] = {
		{ "[]", "crash.json: an object is expected" },
		{ "{\"level\":\"31\"}",
		  "crash.json: level: a whole number within its range is expected" },
		{ "{\"level\":31.5}",
		  "crash.json: level: a whole number within its range is expected" },
		{ "{\"level\":-1}",
		  "crash.json: level: a whole number within its range is expected" },
		{ "{\"cpus\":4294967296}",
		  "crash.json: cpus: a whole number within its range is expected" },
		{ "{\"crash_time\":9223372036854775807}",
		  "crash.json: crash_time: a whole number within its range is expected" },
		{ "{\"hostname\":1}", "crash.json: hostname: a string is expected" },
		{ "{\"hostname\":null}", "crash.json: hostname: a string is expected" },
		{ "{\"outcome\":\"great\"}", "crash.json: outcome: one of unknown, complete, "
		                             "incomplete, mini, dmesg-only, failed is expected" },
		{ "{\"outcome\":7}", "crash.json: outcome: a string is expected" },
		{ "{\"seconds\":-1}", "crash.json: seconds: a number of seconds is expected" },
		{ "{\"seconds\":true}", "crash.json: seconds: a number of seconds is expected" },
		{ "{\"pages\":[]}", "crash.json: pages: an object is expected" },
		{ "{\"pages\":{\"total\":\"x\"}}",
		  "crash.json: pages.total: a whole number within its range is expected" },
		{ "{\"steps\":{}}", "crash.json: steps: an array of objects is expected" },
		{ "{\"steps\":[1]}", "crash.json: steps: an array of objects is expected" },
		{ "{\"steps\":[{\"seconds\":[]}]}",
		  "crash.json: steps.seconds: a number of seconds is expected" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(crash_done) struct crash c = {};

		temptree_text(&tree, "x/crash.json", cases[i].json);
		temptree_text(&tree, "x/vmcore-dmesg.txt", "log");
		assert_int_equal(crash_load(tree.fd, "x", &c), 0);
		assert_non_null(c.fault);
		assert_string_equal(c.fault, cases[i].fault);
		assert_int_equal(c.level, 0);
		assert_int_equal(c.outcome, CRASH_DMESG_ONLY);
	}
}

static void one_fault_leaves_the_rest(void **state)
{
	_cleanup_(crash_done) struct crash c = {};

	temptree_text(&tree, "x/crash.json",
	              "{\"hostname\":\"box\",\"level\":[],\"cpus\":2,\"pages\":{\"total\":{},"
	              "\"free\":9}}");
	assert_int_equal(crash_load(tree.fd, "x", &c), 0);
	assert_string_equal(c.fault,
	                    "crash.json: level: a whole number within its range is expected");
	assert_string_equal(c.hostname, "box");
	assert_int_equal(c.cpus, 2);
	assert_int_equal(c.pages.free, 9);
}

static void more_steps_than_there_is_room_for(void **state)
{
	_cleanup_(crash_done) struct crash c = {};
	char json[2000] = "{\"steps\":[";

	for (int i = 0; i < 40; i++)
		strcat(json, i ? ",{\"error\":\"e\"}" : "{\"error\":\"e\"}");
	strcat(json, "]}");
	temptree_text(&tree, "x/crash.json", json);
	assert_int_equal(crash_load(tree.fd, "x", &c), 0);
	assert_null(c.fault);
	assert_int_equal(c.n_steps, CRASH_MAX_STEPS);
	assert_string_equal(c.steps[CRASH_MAX_STEPS - 1].name, "");
}

static void nothing_a_terminal_obeys(void **state)
{
	_cleanup_(crash_done) struct crash c = {}, broken = {};

	temptree_text(&tree, "x/crash.json", "{\"hostname\":\"\\u001b[31m\\u009b\\r\"}");
	assert_int_equal(crash_load(tree.fd, "x", &c), 0);
	assert_string_equal(c.hostname, "\\x1b[31m\\xc2\\x9b\\x0d");
	/* The parser quotes what it does not like. */
	temptree_text(&tree, "y/crash.json", "{\033[31m}");
	assert_int_equal(crash_load(tree.fd, "y", &broken), 0);
	assert_non_null(broken.fault);
	assert_null(strchr(broken.fault, '\033'));
}

/* Every cut and many changed bytes: never a crash, and always a result. */
static void damaged_json(void **state)
{
	static const char json[] =
		"{\"outcome\":\"complete\",\"crash_time\":1795442701,\"panic_message\":\"\\u00e4 "
		"x\",\"level\":31,"
		"\"cpus\":2,\"pages\":{\"total\":5,\"saved\":1},\"seconds\":1.5e0,"
		"\"steps\":[{\"name\":\"dmesg\",\"seconds\":0.1,\"error\":\"no\"}]}";
	uint32_t random = 1;

	for (size_t len = 0; len < sizeof(json) - 1; len++) {
		_cleanup_(crash_done) struct crash c = {};

		assert_int_equal(crash_from_text(json, len, &c), -EBADMSG);
	}
	for (int i = 0; i < 20000; i++) {
		_cleanup_(crash_done) struct crash c = {};
		char copy[sizeof(json)];

		memcpy(copy, json, sizeof(json));
		for (int k = 0; k < 2; k++) {
			random = random * 1664525 + 1013904223;
			copy[(random >> 8) % (sizeof(json) - 1)] =
				"\"{}[]:,-09aex\\\0\377"[(random >> 24) % 16];
		}
		(void)crash_from_text(copy, sizeof(json) - 1, &c);
		assert_in_range(c.n_steps, 0, CRASH_MAX_STEPS);
	}
}

static void deep_nesting(void **state)
{
	_cleanup_(crash_done) struct crash c = {};
	size_t len = 100000;
	char *json = malloc(len);

	assert_non_null(json);
	memset(json, '[', len);
	assert_int_equal(crash_from_text(json, len, &c), -EBADMSG);
	free(json);
}

static void metadata_of_absurd_size(void **state)
{
	_cleanup_(crash_done) struct crash c = {};
	int fd;

	temptree_text(&tree, "x/crash.json", "{}");
	fd = openat(tree.fd, "x/crash.json", O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, INT64_C(1) << 40), 0);
	close(fd);
	assert_int_equal(crash_load(tree.fd, "x", &c), 0);
	assert_string_equal(c.fault, "crash.json: cannot be read: File too large");
}

static void metadata_that_is_a_fifo(void **state)
{
	_cleanup_(crash_done) struct crash c = {};

	temptree_text(&tree, "x/vmcore", "ab");
	assert_int_equal(mkfifoat(tree.fd, "x/crash.json", 0600), 0);
	assert_int_equal(crash_load(tree.fd, "x", &c), 0);
	assert_non_null(c.fault);
	assert_int_equal(c.outcome, CRASH_UNKNOWN);
}

static void list_is_oldest_first(void **state)
{
	struct crash *list;
	size_t n;

	temptree_text(&tree, "20260102T000000Z-00000002/vmcore", "x");
	temptree_text(&tree, "20260101T000000Z-00000003/vmcore", "x");
	temptree_text(&tree, "20260102T000000Z-00000001/crash.json", "garbage");
	temptree_text(&tree, ".hidden/vmcore", "x");
	temptree_text(&tree, "other/file", "x");
	temptree_text(&tree, "file", "x");
	temptree_link(&tree, "loop", "loop");
	assert_int_equal(crash_list(tree.fd, &list, &n), 0);
	assert_int_equal(n, 3);
	assert_string_equal(list[0].name, "20260101T000000Z-00000003");
	assert_string_equal(list[1].name, "20260102T000000Z-00000001");
	assert_non_null(list[1].fault);
	assert_string_equal(list[2].name, "20260102T000000Z-00000002");
	crash_list_free(list, n);
}

static void empty_list(void **state)
{
	struct crash *list = NULL;
	size_t n = 7;

	assert_int_equal(crash_list(tree.fd, &list, &n), 0);
	assert_int_equal(n, 0);
	crash_list_free(list, n);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names),
		TEST(reads_what_it_saved),
		TEST(saves_strange_values),
		TEST(files_are_believed_before_the_json),
		TEST(dump_that_was_deleted_is_told),
		TEST(of_two_parts_the_larger_one_counts),
		TEST(what_is_no_crash),
		TEST(directories_of_captures_that_failed),
		TEST(time_from_the_name),
		TEST(wrong_kinds_are_named_and_passed_over),
		TEST(one_fault_leaves_the_rest),
		TEST(more_steps_than_there_is_room_for),
		TEST(nothing_a_terminal_obeys),
		TEST(damaged_json),
		TEST(deep_nesting),
		TEST(metadata_of_absurd_size),
		TEST(metadata_that_is_a_fifo),
		TEST(list_is_oldest_first),
		TEST(empty_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
