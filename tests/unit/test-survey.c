// SPDX-License-Identifier: GPL-2.0-or-later
/* test-survey.c - what readers of a dump need is found, and broken tables and lists end nothing. */
#include "tests/unit/synth.h"
#include "base/clock.h"
#include "vmcore/filter/survey.h"

#define PAGE       UINT64_C(4096)
#define MODULE_VA  UINT64_C(0xffffffffc0345000)
#define VMALLOC_VA UINT64_C(0xffffc90000000000)
#define TEST_PA    (SYNTH_TEST_PFN * PAGE)

/* A survey and the pages of each part that it told of. */
struct fixture {
	struct synth m;
	struct survey survey;
	struct bitmap pages[SURVEY_PARTS];
	uint64_t told[SURVEY_PARTS]; /* how often */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (enum survey_part i = 0; i < SURVEY_PARTS; i++)
		bitmap_done(&f->pages[i]);
	synth_done(&f->m);
	free(f);
	return 0;
}

static void take(void *arg, enum survey_part part, uint64_t va, uint64_t pa, uint64_t size)
{
	struct fixture *f = arg;

	assert_true(size > 0);
	assert_true(va >> 63);
	bitmap_set(&f->pages[part], pa / PAGE, (pa + size - 1) / PAGE + 1);
	f->told[part]++;
}

static void run(struct fixture *f)
{
	_cleanup_(dump_freep) struct dump *d = synth_dump(&f->m);
	_cleanup_(kspace_freep) struct kspace *ks = synth_kspace(d);

	f->survey.ks = ks;
	f->survey.pages = take;
	f->survey.arg = f;
	for (enum survey_part i = 0; i < SURVEY_PARTS; i++)
		assert_int_equal(bitmap_init(&f->pages[i], d->max_pfn), 0);
	assert_int_equal(survey_run(&f->survey), 0);
	assert_null(ks->touch);
}

static bool told(const struct fixture *f, enum survey_part part, uint64_t pa)
{
	return bitmap_test(&f->pages[part], pa / PAGE);
}

static uint64_t count(const struct fixture *f, enum survey_part part)
{
	return bitmap_count(&f->pages[part], 0, UINT64_MAX);
}

static uint64_t entry_of(struct fixture *f, uint64_t va, unsigned level)
{
	uint64_t entry;

	memcpy(&entry, synth_entry(&f->m, va, level), sizeof(entry));
	return entry & UINT64_C(0x000ffffffffff000);
}

static void put_entry(struct fixture *f, uint64_t va, unsigned level, uint64_t entry)
{
	synth_put(synth_entry(&f->m, va, level), entry, 8, false);
}

static void machine_is_surveyed(void **state)
{
	static const uint64_t vas[] = { SYNTH_IMAGE_VA, SYNTH_DIRECT_VA, SYNTH_VMEMMAP_VA,
		                        MODULE_VA };
	struct fixture *f = *state;

	synth_map(&f->m, MODULE_VA, TEST_PA, 3 * PAGE, PAGE);
	synth_map(&f->m, VMALLOC_VA, TEST_PA + 8 * PAGE, PAGE, PAGE);
	/* User space, as a process has it. */
	put_entry(f, 0x400000, 4, (TEST_PA + 9 * PAGE) | 0x67);
	run(f);
	assert_true(told(f, SURVEY_TABLES, f->m.top_table));
	for (size_t i = 0; i < ARRAY_SIZE(vas); i++)
		for (unsigned level = 4; level > (vas[i] == MODULE_VA ? 1 : 2); level--)
			assert_true(told(f, SURVEY_TABLES, entry_of(f, vas[i], level)));
	assert_false(told(f, SURVEY_TABLES, TEST_PA + 9 * PAGE));
	assert_int_equal(count(f, SURVEY_IMAGE), SYNTH_IMAGE_END - SYNTH_IMAGE_PFN);
	assert_true(told(f, SURVEY_IMAGE, SYNTH_IMAGE_PFN * PAGE));
	assert_int_equal(count(f, SURVEY_MODULES), 3);
	assert_true(told(f, SURVEY_MODULES, TEST_PA));
	/* One leaf below 16 MiB, one for the memory at 4 GiB; roots and sections. */
	assert_int_equal(count(f, SURVEY_MEMMAP), SYNTH_MAIN_END / 64 + 0x800 / 64 + 3);
	assert_true(told(f, SURVEY_MEMMAP, f->m.sections));
	assert_true(f->survey.unknown[SURVEY_LOG]);
	assert_true(f->survey.unknown[SURVEY_TASKS]);
	assert_false(f->survey.unknown[SURVEY_MEMMAP]);
	assert_int_equal(count(f, SURVEY_STACKS), 0);
	assert_int_equal(f->survey.broken, 0);
	assert_false(f->survey.late);
}

static void log_is_surveyed_as_far_as_it_is_read(void **state)
{
	struct fixture *f = *state;
	struct synth_log log;

	synth_log_init(&log, &f->m, 6, 14);
	synth_log_add(&log, 1, "one", 3, SYNTH_FINAL);
	run(f);
	assert_false(f->survey.unknown[SURVEY_LOG]);
	assert_true(told(f, SURVEY_LOG, log.ring));
	assert_true(told(f, SURVEY_LOG, log.descs));
	assert_true(told(f, SURVEY_LOG, log.infos));
	assert_true(told(f, SURVEY_LOG, log.data));
	assert_false(told(f, SURVEY_LOG, log.data + PAGE));
}

