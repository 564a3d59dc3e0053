// SPDX-License-Identifier: GPL-2.0-or-later
/* test-elf-segments.c - segments of ELF cores as other tools write them, and as nobody should. */
#include <elf.h>
#include <errno.h>

#include "tests/unit/synth.h"

#define DATA 0x1000

static uint8_t file[0x8000];

/* Opens a file of the segments, whose data is noise. */
static struct dump *open_segments(const struct synth_segment *segments, size_t n)
{
	struct dump *d;

	check_noise(file, sizeof(file), 9);
	synth_elf_headers(file, &(struct synth_elf){ .segments = segments, .n = n });
	assert_int_equal(synth_open(file, sizeof(file), &d), 0);
	return d;
}

#define OPEN(segments) open_segments(segments, ARRAY_SIZE(segments))

static void pages_in_several_segments_have_all_of_them(void **state)
{
	/* The second has no bytes in the file. */
	static const struct synth_segment segments[] = {
		{ PT_LOAD, DATA, 0x200, 0x200, 0x200, 0x400 },
		{ PT_LOAD, 0, 0x800, 0x800, 0, 0x400 },
		{ PT_LOAD, DATA + 0x200, 0xc00, 0xc00, 0x200, 0x200 },
		{ PT_LOAD, 0, 0x1000, 0x1000, 0, 0x1000 },
	};
	_cleanup_(dump_freep) struct dump *d = OPEN(segments);
	_cleanup_(reader_freep) struct reader *r = NULL;
	_cleanup_(bitmap_done) struct bitmap pages = {};
	uint8_t got[0x1000], expected[0x1000] = {};

	memcpy(expected + 0x200, file + DATA, 0x200);
	memcpy(expected + 0xc00, file + DATA + 0x200, 0x200);
	assert_int_equal(reader_new(d, 0x1000, &r), 0);
	assert_int_equal(reader_read(r, 0, got, sizeof(got)), 0);
	assert_memory_equal(got, expected, sizeof(got));
	assert_int_equal(reader_read(r, 0x1000, got, 1), -ENODATA);
	assert_int_equal(bitmap_init(&pages, 2), 0);
	bitmap_set(&pages, 0, 2);
	assert_int_equal(dump_clear_missing(d, true, &pages), 0);
	assert_true(bitmap_test(&pages, 0));
	assert_false(bitmap_test(&pages, 1));
}

static void mad_segments_cost_no_more_than_themselves(void **state)
{
	static const struct synth_segment mad[] = {
		{ PT_LOAD, DATA, 0, 0x100000, 0x1000, UINT64_C(1) << 50 },
		{ PT_LOAD, DATA, 0, UINT64_MAX - 0xfff, 0x1000, 0x2000 },
		{ PT_LOAD, DATA, 0, UINT64_C(1) << 51, 0x1000, 0x1000 },
		{ PT_LOAD, UINT64_MAX - 0xfff, 0, UINT64_C(1) << 46, 0x2000, 0x1000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(mad); i++) {
		const struct synth_segment segments[] = {
			{ PT_LOAD, DATA, 0, 0x1000, 0x1000, 0x1000 },
			mad[i],
			{ PT_LOAD, DATA, 0, 0x3000, 0x1000, 0x1000 },
		};
		struct dump *d = OPEN(segments);

		assert_int_equal(d->max_pfn, 4);
		assert_int_equal(d->n_ram, 2);
		assert_int_equal(d->state, DUMP_INCOMPLETE);
		assert_non_null(strstr(d->remark, "segments are left out that no machine has"));
		dump_free(d);
	}
}

/* Each is possible, but all are more than the file can tell of. What it holds comes first. */
static void all_segments_together_are_bounded(void **state)
{
	const uint64_t tib = UINT64_C(1) << 40;
	const struct synth_segment segments[] = {
		{ PT_LOAD, DATA, 0, 0x1000, 0x1000, 0x1000 },
		{ PT_LOAD, DATA, 0, tib, 0, tib },
		{ PT_LOAD, DATA, 0, 3 * tib, 0, tib - 0x4000 },
		{ PT_LOAD, DATA, 0, 5 * tib, 0x1000, tib },
		{ PT_LOAD, DATA, 0, 7 * tib, 0, 0x2000 },
		{ PT_LOAD, DATA, 0, 9 * tib, 0, 0x1000 },
	};
	_cleanup_(dump_freep) struct dump *d = OPEN(segments);
	static const struct ram_range left[] = { { 0x1, 0x2 },
		                                 { 0x30000000, 0x3ffffffc },
		                                 { 0x50000000, 0x50000001 },
		                                 { 0x70000000, 0x70000002 } };

	assert_int_equal(d->n_ram, ARRAY_SIZE(left));
	for (size_t i = 0; i < ARRAY_SIZE(left); i++) {
		assert_int_equal(d->ram[i].start, left[i].start);
		assert_int_equal(d->ram[i].end, left[i].end);
	}
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	assert_string_equal(d->remark, "segments are left out that no machine has: the first at "
	                               "0x10000000000, of 1099511627776 bytes");
}

/* As QEMU writes with paging: whatever the page tables map has a segment of its own. */
static void linear_map_is_where_most_memory_is(void **state)
{
	static const struct synth_segment segments[] = {
		{ PT_LOAD, DATA, UINT64_C(0xff16a5f080001000), 0x1000, 0x3000, 0x3000 },
		{ PT_LOAD, DATA, UINT64_C(0xff378c9f40035000), 0x8000, 0x1000, 0x1000 },
	};
	_cleanup_(dump_freep) struct dump *d = OPEN(segments);

	uint64_t pa, len;

	assert_int_equal(d->linear_va, UINT64_C(0xff16a5f080000000));
	/* Without page tables these are all the addresses there are. */
	assert_true(dump_by_segment(d, UINT64_C(0xff378c9f40035010), &pa, &len));
	assert_int_equal(pa, 0x8010);
	assert_int_equal(len, 0xff0);
	assert_true(dump_by_segment(d, UINT64_C(0xff16a5f080003fff), &pa, &len));
	assert_int_equal(pa, 0x3fff);
	assert_int_equal(len, 1);
	assert_false(dump_by_segment(d, UINT64_C(0xff16a5f080004000), &pa, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_in_several_segments_have_all_of_them),
		cmocka_unit_test(mad_segments_cost_no_more_than_themselves),
		cmocka_unit_test(all_segments_together_are_bounded),
		cmocka_unit_test(linear_map_is_where_most_memory_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
