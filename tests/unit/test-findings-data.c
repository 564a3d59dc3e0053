// SPDX-License-Identifier: GPL-2.0-or-later
/* test-findings-data.c - each rule that looks at the kernel's data finds what fits, and how
 * findings are told. */
#include "tests/unit/crashed.h"
#include "tests/unit/findbox.h"
#include "tests/unit/schema.h"

#define LOCK_A AT(0x60008)
#define LOCK_B AT(0x60010)

/* The crashed machine with this log, whose waits and memory a test then makes up. */
static struct report *crash_with(struct crashed *f, const char *lines)
{
	struct report *r;

	synth_log_init(&f->log, &f->m, 6, 14);
	findbox_log(&f->log, lines);
	r = crashed_report(f);
	waits_done(&r->waits);
	return r;
}

/* Puts a copy of @waits, which stand in the order of the tasks, into the report. */
static struct wait *set_waits(struct report *r, const struct wait *waits, size_t n)
{
	r->waits.list = calloc(n, sizeof(*waits));
	r->waits.locks = calloc(n, sizeof(*r->waits.locks));
	r->waits.cycles = calloc(n, sizeof(*r->waits.cycles));
	assert_true(r->waits.list && r->waits.locks && r->waits.cycles);
	memcpy(r->waits.list, waits, n * sizeof(*waits));
	r->waits.n = n;
	for (size_t i = 0; i < n; i++)
		if (waits[i].lock)
			r->waits.locks[r->waits.n_locks++] =
				(struct waited_lock){ .wait = &r->waits.list[i], .n = 1 };
	return r->waits.list;
}

static void tasks_in_a_circle(void **state)
{
	struct report *r = crash_with(*state, "70 Linux\n");
	const struct task *t = r->tasks.list;
	struct findings found;
	struct wait *list =
		set_waits(r,
	                  (const struct wait[]){
				  { &t[2], WAIT_MUTEX, true, LOCK_A, &t[5], .cycle = 1 },
				  { &t[5], WAIT_MUTEX, true, LOCK_B, &t[2], .cycle = 1 },
				  { &t[7], WAIT_MUTEX, true, LOCK_B, &t[2] },
			  },
	                  3);

	list[0].next = list[2].next = &list[1];
	list[1].next = &list[0];
	list[2].next = &list[0];
	r->waits.cycles[r->waits.n_cycles++] = &list[0];
	findings_make(r, &found);
	assert_int_equal(found.n, 1);
	findbox_check(&found, "deadlock", FINDING_CERTAIN, "in a circle. 1 more waits behind them.",
	              "systemd (1) waits for crash_notes+0x0/0x8, waits (71) waits for "
	              "tainted_mask+0x0/0x8",
	              "");

	/* A guess is not certain. */
	list[1].sure = false;
	findings_make(r, &found);
	findbox_check(&found, "deadlock", FINDING_LIKELY, "in a circle", "systemd (1)", "");
}

static void lock_that_many_wait_for(void **state)
{
	struct report *r = crash_with(*state, "70 INFO: task waits:71 blocked for more than 120 "
	                                      "seconds.\n"
	                                      "70 Kernel panic - not syncing: hung_task: blocked "
	                                      "tasks\n");
	struct task *t = r->tasks.list;
	struct findings found;
	struct wait *list = set_waits(r,
	                              (const struct wait[]){
					      { &t[5], WAIT_MUTEX, true, LOCK_A, &t[4] },
					      { &t[7], WAIT_MUTEX, true, LOCK_B, &t[5] },
				      },
	                              2);

	list[1].next = &list[0];
	findings_make(r, &found);
	assert_int_equal(found.n, 1);
	findbox_check(&found, "lock", FINDING_CERTAIN,
	              "2 tasks have waited 90061 s for a lock of crash\\x1b\303\251r (70), which "
	              "ran on CPU 1.",
	              "mutex crash_notes+0x0/0x8, wanted by waits (71) among others", "");

	/* Readers of a semaphore may have released it. */
	list[0].shared = true;
	findings_make(r, &found);
	findbox_check(&found, "lock", FINDING_HINT, "2 tasks have waited", "mutex crash_notes", "");

	list[0].owner = NULL;
	list[0].gone = TASK(20);
	findings_make(r, &found);
	findbox_check(&found, "lock", FINDING_CERTAIN,
	              "A task ended while it held a lock; 2 tasks have waited", "crash_notes", "");

	/* Nobody holds it, or it was taken just now. */
	list[0].gone = 0;
	findings_make(r, &found);
	assert_int_equal(found.n, 0);
	list[0].owner = &t[4];
	t[5].last_run = t[5].arrived = t[7].last_run = t[7].arrived = tasks_clock(&r->tasks);
	findings_make(r, &found);
	assert_int_equal(found.n, 0);
}

