// SPDX-License-Identifier: GPL-2.0-or-later
/* test-missing.c - a dump knows which pages it lacks, and so does a dump that is made of it. */
#include <elf.h>
#include <errno.h>

#include "tests/unit/synth-kdump.h"
#include "vmcore/format/save.h"
#include "vmcore/filter/selection.h"

#define PAGE UINT64_C(4096)

/* Says the same as reading all pages does. Returns how many there are. */
static uint64_t check_missing(const struct dump *d, bool lost)
{
	_cleanup_(bitmap_done) struct bitmap pages = {};
	_cleanup_(reader_freep) struct reader *r = NULL;
	uint8_t page[PAGE];

	assert_int_equal(filter_all(d, &pages), 0);
	assert_int_equal(dump_clear_missing(d, lost, &pages), 0);
	assert_int_equal(reader_new(d, MIB(1), &r), 0);
	for (uint64_t pfn = 0; pfn < d->max_pfn; pfn++) {
		bool there = reader_read(r, pfn * PAGE, page, PAGE) == 0;

		if (lost)
			assert_int_equal(bitmap_test(&pages, pfn), there);
		else if (there)
			assert_true(bitmap_test(&pages, pfn));
	}
	return bitmap_count(&pages, 0, pages.bits);
}

static void of_kdump(void **state)
{
	_cleanup_free_ uint8_t *file = calloc(1, SYNTH_KDUMP_SIZE);

	for (unsigned layout = 0; layout < SYNTH_KDUMP_LAYOUTS; layout++) {
		const struct synth_kdump k = { .layout = layout, .version = 6 };
		size_t size = synth_kdump(&k, file);
		uint64_t all;
		struct dump *d;

		assert_int_equal(synth_open(file, size, &d), 0);
		all = check_missing(d, true);
		assert_int_equal(check_missing(d, false), all);
		assert_int_equal(d->class32, layout != SYNTH_KDUMP_64);
		dump_free(d);
		/* Cut off in its data. */
		assert_int_equal(synth_open(file, size * 3 / 4, &d), 0);
		assert_true(check_missing(d, true) < all);
		assert_int_equal(check_missing(d, false), all);
		dump_free(d);
	}
}

static void of_part(void **state)
{
	_cleanup_free_ uint8_t *file = calloc(1, SYNTH_KDUMP_SIZE);
	const struct synth_kdump k = { .version = 6, .start = 64, .end = SYNTH_KDUMP_MAX_PFN };
	struct dump *d;

	assert_int_equal(synth_open(file, synth_kdump(&k, file), &d), 0);
	assert_true(check_missing(d, true) < check_missing(d, false));
	dump_free(d);
}

static void of_elf(void **state)
{
	static uint8_t file[64 * PAGE];
	/* Excluded in front, behind and between; two pages of which half is in the file; a page
	 * with RAM in it twice. */
	const struct synth_segment segments[] = {
		{ PT_LOAD, 1 * PAGE, 0, 10 * PAGE, 0, 2 * PAGE },
		{ PT_LOAD, 1 * PAGE, 0, 12 * PAGE, 3 * PAGE, 5 * PAGE },
		{ PT_LOAD, 8 * PAGE, 0, 17 * PAGE, PAGE + 2048, 3 * PAGE },
		{ PT_LOAD, 16 * PAGE, 0, 40 * PAGE + 2048, PAGE, PAGE },
		{ PT_LOAD, 20 * PAGE, 0, 50 * PAGE, 1024, 1024 },
		{ PT_LOAD, 24 * PAGE, 0, 50 * PAGE + 2048, 1024, 1024 },
		{ PT_LOAD, 62 * PAGE, 0, 60 * PAGE, 4 * PAGE, 4 * PAGE },
	};
	const struct synth_elf e = { .segments = segments, .n = ARRAY_SIZE(segments) };
	struct dump *d;

	synth_elf_headers(file, &e);
	assert_int_equal(synth_open(file, sizeof(file), &d), 0);
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	assert_int_equal(check_missing(d, true), 3 + 2 + 2 + 1 + 2);
	assert_int_equal(check_missing(d, false), 3 + 2 + 2 + 1 + 2);
	dump_free(d);
}

struct fixture {
	struct synth m;
	struct dump *dump;
	struct sink *sink;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	f->dump = synth_dump(&f->m);
	assert_int_equal(sink_to_memory(&f->sink), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sink_free(f->sink);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

static int save(struct fixture *f, const char *format, atomic_bool *stop)
{
	_cleanup_(selection_done) struct selection s = {};
	struct save_options o = { .threads = 2, .stop = stop };
	const struct writer_format *w;
	struct save_result result;

	assert_int_equal(writer_format_parse(format, &w), 0);
	assert_int_equal(codec_parse("lzo", &o.codec, &o.codec_level), 0);
	assert_int_equal(selection_open(f->dump, &s), 0);
	assert_int_equal(selection_choose(&s, 31, w), 0);
	assert_int_equal(selection_prepare(&s, w, &o), 0);
	return save_as(w, f->dump, &s.keep, &o, f->sink, &result);
}

static enum dump_state state_of(struct fixture *f)
{
	enum dump_state state;
	const void *file;
	struct dump *d;
	size_t size;

	file = sink_memory(f->sink, &size);
	assert_int_equal(synth_open(file, size, &d), 0);
	state = d->state;
	dump_free(d);
	return state;
}

static void stopped(void **state)
{
	static const char *const formats[] = { "kdump", "elf" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		atomic_bool stop = true;

		assert_fails(save(f, formats[i], &stop), -EINTR, "interrupted");
		assert_int_equal(state_of(f), DUMP_INCOMPLETE);
		stop = false;
		assert_int_equal(save(f, formats[i], &stop), 0);
		assert_int_equal(state_of(f), DUMP_COMPLETE);
		f->sink = sink_free(f->sink);
		assert_int_equal(sink_to_memory(&f->sink), 0);
	}
}

static void made_of_incomplete(void **state)
{
	static const char *const formats[] = { "kdump", "elf" };
	struct fixture *f = *state;

	f->dump->state = DUMP_INCOMPLETE;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		assert_int_equal(save(f, formats[i], NULL), 0);
		assert_int_equal(state_of(f), DUMP_INCOMPLETE);
		f->sink = sink_free(f->sink);
		assert_int_equal(sink_to_memory(&f->sink), 0);
	}
}

/* Readers of such machines want headers that are not written. */
static void class_of_32_bits(void **state)
{
	struct fixture *f = *state;

	_cleanup_(selection_done) struct selection s = {};
	const struct writer_format *kdump;
	struct save_options o = {};

	f->dump->class32 = true;
	assert_int_equal(writer_format_parse("kdump", &kdump), 0);
	assert_int_equal(selection_open(f->dump, &s), 0);
	assert_fails(selection_prepare(&s, kdump, &o), -EINVAL, "of a 32-bit machine");
	assert_int_equal(save(f, "elf", NULL), 0);
	assert_int_equal(state_of(f), DUMP_COMPLETE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_kdump),
		cmocka_unit_test(of_part),
		cmocka_unit_test(of_elf),
		cmocka_unit_test_setup_teardown(stopped, setup, teardown),
		cmocka_unit_test_setup_teardown(made_of_incomplete, setup, teardown),
		cmocka_unit_test_setup_teardown(class_of_32_bits, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
