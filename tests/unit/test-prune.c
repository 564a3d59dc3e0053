// SPDX-License-Identifier: GPL-2.0-or-later
/* test-prune.c - which old crashes go, in which order, and what is never touched. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "config/crashdir.h"
#include "config/prune.h"
#include "tests/unit/temptree.h"

#define CRASHES  4
#define DUMP     KIB(64)
#define REST     KIB(8) /* log and crash.json */
#define OURS     "20261123T140501Z-4f2a90c"
#define COMPLETE "{\"outcome\":\"complete\"}"

static struct temptree tree;
static uint64_t free_bytes, used_before;
static char told[1000];

/* Bytes of the files in the crash directories; what hard links lead to is there twice. */
static uint64_t used(void)
{
	uint64_t sum = 0;

	for (const char *c = "0123456789"; *c; c++)
		for (const char *const *f =
		             (const char *const[]){ "vmcore", "vmcore.incomplete", "vmcore.mini",
		                                    "crash.json", "vmcore-dmesg.txt", NULL };
		     *f; f++) {
			char path[64];
			struct stat st;

			snprintf(path, sizeof(path), OURS "%c/%s", *c, *f);
			if (fstatat(tree.fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
				sum += st.st_blocks * 512;
		}
	return sum;
}

/* A file system of 100M that gets back what is deleted. */
static int fake_statvfs(int fd, struct statvfs *ret)
{
	*ret = (struct statvfs){
		.f_frsize = 1024,
		.f_blocks = 100 * 1024,
		.f_bavail = (free_bytes + used_before - used()) / 1024,
	};
	return 0;
}

static void tell(void *arg, const struct pruned *p)
{
	size_t len = strlen(told);

	snprintf(told + len, sizeof(told) - len, "%c %s %llu; ", p->name[strlen(p->name) - 1],
	         p->whole ? "all" : "dump", (unsigned long long)p->size / 1024);
}

static void file(const char *dir, const char *name, const char *text, size_t size)
{
	_cleanup_free_ char *data = calloc(1, size);
	char path[128];

	assert_non_null(data);
	memcpy(data, text, strlen(text));
	/* Behind the JSON are blanks. */
	memset(data + strlen(text), ' ', size - strlen(text));
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	temptree_bytes(&tree, path, data, size);
}

/* A crash with a log, and a dump unless @dump is NULL. */
static void crash(const char *dir, const char *dump, const char *json)
{
	if (dump)
		file(dir, dump, "core", DUMP);
	file(dir, "vmcore-dmesg.txt", "log", KIB(4));
	file(dir, "crash.json", json, KIB(4));
}

static int setup(void **state)
{
	temptree_make(&tree);
	crash(OURS "0", "vmcore", COMPLETE);
	crash(OURS "1", "vmcore.incomplete", "{}");
	crash(OURS "2", "vmcore", COMPLETE);
	crash(OURS "3", "vmcore.mini", "{}");
	used_before = used();
	free_bytes = MIB(50);
	told[0] = '\0';
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	return 0;
}

/* One letter for each crash: D with its dump, l just the log, - gone. */
static void look(char ret[CRASHES + 1])
{
	for (size_t i = 0; i < CRASHES; i++) {
		_cleanup_(crash_done) struct crash c = {};
		char name[64];

		snprintf(name, sizeof(name), OURS "%zu", i);
		ret[i] = crash_load(tree.fd, name, &c) < 0 ? '-' : c.dump ? 'D' : 'l';
		if (ret[i] == 'l')
			assert_int_equal(c.outcome, CRASH_DMESG_ONLY);
	}
	ret[CRASHES] = '\0';
}

static void oldest_first_and_dumps_before_logs(void **state)
{
	static const struct {
		uint64_t left, max_use, max_dumps, need; /* KiB; @left beside KeepFree= */
		int64_t lack;                            /* KiB; more negative than @left */
		const char *expected;
		uint64_t still; /* KiB that are lacking afterwards */
	} rows[] = {
		{ .left = 100, .expected = "DDDD" },
		/* Less is free than has to be. */
		{ .lack = 4, .expected = "lDDD" },
		{ .lack = 64, .expected = "lDDD" },
		{ .lack = 68, .expected = "llDD" },
		/* The newest complete one and the newest one stay. */
		{ .lack = 128 + 8, .expected = "-lDD" },
		{ .lack = 128 + 16, .expected = "--DD" },
		/* Logs would not be enough. */
		{ .lack = 128 + 20, .expected = "llDD", .still = 20 },
		{ .left = 100, .max_dumps = 4, .expected = "DDDD" },
		{ .left = 100, .max_dumps = 3, .expected = "lDDD" },
		{ .left = 100, .max_dumps = 1, .expected = "llDD" },
		{ .left = 100, .max_use = 4 * 72, .expected = "DDDD" },
		{ .left = 100, .max_use = 4 * 72 - 1, .expected = "lDDD" },
		{ .left = 100, .max_use = 4 * 72 - 128, .expected = "llDD" },
		{ .left = 100, .max_use = 4 * 72 - 136, .expected = "-lDD" },
		/* A dump comes: the newest complete one stays until then. */
		{ .left = 100, .need = 100, .expected = "DDDD" },
		{ .left = 100, .need = 101, .expected = "lDDD" },
		{ .left = 100, .need = 100 + 192, .expected = "llDl" },
		{ .left = 100, .need = 100 + 192 + 8, .expected = "-lDl" },
		{ .left = 100, .need = 1000, .expected = "llDl", .still = 1000 - 100 - 192 },
		/* It then goes, and is not counted beside the new one. */
		{ .left = 100, .need = 1, .max_dumps = 4, .expected = "DDDD" },
		{ .left = 100, .need = 1, .max_dumps = 2, .expected = "llDD" },
		{ .left = 100, .need = 1, .max_dumps = 1, .expected = "llDl" },
		{ .left = 100, .need = 72, .max_use = 4 * 72, .expected = "lDDD" },
		{ .left = 100, .need = 64, .max_use = 4 * 72, .expected = "DDDD" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct capture_settings s = { .keep_free = MIB(1),
			                      .max_use = rows[i].max_use * 1024,
			                      .max_dumps = rows[i].max_dumps };
		const struct prune_request req = { .settings = &s,
			                           .need = rows[i].need * 1024,
			                           .fstatvfs = fake_statvfs };
		struct prune_request only_look = req;
		struct prune_result planned, done;
		char found[CRASHES + 1];

		check_case("row %zu", i);
		teardown(NULL);
		setup(NULL);
		assert_int_equal(used_before, CRASHES * (DUMP + REST));
		free_bytes = MIB(1) + (rows[i].left - rows[i].lack) * 1024;
		only_look.only_look = true;
		assert_int_equal(prune(tree.fd, &only_look, &planned), 0);
		look(found);
		assert_string_equal(found, "DDDD");
		assert_int_equal(prune(tree.fd, &req, &done), 0);
		look(found);
		assert_string_equal(found, rows[i].expected);
		assert_memory_equal(&planned, &done, sizeof(done));
		assert_int_equal(done.lack, rows[i].still * 1024);
		assert_int_equal(done.size, used_before - used());
	}
}

/* What has just been saved stays, whatever the clock was. */
static void newest_is_not_always_the_last(void **state)
{
	const struct capture_settings s = { .keep_free = MIB(1), .max_dumps = 1 };
	const struct prune_request req = { .settings = &s,
		                           .newest = OURS "0",
		                           .fstatvfs = fake_statvfs };
	struct prune_result result;
	char found[CRASHES + 1];

	assert_int_equal(prune(tree.fd, &req, &result), 0);
	look(found);
	assert_string_equal(found, "Dlll");
	assert_int_equal(result.dumps, 1);
}

static void what_is_deleted_is_told(void **state)
{
	const struct capture_settings s = { .keep_free = MIB(1) };
	const struct prune_request req = { .settings = &s,
		                           .except = OURS "3",
		                           .need = DUMP + REST + 1,
		                           .tell = tell,
		                           .fstatvfs = fake_statvfs };
	struct prune_result result;

	free_bytes = MIB(1) - DUMP;
	assert_int_equal(prune(tree.fd, &req, &result), 0);
	assert_string_equal(told, "0 dump 64; 1 dump 64; 0 all 8; 1 all 8; ");
	assert_int_equal(result.left, REST + DUMP + REST);
	assert_int_equal(result.dumps, 0);
	assert_int_equal(result.use, REST);
}

static void automatic_limit(void **state)
{
	const struct capture_settings s = {}, fixed = { .keep_free = 5000 };
	const struct statvfs small = { .f_frsize = 4096, .f_blocks = 1000, .f_bavail = 51 },
			     large = { .f_frsize = 4096, .f_blocks = 1 << 30 };

	assert_int_equal(prune_keep_free(&s, 1000 * 4096), 50 * 4096);
	assert_int_equal(prune_left(&s, &small), 4096);
	assert_int_equal(prune_keep_free(&s, UINT64_C(1) << 42), MIB(1024));
	assert_int_equal(prune_left(&s, &large), 0);
	assert_int_equal(prune_keep_free(&fixed, 1000 * 4096), 5000);
}

static void check_same(const char *path)
{
	if (!temptree_exists(&tree, path))
		fail_msg("%s is gone", path);
}

/* Nothing that is not ours goes, whatever it is called. */
static void others_are_left_alone(void **state)
{
	static const char *const stay[] = {
		"outside/vmcore",       "outside/notes",
		"20261123T1405/vmcore", "backup/vmcore",
		OURS "3x/vmcore",       OURS "4/vmcore",
		OURS "5/vmcore/vmcore", OURS "5/vmcore-dmesg.txt",
		OURS "6/notes",         OURS "6/vmcore-dmesg.txt",
		OURS "7/vmcore",        OURS "7/vmcore-dmesg.txt",
		OURS "8/vmcore",        "linked",
	};
	const struct capture_settings s = { .keep_free = MIB(1), .max_dumps = 1, .max_use = 1 };
	const struct prune_request req = { .settings = &s, .fstatvfs = fake_statvfs };
	const struct capture_settings logs = { .keep_free = MIB(1) };
	const struct prune_request more = { .settings = &logs, .fstatvfs = fake_statvfs };
	struct prune_result result;

	crash("outside", "vmcore", COMPLETE);
	file("outside", "notes", "x", 10);
	crash("20261123T1405", "vmcore", COMPLETE);
	crash("backup", "vmcore", COMPLETE);
	crash(OURS "3x", "vmcore", COMPLETE);
	/* Others may change what is there. */
	crash(OURS "4", "vmcore", COMPLETE);
	assert_int_equal(fchmodat(tree.fd, OURS "4", 0777, 0), 0);
	/* A directory where the dump should be, and a FIFO for the log. */
	file(OURS "5/vmcore", "vmcore", "core", DUMP);
	assert_int_equal(mkfifoat(tree.fd, OURS "5/vmcore-dmesg.txt", 0600), 0);
	/* Of a crash with notes of somebody only the dump can go. */
	crash(OURS "6", "vmcore", COMPLETE);
	file(OURS "6", "notes", "x", 10);
	/* Links to files and to a directory. */
	crash(OURS "7", NULL, "{}");
	temptree_link(&tree, OURS "7/vmcore", "../outside/vmcore");
	temptree_link(&tree, OURS "8", "outside");
	/* The name goes, and the file stays where else it is. */
	crash(OURS "9", "vmcore.incomplete", "{}");
	assert_int_equal(linkat(tree.fd, OURS "9/vmcore.incomplete", tree.fd, "linked", 0), 0);
	crash("20261124T140501Z-4f2a90c1", "vmcore", COMPLETE);
	free_bytes = 0;
	assert_int_equal(prune(tree.fd, &req, &result), 0);
	/* 0, 1, 2, 3 and 6. */
	assert_int_equal(result.size, 5 * DUMP);
	/* Then those directories that have nothing else. */
	used_before = used();
	free_bytes = MIB(1) - 5 * REST;
	assert_int_equal(prune(tree.fd, &more, &result), 0);
	assert_false(temptree_exists(&tree, OURS "0"));
	assert_false(temptree_exists(&tree, OURS "9"));
	for (size_t i = 0; i < ARRAY_SIZE(stay); i++)
		check_same(stay[i]);
	assert_false(temptree_exists(&tree, OURS "6/vmcore"));
	check_same("20261124T140501Z-4f2a90c1/vmcore");
}

/* Only root can make such a file. */
static void files_of_others_stay(void **state)
{
	const struct capture_settings s = { .keep_free = MIB(1), .max_dumps = 1 };
	const struct prune_request req = { .settings = &s, .fstatvfs = fake_statvfs };
	struct prune_result result;

	if (geteuid() != 0 || fchownat(tree.fd, OURS "0/vmcore", 65534, 65534, 0) < 0)
		skip();
	free_bytes = MIB(1) - 2 * DUMP - REST;
	assert_int_equal(prune(tree.fd, &req, &result), 0);
	check_same(OURS "0/vmcore");
	check_same(OURS "0/vmcore-dmesg.txt");
	assert_false(temptree_exists(&tree, OURS "1/vmcore.incomplete"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(oldest_first_and_dumps_before_logs),
		TEST(newest_is_not_always_the_last),
		TEST(what_is_deleted_is_told),
		TEST(automatic_limit),
		TEST(others_are_left_alone),
		TEST(files_of_others_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