static void io_that_tasks_wait_for(void **state)
{
	struct report *r = crash_with(*state, "70 nvme nvme0: I/O 22 QID 3 timeout, aborting\n");
	struct task *t = r->tasks.list;
	struct findings found;

	set_waits(r, (const struct wait[]){ { &t[5], WAIT_IO } }, 1);
	findings_make(r, &found);
	findbox_check(
		&found, "no_answer", FINDING_CERTAIN,
		"I/O of nvme0 did not come back: 1 task waits for it, waits (71) for 90061 s.",
		"QID 3 timeout", "");

	r->n_records = 0;
	findings_make(r, &found);
	assert_int_equal(found.n, 1);
	findbox_check(&found, "no_answer", FINDING_HINT, "1 task waits for I/O", "waits (71)", "");

	t[5].last_run = t[5].arrived = tasks_clock(&r->tasks);
	findings_make(r, &found);
	assert_int_equal(found.n, 0);
}

static void cpu_that_runs_one_task(void **state)
{
	struct report *r =
		crash_with(*state, "70 watchdog: BUG: soft lockup - CPU#1 stuck for 26s! "
	                           "[crasher:70]\n"
	                           "70 Kernel panic - not syncing: softlockup: hung "
	                           "tasks\n");
	struct findings found;

	findings_make(r, &found);
	assert_int_equal(found.n, 1);
	findbox_check(&found, "busy_cpu", FINDING_CERTAIN,
	              "CPU 1 ran crash\\x1b\303\251r (70) for 90061 s and let no other task run.",
	              "2 tasks want to run on it; it is in _stext+0x30/0x40", "");

	/* Another crash, which it writes the log of; an idle one; one with nothing else to do. */
	r->records[0].len = 0;
	memset(strstr(r->log, "watchdog"), ' ', strlen("watchdog: BUG: soft lockup"));
	memset(strstr(r->log, "softlockup"), 'x', strlen("softlockup"));
	findings_make(r, &found);
	assert_int_equal(found.n, 0);
	r->tasks.panic_cpu = -1;
	findings_make(r, &found);
	findbox_check(&found, "busy_cpu", FINDING_LIKELY, "CPU 1 ran crash\\x1b\303\251r (70)",
	              "2 tasks", "");
	r->tasks.cpus[1].n_running = 1;
	findings_make(r, &found);
	assert_int_equal(found.n, 0);
	r->tasks.cpus[1].n_running = 2;
	r->tasks.cpus[1].current = r->tasks.cpus[1].idle;
	findings_make(r, &found);
	assert_int_equal(found.n, 0);
}

static void cpu_that_rcu_waits_for(void **state)
{
	struct report *r = crash_with(*state, "70 rcu: INFO: rcu_preempt detected stalls on "
	                                      "CPUs/tasks:\n"
	                                      "70 rcu: \t1-....: (1 GPs behind) idle=6c4/1/0x4000\n"
	                                      "70 Kernel panic - not syncing: RCU Stall\n");
	struct findings found;

	findings_make(r, &found);
	findbox_check(&found, "rcu_stall", FINDING_CERTAIN,
	              "waited for CPU 1, which ran crash\\x1b\303\251r (70).", "1-....", "");
}

static void set_memory(struct report *r, uint64_t available, const char *name, uint64_t value)
{
	r->meminfo = (struct meminfo){
		.n = 3,
		.rows = { { "MemTotal", 1000000 }, { "MemAvailable", available }, { name, value } }
	};
}

