// SPDX-License-Identifier: GPL-2.0-or-later
/* test-limit.c - how long a capture may take. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/image/limit.h"
#include "tests/unit/temptree.h"

static void check(const struct temptree *t, uint64_t gigabytes, uint64_t seconds)
{
	char map[256];

	snprintf(map, sizeof(map),
	         "00000000-00000fff : Reserved\n00001000-00000fff : System RAM\n"
	         "%08llx-%08llx : System RAM\n  01000000-08ffffff : Crash kernel\n",
	         1ULL << 20, (1ULL << 20) + gigabytes * 1000000000ULL - 1);
	temptree_text(t, "proc/iomem", map);
	assert_int_equal(limit_of_capture(t->fd, "/var/crash"), seconds);
}

static void it_grows_with_the_memory(void **state)
{
	struct temptree t;

	temptree_make(&t);
	assert_int_equal(limit_of_capture(t.fd, "/var/crash"), 30 * 60);
	temptree_text(&t, "proc/iomem", "00000000-00000000 : System RAM\n");
	assert_int_equal(limit_of_capture(t.fd, "/var/crash"), 30 * 60);
	check(&t, 2, 5 * 60);
	check(&t, 7, 5 * 60);
	check(&t, 9, 6 * 60);
	check(&t, 64, 43 * 60);
	check(&t, 360, 4 * 3600);
	check(&t, 4000, 4 * 3600);
	temptree_remove(&t);
}

/* A crash with a dump of @megabytes that took so many seconds to write. */
static void add_crash(const struct temptree *t, unsigned number, const char *outcome,
                      uint64_t megabytes, double seconds)
{
	char path[96], json[256];
	uint64_t size = megabytes * 1000000;
	int fd;

	snprintf(path, sizeof(path), "var/crash/20261123T1405%02uZ-4f2a90c1/vmcore", number);
	temptree_text(t, path, "");
	fd = openat(t->fd, path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
	snprintf(strrchr(path, '/'), 16, "/crash.json");
	snprintf(json, sizeof(json),
	         "{\"outcome\":\"%s\",\"vmcore_size\":%llu,\"steps\":["
	         "{\"name\":\"vmcore\",\"seconds\":%f},{\"name\":\"verify\",\"seconds\":1}]}",
	         outcome, (unsigned long long)size, seconds - 1);
	temptree_text(t, path, json);
	*strrchr(path, '/') = '\0';
	assert_int_equal(fchmodat(t->fd, path, 0700, 0), 0);
}

static void it_grows_with_a_slow_disk(void **state)
{
	struct temptree t;

	temptree_make(&t);
	check(&t, 9, 6 * 60);
	/* As fast as is assumed, and faster; begun, but not finished; over in no time. */
	add_crash(&t, 10, "complete", 500, 20);
	add_crash(&t, 11, "complete", 500, 5);
	add_crash(&t, 12, "incomplete", 10, 20);
	add_crash(&t, 13, "complete", 1, 1.5);
	check(&t, 9, 6 * 60);
	add_crash(&t, 14, "complete", 100, 20);
	check(&t, 9, 30 * 60);
	check(&t, 2, 7 * 60);
	add_crash(&t, 15, "complete", 500, 5);
	check(&t, 9, 30 * 60);
	add_crash(&t, 16, "complete", 1, 1000);
	check(&t, 9, 4 * 3600);
	/* The old ones say nothing of the disk that is there now. */
	for (unsigned i = 20; i < 25; i++)
		add_crash(&t, i, "complete", 500, 5);
	check(&t, 9, 6 * 60);
	temptree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_grows_with_the_memory),
		cmocka_unit_test(it_grows_with_a_slow_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
