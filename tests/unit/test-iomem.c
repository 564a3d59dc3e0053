// SPDX-License-Identifier: GPL-2.0-or-later
/* test-iomem.c - memory and processors as /proc and /sys show them. */
#include <errno.h>

#include "system/cpus.h"
#include "system/iomem.h"
#include "system/procfile.h"
#include "tests/unit/temptree.h"

static void finds_entries_by_name_and_depth(void **state)
{
	const struct temptree *t = *state;
	_cleanup_free_ struct iomem_range *list = NULL, *inner = NULL;
	size_t n, n_inner;

	temptree_text(t, "proc/iomem",
	              "00000000-00000fff : Reserved\n"
	              "00001000-0009fbff : System RAM\n"
	              "00100000-7ffd9fff : System RAM\n"
	              "  01000000-01ffffff : Kernel code\n"
	              "  66000000-71ffffff : Crash kernel\n"
	              "100000000-13fffffff : System RAM\n"
	              "140000000-17fffffff : System RAM (kmem)\n"
	              "  140000000-17fffffff : System RAM\n"
	              "180000000-1bfffffff : System RAM (virtio_mem)\n");
	assert_int_equal(iomem_read(t->fd, "System RAM", 0, &list, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(list[0].start, 0x1000);
	assert_int_equal(list[0].end, 0x9fc00);
	assert_int_equal(list[2].start, 0x100000000);
	assert_int_equal(list[2].end, 0x140000000);
	assert_int_equal(iomem_read(t->fd, "Crash kernel", 1, &inner, &n_inner), 0);
	assert_int_equal(n_inner, 1);
	assert_int_equal(inner[0].start, 0x66000000);
}

static void tells_when_addresses_are_hidden(void **state)
{
	const struct temptree *t = *state;
	struct iomem_range *list;
	size_t n;

	temptree_text(t, "proc/iomem", "00000000-00000000 : System RAM\n");
	assert_fails(iomem_read(t->fd, "System RAM", 0, &list, &n), -EACCES, "only root");
}

static void counts_processors(void **state)
{
	static const struct {
		const char *list;
		uint64_t n;
	} good[] = { { "0\n", 1 }, { "0-3\n", 4 }, { "0,2-3,8-11\n", 7 } };
	static const char *const bad[] = { "\n", "3-1\n", "0-\n", "x\n", "0;1\n", "0 1\n" };
	const struct temptree *t = *state;
	uint64_t n, apicid;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		temptree_text(t, "sys/devices/system/cpu/online", good[i].list);
		assert_int_equal(cpus_read(t->fd, &n, &apicid), 0);
		assert_int_equal(n, good[i].n);
		assert_int_equal(apicid, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		temptree_text(t, "sys/devices/system/cpu/online", bad[i]);
		assert_fails(cpus_read(t->fd, &n, &apicid), -EBADMSG, "instead of a list of CPUs");
	}
	temptree_text(t, "sys/devices/system/cpu/online", "0-1\n");
	temptree_text(t, "proc/cpuinfo",
	              "processor\t: 0\napicid\t\t: 4\ninitial apicid\t: 4\n\n"
	              "processor\t: 1\napicid\t\t: 5\ninitial apicid\t: 5\n");
	assert_int_equal(cpus_read(t->fd, &n, &apicid), 0);
	assert_int_equal(apicid, 4);
}

static void reads_amounts_of_memory(void **state)
{
	const struct temptree *t = *state;
	uint64_t bytes = 1;

	temptree_text(
		t, "proc/meminfo",
		"SwapMemFree:  9 kB\nMemFreeMax: 8 kB\nMemFree:       123456 kB\nHugePages: 7\n");
	temptree_text(t, "proc/self/status", "Name:\tVmData: 5 kB\nVmData:\t     388 kB\n");
	assert_int_equal(procfile_bytes(t->fd, "/proc/meminfo", "MemFree", &bytes), 0);
	assert_int_equal(bytes, 123456 * 1024);
	assert_int_equal(procfile_bytes(t->fd, "/proc/self/status", "VmData", &bytes), 0);
	assert_int_equal(bytes, 388 * 1024);
	bytes = 1;
	assert_fails(procfile_bytes(t->fd, "/proc/meminfo", "MemTotal", &bytes), -EBADMSG,
	             "/proc/meminfo: has no MemTotal");
	assert_fails(procfile_bytes(t->fd, "/proc/meminfo", "HugePages", &bytes), -EBADMSG,
	             "/proc/meminfo: has no HugePages");
	assert_fails(procfile_bytes(t->fd, "/proc/vmstat", "MemFree", &bytes), -ENOENT,
	             "/proc/vmstat: No such file");
	assert_int_equal(bytes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_entries_by_name_and_depth, temptree_setup,
		                                temptree_teardown),
		cmocka_unit_test_setup_teardown(tells_when_addresses_are_hidden, temptree_setup,
		                                temptree_teardown),
		cmocka_unit_test_setup_teardown(reads_amounts_of_memory, temptree_setup,
		                                temptree_teardown),
		cmocka_unit_test_setup_teardown(counts_processors, temptree_setup,
		                                temptree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