static void memory_and_who_has_it(void **state)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
		{ "Slab", "slab caches had 585.9M of 976.5M." },
		{ "PageTables", "page tables had" },
		{ "Hugetlb", "reserved huge pages had" },
		{ "Shmem", "shared memory and tmpfs had" },
		{ "VmallocUsed", "vmalloc had" },
		{ "Dirty", "nobody alone had much of it." },
	};
	struct report *r = crash_with(*state, "70 Kernel panic - not syncing: Out of memory: "
	                                      "system-wide panic_on_oom is enabled\n");
	struct slab_cache cache = { .name = "dentry", .bytes = 650000 * UINT64_C(1024) };
	struct rss rss = { .task = 4, .anon = 700000 * UINT64_C(1024) }, *by_size = &rss;
	struct findings found;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		set_memory(r, 500, rows[i].name, 600000);
		findings_make(r, &found);
		findbox_check(&found, "out_of_memory", FINDING_CERTAIN, rows[i].text,
		              "MemAvailable 500 kB of MemTotal 1000000 kB", "");
	}
	slabs_done(&r->slabs);
	rss_done(&r->rss);
	r->slabs = (struct slabs){ .list = &cache, .n = 1, .counted = true };
	findings_make(r, &found);
	findbox_check(&found, "out_of_memory", FINDING_CERTAIN, "the slab cache dentry had",
	              "500 kB", "");
	r->rss = (struct rss_list){ .list = &rss, .by_size = &by_size, .n = 1 };
	findings_make(r, &found);
	findbox_check(&found, "out_of_memory", FINDING_CERTAIN,
	              "process crash\\x1b\303\251r (70) had", "500 kB", "");

	set_memory(r, 500000, "Slab", 1);
	findings_make(r, &found);
	findbox_check(&found, "out_of_memory", FINDING_LIKELY, "within a limit", "500000 kB", "");

	/* Without the panic it is told when there is none left. */
	r->n_records = 0;
	free(r->log);
	r->log = NULL;
	findings_make(r, &found);
	assert_int_equal(found.n, 0);
	set_memory(r, 500, "Slab", 1);
	findings_make(r, &found);
	findbox_check(&found, "out_of_memory", FINDING_HINT,
	              "nearly exhausted: process crash\\x1b\303\251r (70) had", "500 kB", "");
	r->slabs = (struct slabs){};
	r->rss = (struct rss_list){};
}

static void memory_of_nobody_alone(void **state)
{
	struct report *r = crash_with(*state, "70 Kernel panic - not syncing: Out of memory: "
	                                      "system-wide panic_on_oom is enabled\n");
	struct findings found;

	r->meminfo = (struct meminfo){ .n = 6,
		                       .rows = { { "MemTotal", 1000000 },
		                                 { "MemAvailable", 500 },
		                                 { "MemFree", 20000 },
		                                 { "Cached", 30000 },
		                                 { "AnonPages", 200000 },
		                                 { "Slab", 50000 } } };
	findings_make(r, &found);
	findbox_check(&found, "out_of_memory", FINDING_CERTAIN,
	              "pages that no counter tells of, like those of drivers, had 683.5M", "500 kB",
	              "");
	/* The panic is not the only sign. */
	memset(strstr(r->log, "Kernel panic"), ' ', strlen("Kernel panic"));
	memcpy(strstr(r->log, "- not"), "Out of memory: Killed process 7", 31);
	findings_make(r, &found);
	findbox_check(&found, "out_of_memory", FINDING_LIKELY, "Memory was exhausted: pages",
	              "Killed process 7", "");
	r->meminfo.rows[4].value = 800000;
	findings_make(r, &found);
	findbox_check(&found, "out_of_memory", FINDING_LIKELY, "all processes together had 781.2M",
	              "Killed process 7", "");
}

/* --- How they are told ----------------------------------------------------------------------- */

static void findings_are_told(void **state)
{
	struct crashed *f = *state;

	crash_with(f, "70 Kernel panic - not syncing: VFS: Unable to mount root fs on sda\n");
	crashed_write(f);
	crashed_check(f,
	              "root=/dev/vda quiet\n\nFindings\n  certain  The kernel had no root file "
	              "system: its driver, root= or the initrd is missing or wrong. (Kernel panic "
	              "- not syncing: VFS: Unable to mount root fs on sda)\n\nCPUs\n");
	schema_check_report(f->report, "findings");
}

static void no_findings_are_not_told(void **state)
{
	struct crashed *f = *state;

	crash_with(f, "70 Kernel panic - not syncing: no more tests\n");
	crashed_write(f);
	assert_null(strstr(f->text, "Findings"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, crashed_setup, crashed_teardown)
		TEST(tasks_in_a_circle),        TEST(lock_that_many_wait_for),
		TEST(io_that_tasks_wait_for),   TEST(cpu_that_runs_one_task),
		TEST(cpu_that_rcu_waits_for),   TEST(memory_and_who_has_it),
		TEST(memory_of_nobody_alone),   TEST(findings_are_told),
		TEST(no_findings_are_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
