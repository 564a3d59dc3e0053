// SPDX-License-Identifier: GPL-2.0-or-later
/* test-fault.c - pages of a mapping that cannot be read are an error, or counted. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/check.h"
#include "tests/unit/temptree.h"
#include "vmcore/io/source.h"

#define PAGE  4096
#define PAGES 10

struct fixture {
	struct temptree tree;
	char path[128];
	uint8_t bytes[PAGES * PAGE];
	struct source *file;
	struct window window;
};

/* A file that is mapped, and which a test cuts off: then no page behind its end can be read. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	temptree_make(&f->tree);
	check_noise(f->bytes, sizeof(f->bytes), 3);
	temptree_bytes(&f->tree, "bytes", f->bytes, sizeof(f->bytes));
	snprintf(f->path, sizeof(f->path), "%s/bytes", f->tree.path);
	assert_int_equal(source_open(f->path, &f->file), 0);
	source_map(f->file, true);
	window_init(&f->window, f->file, sizeof(f->bytes));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	window_done(&f->window);
	source_free(f->file);
	temptree_remove(&f->tree);
	free(f);
	return 0;
}

static void pages_before_one_that_cannot_be_read_are_given(void **state)
{
	struct fixture *f = *state;
	const uint8_t *data;
	size_t len;

	/* Not in setup(): cmocka has handlers of its own in a test. */
	fault_catch();
	assert_int_equal(truncate(f->path, 4 * PAGE), 0);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(
			window_get(&f->window, 100, 1, sizeof(f->bytes) - 100, &data, &len), 0);
		assert_int_equal(len, 4 * PAGE - 100);
		assert_memory_equal(data, f->bytes + 100, len);
		assert_fails(window_get(&f->window, 4 * PAGE, 1, PAGE, &data, &len), -EIO,
		             "bytes: the page at offset 16384 cannot be read");
		assert_fails(window_get(&f->window, 3 * PAGE + 1, PAGE, PAGE, &data, &len), -EIO,
		             "cannot be read");
	}
	assert_int_equal(window_faults(&f->window), 0);
}

static void pages_that_fail_later_are_counted(void **state)
{
	struct fixture *f = *state;
	static const uint8_t zeroes[PAGE];
	const uint8_t *data;
	size_t len;

	fault_catch();
	assert_int_equal(window_get(&f->window, 0, 1, sizeof(f->bytes), &data, &len), 0);
	assert_int_equal(len, sizeof(f->bytes));
	assert_int_equal(truncate(f->path, 8 * PAGE), 0);
	assert_memory_equal(data, f->bytes, 8 * PAGE);
	assert_int_equal(window_faults(&f->window), 0);
	assert_memory_equal(data + 8 * PAGE, zeroes, PAGE);
	assert_memory_equal(data + 9 * PAGE, zeroes, PAGE);
	assert_int_equal(window_faults(&f->window), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(pages_before_one_that_cannot_be_read_are_given),
		TEST(pages_that_fail_later_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
