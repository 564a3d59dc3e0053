// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kdump-layouts.c - kdump-compressed files of all versions and machines, whole and split. */
#include <errno.h>

#include "tests/unit/synth-kdump.h"
#include "vmcore/format/dump-format.h"

#define PAGE      SYNTH_KDUMP_PAGE
#define MAX_PARTS 3

static uint8_t files[MAX_PARTS][SYNTH_KDUMP_SIZE];

static const struct synth_kdump parts[MAX_PARTS] = {
	{ .version = 6, .start = 0, .end = 0x40 },
	{ .version = 6, .start = 0x40, .end = 0x1000 },
	{ .version = 6, .start = 0x1000, .end = SYNTH_KDUMP_MAX_PFN },
};

/* Opens the files in @order, a list of their numbers. */
static int open_files(const size_t *sizes, const char *order, struct dump **ret)
{
	struct source *sources[8];
	size_t n = strlen(order);

	for (size_t i = 0; i < n; i++) {
		size_t file = order[i] - '0';

		assert_int_equal(source_from_memory(files[file], sizes[file],
		                                    (char[]){ 'p', order[i], 0 }, &sources[i]),
		                 0);
	}
	return dump_open_parts(sources, n, ret);
}

static int open_parts(const struct synth_kdump *list, size_t n, const char *order,
                      struct dump **ret)
{
	size_t sizes[MAX_PARTS];

	for (size_t i = 0; i < n; i++)
		sizes[i] = synth_kdump(&list[i], files[i]);
	return open_files(sizes, order, ret);
}

/* Page frames [start, end) are there as far as they were saved, the others are not. */
static void check_pages(const struct dump *d, uint64_t start, uint64_t end)
{
	_cleanup_(reader_freep) struct reader *r = NULL;

	assert_int_equal(reader_new(d, PAGE, &r), 0);
	for (uint64_t pfn = 0; pfn < SYNTH_KDUMP_MAX_PFN + 3; pfn++) {
		bool here = synth_kdump_is_saved(pfn) && pfn >= start && pfn < end;
		uint8_t got[PAGE], expected[PAGE];
		int e = reader_read(r, pfn * PAGE, got, PAGE);

		if (here) {
			synth_kdump_page(pfn, expected);
			assert_int_equal(e, 0);
			assert_memory_equal(got, expected, PAGE);
		} else {
			assert_int_equal(e, dump_is_ram(d, pfn) ? -ENODATA : -ENXIO);
		}
	}
}

static void check_dump(const struct dump *d, const struct synth_kdump *k)
{
	int64_t base = k->layout == SYNTH_KDUMP_64 ? -INT64_C(0x1000000) : -0x1000000;

	assert_int_equal(d->state, DUMP_COMPLETE);
	assert_int_equal(d->max_pfn, SYNTH_KDUMP_MAX_PFN);
	assert_int_equal(d->page_shift, 12);
	assert_int_equal(d->phys_base, base);
	assert_int_equal(d->level, k->version >= 1 ? 31 : 0);
	assert_string_equal(d->machine, "machine");
	assert_int_equal(d->n_cpus, k->version >= 4 ? 1 : 0);
	if (!k->one_bitmap)
		for (uint64_t pfn = 0; pfn < SYNTH_KDUMP_MAX_PFN + 3; pfn++)
			assert_int_equal(dump_is_ram(d, pfn), synth_kdump_is_ram(pfn));
	if (k->version >= 3) {
		assert_int_equal(d->vmcoreinfo.len, strlen(SYNTH_KDUMP_INFO));
		assert_memory_equal(d->vmcoreinfo.text, SYNTH_KDUMP_INFO, d->vmcoreinfo.len);
	}
	check_pages(d, 0, SYNTH_KDUMP_MAX_PFN);
}

static void every_version_of_every_machine_is_read(void **state)
{
	for (unsigned layout = 0; layout < SYNTH_KDUMP_LAYOUTS; layout++)
		for (unsigned version = 0; version <= 6; version++)
			for (int swap = 0; swap < 2; swap++) {
				const struct synth_kdump k = { .layout = layout,
					                       .version = version,
					                       .swap = swap };
				struct dump *d;

				/* Nothing tells these two apart. */
				if (version < 3 && layout == SYNTH_KDUMP_ARM_TIME64)
					continue;
				assert_int_equal(open_parts(&k, 1, "0", &d), 0);
				check_dump(d, &k);
				dump_free(d);
			}
}

static void one_bitmap_is_enough_for_old_ones(void **state)
{
	const struct synth_kdump k = { .version = 1, .one_bitmap = true };
	struct dump *d;

	assert_int_equal(open_parts(&k, 1, "0", &d), 0);
	check_dump(d, &k);
	dump_free(d);
}

