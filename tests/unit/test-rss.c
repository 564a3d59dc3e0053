// SPDX-License-Identifier: GPL-2.0-or-later
/* test-rss.c - the memory of processes that never were. */
#include <errno.h>

#include "tests/unit/schema.h"
#include "tests/unit/synth-kernel.h"
#include "vmcore/report/rss.h"

#define AT(offset) SYNTH_VA(SYNTH_DATA + (offset))
#define MM(n)      AT((n)*0x100)
#define SIGNAL(n)  AT(0x2000 + (n)*0x40)
#define PARTS      AT(0x3000)

/* Offsets in struct mm_struct and signal_struct. */
enum {
	TOTAL_VM = 0,
	TABLES = 8,
	RSS = 16,
	COUNTER = 24, /* sizeof struct percpu_counter */
	COUNT = 8,
	COUNTERS = 16,
	SCORE = 10,
};

/* As the kernel numbers them here, which is not its own order. */
static const char *const kinds[] = { "MM_SWAPENTS", "MM_FILEPAGES", "MM_SHMEMPAGES", "MM_ANONPAGES",
	                             NULL };
#define KINDS 4

/* Pages; parts that the two CPUs have of each count are 10 and -3 where there are any. */
static const struct {
	int64_t counts[KINDS];
	uint64_t total_vm, tables;
	int score;
} mms[] = {
	{ { 5, 100, 20, 300 }, 2000, 8192, 0 },
	{ { 0, 900, 0, 100 }, 9000, 4096, -1000 },
	{ { 0, -20, -7, -8 }, 1, 0, 999 }, /* CPUs were ahead of each other */
};

/* The kernel thread has none, the second process a thread, and two share one memory. */
static struct task all[] = {
	{ .tgid = 2 },
	{ .tgid = 10, .mm = MM(0), .signal = SIGNAL(0) },
	{ .tgid = 20, .mm = MM(1), .signal = SIGNAL(1) },
	{ .tgid = 20, .mm = MM(1), .signal = SIGNAL(1) },
	{ .tgid = 30, .mm = MM(2), .signal = SIGNAL(2) },
	{ .tgid = 40, .mm = MM(0), .signal = SIGNAL(1) },
};
static const struct tasks tasks = { .list = all, .n = ARRAY_SIZE(all) };

struct fixture {
	struct synth_kernel k;
	struct rss_list rss;
};

static void put_types(struct fixture *f, bool parts)
{
	struct synth_kernel *k = &f->k;
	uint32_t counter, rss, s16 = synth_btf_int(&k->btf, "short", 2);

	if (parts) {
		counter = synth_kernel_struct(
			k, "percpu_counter", COUNTER,
			(struct synth_field[]){ { "count", k->u64, COUNT },
		                                { "counters", k->pointer, COUNTERS },
		                                {} });
		rss = synth_btf_array(&k->btf, counter, KINDS);
	} else {
		rss = synth_kernel_struct(
			k, "mm_rss_stat", 8 * KINDS,
			(struct synth_field[]){
				{ "count", synth_btf_array(&k->btf, k->u64, KINDS), 0 }, {} });
	}
	synth_kernel_struct(k, "mm_struct", 256,
	                    (struct synth_field[]){ { "total_vm", k->u64, TOTAL_VM },
	                                            { "pgtables_bytes", k->u64, TABLES },
	                                            { "rss_stat", rss, RSS },
	                                            {} });
	synth_kernel_struct(k, "signal_struct", 64,
	                    (struct synth_field[]){ { "oom_score_adj", s16, SCORE }, {} });
	synth_kernel_enum(k, NULL, kinds);
}

static void put_mm(struct fixture *f, unsigned n, bool parts)
{
	struct synth_kernel *k = &f->k;

	synth_kernel_put(k, MM(n) + TOTAL_VM, mms[n].total_vm, 8);
	synth_kernel_put(k, MM(n) + TABLES, mms[n].tables, 8);
	synth_kernel_put(k, SIGNAL(n) + SCORE, (uint16_t)mms[n].score, 2);
	for (unsigned i = 0; i < KINDS; i++) {
		uint64_t part = PARTS + (n * KINDS + i) * 4;

		if (!parts) {
			synth_kernel_put(k, MM(n) + RSS + 8 * i, mms[n].counts[i], 8);
			continue;
		}
		synth_kernel_put(k, MM(n) + RSS + COUNTER * i + COUNT, mms[n].counts[i], 8);
		synth_kernel_put(k, MM(n) + RSS + COUNTER * i + COUNTERS, part, 8);
		synth_kernel_put(k, part + SYNTH_CPU_OFFSET(0), 10, 4);
		synth_kernel_put(k, part + SYNTH_CPU_OFFSET(1), (uint32_t)-3, 4);
	}
}