static void stacks_are_surveyed_from_where_they_stood(void **state)
{
	struct fixture *f = *state;

	synth_map(&f->m, VMALLOC_VA, TEST_PA, 4 * PAGE, PAGE);
	f->m.stacks[1] = VMALLOC_VA + PAGE + 0x123;
	run(f);
	assert_int_equal(count(f, SURVEY_STACKS), 3);
	assert_true(told(f, SURVEY_STACKS, TEST_PA + PAGE));
	assert_true(told(f, SURVEY_STACKS, TEST_PA + 3 * PAGE));
}

static void table_in_many_places_is_gone_through_once(void **state)
{
	struct fixture *f = *state;

	/* As KASAN's shadow of nothing: 512 times the same table at each level. */
	for (unsigned level = 1; level <= 3; level++)
		for (uint64_t i = 0; i < 512; i++)
			synth_put(synth_at(&f->m, TEST_PA + level * PAGE + i * 8),
			          (TEST_PA + (level - 1) * PAGE) | 0x63, 8, false);
	for (uint64_t i = 1; i < 100; i++)
		put_entry(f, VMALLOC_VA + (i << 39), 4, (TEST_PA + 3 * PAGE) | 0x63);
	run(f);
	for (unsigned level = 1; level <= 3; level++)
		assert_true(told(f, SURVEY_TABLES, TEST_PA + level * PAGE));
	assert_int_equal(f->told[SURVEY_TABLES], count(f, SURVEY_TABLES));
	assert_int_equal(f->survey.broken, 0);
}

static void tables_that_lead_in_a_circle_or_nowhere_end(void **state)
{
	struct fixture *f = *state;

	synth_map(&f->m, MODULE_VA, TEST_PA, PAGE, PAGE);
	put_entry(f, VMALLOC_VA, 4, f->m.top_table | 0x63);
	put_entry(f, VMALLOC_VA + (UINT64_C(1) << 39), 4, (UINT64_C(1) << 45) | 0x63);
	put_entry(f, MODULE_VA + MIB(2), 2, (UINT64_C(1) << 33) | 0x63);
	run(f);
	assert_int_equal(f->survey.broken, 2);
	assert_int_equal(count(f, SURVEY_MODULES), 1);
	assert_int_equal(count(f, SURVEY_MEMMAP), SYNTH_MAIN_END / 64 + 0x800 / 64 + 3);
}

#define TASKS_OFFSET 0x100
#define STACK_OFFSET 0x20
#define TASK_SIZE    PAGE

static uint64_t task_va(unsigned i)
{
	return SYNTH_DIRECT_VA + TEST_PA + i * 8 * PAGE;
}

static void link_task(struct fixture *f, unsigned from, uint64_t to_va)
{
	uint64_t stack = task_va(from) + 2 * PAGE, node = to_va + TASKS_OFFSET;

	synth_store(&f->m, task_va(from) + TASKS_OFFSET, &node, 8);
	synth_store(&f->m, task_va(from) + STACK_OFFSET, &stack, 8);
}

static void add_tasks(struct fixture *f)
{
	synth_key(&f->m.info, "SYMBOL(init_task)=%llx", (unsigned long long)task_va(0));
	synth_key(&f->m.info, "SIZE(task_struct)=%llu", (unsigned long long)TASK_SIZE);
	synth_key(&f->m.info, "OFFSET(task_struct.tasks)=%d", TASKS_OFFSET);
	synth_key(&f->m.info, "OFFSET(task_struct.stack)=%d", STACK_OFFSET);
	for (unsigned i = 0; i < 4; i++)
		link_task(f, i, task_va((i + 1) % 4));
}

static void check_tasks(const struct fixture *f, unsigned n, unsigned broken)
{
	assert_false(f->survey.unknown[SURVEY_TASKS]);
	assert_int_equal(count(f, SURVEY_TASKS), n * 5);
	for (unsigned i = 0; i < n; i++) {
		assert_true(told(f, SURVEY_TASKS, TEST_PA + i * 8 * PAGE));
		assert_true(told(f, SURVEY_TASKS, TEST_PA + (i * 8 + 5) * PAGE));
	}
	assert_int_equal(f->survey.broken, broken);
}

static void tasks_are_surveyed_where_told(void **state)
{
	struct fixture *f = *state;

	add_tasks(f);
	run(f);
	check_tasks(f, 4, 0);
}

static void list_of_tasks_may_lead_in_a_circle_of_its_own(void **state)
{
	struct fixture *f = *state;

	add_tasks(f);
	link_task(f, 3, task_va(1));
	run(f);
	check_tasks(f, 4, 1);
	/* Not gone through more often than it takes to see that. */
	assert_true(f->told[SURVEY_TASKS] < 100);
}

static void list_of_tasks_may_break_off(void **state)
{
	struct fixture *f = *state;

	add_tasks(f);
	link_task(f, 2, VMALLOC_VA);
	run(f);
	check_tasks(f, 3, 1);
}

static void deadline_ends_it(void **state)
{
	struct fixture *f = *state;

	f->survey.deadline = clock_seconds() - 1;
	run(f);
	assert_true(f->survey.late);
	assert_int_equal(count(f, SURVEY_MEMMAP), 0);
}

static void parts_have_names(void **state)
{
	for (enum survey_part i = 0; i < SURVEY_PARTS; i++)
		assert_non_null(survey_part_name(i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(machine_is_surveyed),
		TEST(log_is_surveyed_as_far_as_it_is_read),
		TEST(stacks_are_surveyed_from_where_they_stood),
		TEST(table_in_many_places_is_gone_through_once),
		TEST(tables_that_lead_in_a_circle_or_nowhere_end),
		TEST(tasks_are_surveyed_where_told),
		TEST(list_of_tasks_may_lead_in_a_circle_of_its_own),
		TEST(list_of_tasks_may_break_off),
		TEST(deadline_ends_it),
		cmocka_unit_test(parts_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