static void parts_in_any_order_are_one_dump(void **state)
{
	static const char *const orders[] = { "012", "021", "102", "120", "201", "210" };

	for (unsigned layout = 0; layout < SYNTH_KDUMP_LAYOUTS; layout++)
		for (unsigned version = 3; version <= 6; version++)
			for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
				struct synth_kdump list[MAX_PARTS];
				struct dump *d;

				for (size_t p = 0; p < MAX_PARTS; p++) {
					list[p] = parts[p];
					list[p].layout = layout;
					list[p].version = version;
					list[p].swap = i % 2;
				}
				assert_int_equal(open_parts(list, MAX_PARTS, orders[i], &d), 0);
				check_dump(d, &list[0]);
				assert_string_equal(source_name(d->source), "p0");
				dump_free(d);
			}
}

static void parts_that_are_missing_make_it_incomplete(void **state)
{
	static const struct {
		const char *order;
		uint64_t start, end;
	} some[] = {
		{ "0", 0, 0x40 },
		{ "1", 0x40, 0x1000 },
		{ "2", 0x1000, SYNTH_KDUMP_MAX_PFN },
		{ "10", 0, 0x1000 },
		{ "21", 0x40, SYNTH_KDUMP_MAX_PFN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(some); i++) {
		struct dump *d;

		assert_int_equal(open_parts(parts, MAX_PARTS, some[i].order, &d), 0);
		assert_int_equal(d->state, DUMP_INCOMPLETE);
		check_pages(d, some[i].start, some[i].end);
		dump_free(d);
	}
}

/* makedumpfile deals out pages in blocks, and the last parts may get none. */
static void parts_without_pages_are_nothing_to_the_dump(void **state)
{
	static const struct synth_kdump list[] = {
		{ .version = 6, .start = 0, .end = SYNTH_KDUMP_MAX_PFN },
		{ .version = 6, .start = SYNTH_KDUMP_MAX_PFN, .end = SYNTH_KDUMP_MAX_PFN },
		{ .version = 6, .start = 0x40, .end = 0x40 },
	};
	static const char *const orders[] = { "01", "10", "011", "110", "021", "2101", "22101" };
	struct dump *d;

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		assert_int_equal(open_parts(list, ARRAY_SIZE(list), orders[i], &d), 0);
		check_dump(d, &list[0]);
		dump_free(d);
	}
	/* Alone it is a dump of which all pages are elsewhere. */
	assert_int_equal(open_parts(list, ARRAY_SIZE(list), "1", &d), 0);
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	check_pages(d, 0, 0);
	dump_free(d);
}

static void part_that_is_incomplete_or_cut_off_makes_it_incomplete(void **state)
{
	struct synth_kdump list[MAX_PARTS];
	size_t sizes[MAX_PARTS];
	struct dump *d;

	memcpy(list, parts, sizeof(list));
	list[1].status = 0x08;
	assert_int_equal(open_parts(list, MAX_PARTS, "012", &d), 0);
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	check_pages(d, 0, SYNTH_KDUMP_MAX_PFN);
	dump_free(d);

	for (size_t i = 0; i < MAX_PARTS; i++)
		sizes[i] = synth_kdump(&parts[i], files[i]);
	/* Without all pages of the last part, then without its descriptors. */
	sizes[2] = 4 * PAGE + 12 * 24;
	assert_int_equal(open_files(sizes, "012", &d), 0);
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	check_pages(d, 0, 0x1000);
	dump_free(d);
	sizes[2] = 4 * PAGE;
	assert_int_equal(open_files(sizes, "012", &d), 0);
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	check_pages(d, 0, 0x1000);
	dump_free(d);
}

static void files_that_do_not_belong_together_are_refused(void **state)
{
	size_t sizes[MAX_PARTS] = {
		synth_kdump(&parts[0], files[0]),
		synth_kdump(&parts[1], files[1]),
		synth_kdump(&(struct synth_kdump){ .version = 6 }, files[2]),
	};
	struct dump *d = NULL;

	assert_fails(open_files(sizes, "00", &d), -EINVAL, "p0: the same part of the dump as p0");
	assert_fails(open_files(sizes, "02", &d), -EINVAL, "p2: is not a part of a split dump");
	assert_fails(open_files(sizes, "20", &d), -EINVAL, "p2: is not a part of a split dump");
	files[1][408]++; /* another crash time */
	assert_fails(open_files(sizes, "01", &d), -EINVAL, "p1: is a part of another dump than p0");
	sizes[1] = 0;
	assert_fails(open_files(sizes, "01", &d), -EINVAL, "p1: is not a part of a split dump");
	assert_fails(open_files(sizes, "10", &d), -EBADMSG, "p1: neither an ELF core nor");
	synth_elf_headers(
		files[2],
		&(struct synth_elf){
			.segments = &(struct synth_segment){ .type = 1, .memsz = PAGE }, .n = 1 });
	assert_fails(open_files(sizes, "20", &d), -EINVAL,
	             "p2: an ELF file is not a part of a split");
	assert_null(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_version_of_every_machine_is_read),
		cmocka_unit_test(one_bitmap_is_enough_for_old_ones),
		cmocka_unit_test(parts_in_any_order_are_one_dump),
		cmocka_unit_test(parts_that_are_missing_make_it_incomplete),
		cmocka_unit_test(parts_without_pages_are_nothing_to_the_dump),
		cmocka_unit_test(part_that_is_incomplete_or_cut_off_makes_it_incomplete),
		cmocka_unit_test(files_that_do_not_belong_together_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