static void put_all(struct fixture *f, bool parts)
{
	put_types(f, parts);
	for (unsigned n = 0; n < ARRAY_SIZE(mms); n++)
		put_mm(f, n, parts);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_kernel_init(&f->k);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	rss_done(&f->rss);
	synth_kernel_done(&f->k);
	free(f);
	return 0;
}

static uint64_t bytes(int64_t pages)
{
	return pages > 0 ? (uint64_t)pages * 4096 : 0;
}

static void check(struct fixture *f, int64_t part)
{
	/* By size, which is 420, 1000 and nothing. */
	static const unsigned order[] = { 1, 0, 2 };
	static const size_t first[] = { 2, 1, 4 }, users[] = { 2, 2, 1 };
	const struct rss_list *l = &f->rss;

	assert_int_equal(rss_read(synth_kernel_open(&f->k), &tasks, &f->rss), 0);
	assert_string_equal(l->remark, "");
	assert_int_equal(l->n, ARRAY_SIZE(mms));
	for (size_t i = 0; i < l->n; i++) {
		const struct rss *r = l->by_size[i];
		unsigned n = order[i];

		assert_int_equal(r->mm, MM(n));
		assert_int_equal(r->task, first[i]);
		assert_int_equal(r->tasks, users[i]);
		assert_int_equal(r->swap, bytes(mms[n].counts[0] + part));
		assert_int_equal(r->file, bytes(mms[n].counts[1] + part));
		assert_int_equal(r->shmem, bytes(mms[n].counts[2] + part));
		assert_int_equal(r->anon, bytes(mms[n].counts[3] + part));
		assert_int_equal(rss_total(r), r->file + r->shmem + r->anon);
		assert_int_equal(r->mapped, bytes(mms[n].total_vm));
		assert_int_equal(r->tables, mms[n].tables);
		assert_int_equal(r->oom_score_adj, mms[n].score);
	}
	assert_null(rss_of(l, &all[0]));
	for (size_t i = 1; i < ARRAY_SIZE(all); i++)
		assert_int_equal(rss_of(l, &all[i])->mm, all[i].mm);
}

static void counters_with_parts(void **state)
{
	put_all(*state, true);
	check(*state, 7);
}

/* Up to Linux 6.1. */
static void members_are_described(void **state)
{
	struct fixture *f = *state;
	const struct kview *v;
	struct report *report;

	put_all(f, true);
	v = synth_kernel_open(&f->k);
	assert_int_equal(report_open(f->k.dump, &report), 0);
	/* Its tasks are ours. */
	report->models = REPORT_TASKS | REPORT_RSS;
	report->tasks = tasks;
	assert_int_equal(rss_read(v, &tasks, &report->rss), 0);
	schema_check_report(report, "memory/processes");
	report->tasks = (struct tasks){};
	report_free(report);
}

static void plain_counters(void **state)
{
	put_all(*state, false);
	check(*state, 0);
}

static void memory_that_cannot_be_read_is_told(void **state)
{
	struct fixture *f = *state;

	put_all(f, true);
	synth_kernel_put(&f->k, MM(0) + RSS + COUNTER + COUNTERS, 0x1000, 8);
	assert_int_equal(rss_read(synth_kernel_open(&f->k), &tasks, &f->rss), 0);
	assert_int_equal(f->rss.n, 2);
	assert_string_not_equal(f->rss.remark, "");
	assert_null(rss_of(&f->rss, &all[1]));
	assert_int_equal(f->rss.by_size[0]->mm, MM(1));
}

static void parts_of_unknown_cpus_are_told(void **state)
{
	struct fixture *f = *state;

	put_all(f, true);
	synth_kernel_drop(&f->k, "__cpu_possible_mask");
	assert_int_equal(rss_read(synth_kernel_open(&f->k), &tasks, &f->rss), 0);
	assert_int_equal(f->rss.n, 0);
	assert_non_null(strstr(f->rss.remark, "the CPUs are not known"));
}

static void kinds_outside_of_the_counts_are_told(void **state)
{
	static const char *const more[] = { "A", "B", "C", "D", "E", "MM_FILEPAGES", NULL };
	struct fixture *f = *state;

	synth_kernel_enum(&f->k, NULL, more);
	put_all(f, true);
	assert_int_equal(rss_read(synth_kernel_open(&f->k), &tasks, &f->rss), 0);
	assert_int_equal(f->rss.n, 0);
	assert_non_null(strstr(f->rss.remark, "MM_FILEPAGES cannot be 5"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(counters_with_parts),
		TEST(plain_counters),
		TEST(members_are_described),
		TEST(memory_that_cannot_be_read_is_told),
		TEST(parts_of_unknown_cpus_are_told),
		TEST(kinds_outside_of_the_counts_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
