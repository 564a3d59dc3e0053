// SPDX-License-Identifier: GPL-2.0-or-later
/* test-touched.c - the pages that were read, also by a process that is no more. */
#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/synth.h"

static struct touched *new_touched(uint64_t bits)
{
	struct bitmap none;
	struct touched *t;

	assert_int_equal(bitmap_init(&none, bits), 0);
	assert_int_equal(touched_new(&none, &t), 0);
	return t;
}

static void what_a_child_reads_counts_though_it_dies(void **state)
{
	struct touched *t = new_touched(1000);
	struct bitmap pages;
	int status;
	pid_t child;

	touched_add(t, 1, 1);
	child = fork();
	if (child == 0) {
		touched_add(t, 5, 7);
		touched_add(t, 1, 1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(bitmap_init(&pages, 1000), 0);
	assert_true(touched_mark(t, &pages));
	assert_int_equal(bitmap_count(&pages, 0, 1000), 4);
	assert_int_equal(bitmap_count(&pages, 5, 8), 3);
	assert_true(bitmap_test(&pages, 1));
	bitmap_done(&pages);
	touched_free(t);
}

static void too_many_pages_are_said(void **state)
{
	struct touched *t = new_touched(TOUCHED_MAX + 100);
	struct bitmap pages;

	assert_int_equal(bitmap_init(&pages, TOUCHED_MAX + 100), 0);
	touched_add(t, 0, TOUCHED_MAX - 1);
	touched_add(t, 0, TOUCHED_MAX - 1);
	assert_true(touched_mark(t, &pages));
	touched_add(t, TOUCHED_MAX, TOUCHED_MAX + 50);
	assert_false(touched_mark(t, &pages));
	assert_int_equal(bitmap_count(&pages, 0, pages.bits), TOUCHED_MAX);
	bitmap_done(&pages);
	touched_free(t);
}

static void reads_of_a_dump_are_noted(void **state)
{
	struct bitmap none, pages;
	struct touched *t;
	struct reader *r;
	struct synth m;
	struct dump *d;
	char bytes[16];

	synth_init(&m, NULL);
	d = synth_dump(&m);
	assert_int_equal(dump_bitmap(d, &none), 0);
	assert_int_equal(touched_new(&none, &t), 0);
	assert_int_equal(dump_bitmap(d, &pages), 0);
	assert_int_equal(reader_new(d, 65536, &r), 0);
	assert_int_equal(reader_read(r, SYNTH_TEST_PFN << 12, bytes, sizeof(bytes)), 0);
	d->touched = t;
	/* Over the border of two pages. */
	assert_int_equal(reader_read(r, ((SYNTH_TEST_PFN + 3) << 12) - 8, bytes, 16), 0);
	assert_true(touched_mark(t, &pages));
	assert_int_equal(bitmap_count(&pages, 0, pages.bits), 2);
	assert_true(bitmap_test(&pages, SYNTH_TEST_PFN + 2));
	assert_true(bitmap_test(&pages, SYNTH_TEST_PFN + 3));
	reader_free(r);
	bitmap_done(&pages);
	dump_free(d);
	touched_free(t);
	synth_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_child_reads_counts_though_it_dies),
		cmocka_unit_test(too_many_pages_are_said),
		cmocka_unit_test(reads_of_a_dump_are_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
