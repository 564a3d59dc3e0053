// SPDX-License-Identifier: GPL-2.0-or-later
/* test-save-faults.c - dumps to a disk that has faults. */
#include <errno.h>

#include "tests/unit/synth.h"
#include "base/err.h"
#include "vmcore/filter/selection.h"
#include "vmcore/io/sink-kind.h"

/* Longer writes are of data, or of headers. */
#define SHORT KIB(4)

struct fixture {
	struct synth m;
	struct dump *dump;
	struct selection selection;
	struct sink *sink;
	struct save_result result;
	struct dump *saved;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	for (uint64_t pfn = SYNTH_HIGH_PFN; pfn < SYNTH_HIGH_END; pfn++)
		check_noise(synth_at(&f->m, pfn << 12), 4096, pfn);
	f->dump = synth_dump(&f->m);
	assert_int_equal(sink_to_memory(&f->sink), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	selection_done(&f->selection);
	dump_free(f->saved);
	sink_free(f->sink);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

/* Saves all pages, in several passes. */
static int save(struct fixture *f, const struct sink_kind *kind)
{
	struct save_options o = { .threads = 2 };
	const struct sink_kind *well;
	const void *file;
	size_t size;
	int r;

	assert_int_equal(codec_parse("none", &o.codec, &o.codec_level), 0);
	assert_int_equal(selection_open(f->dump, &f->selection), 0);
	assert_int_equal(selection_choose(&f->selection, 0, writer_formats[0]), 0);
	assert_int_equal(selection_prepare(&f->selection, writer_formats[0], &o), 0);
	well = f->sink->kind;
	f->sink->kind = kind;
	r = save_kdump(f->dump, &f->selection.keep, &o, f->sink, &f->result);
	f->sink->kind = well;
	file = sink_memory(f->sink, &size);
	assert_int_equal(synth_open(file, size, &f->saved), 0);
	return r;
}

/* How many pages the dump has; these are as they were. */
static uint64_t count_pages(struct fixture *f)
{
	_cleanup_(reader_freep) struct reader *r = NULL;
	const struct bitmap *keep = &f->selection.keep;
	uint8_t page[4096];
	uint64_t n = 0;

	assert_int_equal(reader_new(f->saved, MIB(1), &r), 0);
	for (uint64_t pfn = 0; (pfn = bitmap_next_set(keep, pfn)) < keep->bits; pfn++) {
		if (reader_read(r, pfn << 12, page, 4096) < 0)
			continue;
		assert_memory_equal(page, synth_at(&f->m, pfn << 12), 4096);
		n++;
	}
	return n;
}

static int fails(struct sink *s, uint64_t offset)
{
	return errf(-EIO, "%s: offset %llu: %s", s->name, (unsigned long long)offset,
	            strerror(EIO));
}

static int read_fails(struct sink *s, uint64_t offset, void *buf, size_t len)
{
	return fails(s, offset);
}

static void what_cannot_be_read_back_costs_nothing(void **state)
{
	struct fixture *f = *state;
	struct sink_kind kind = *f->sink->kind;

	kind.read = read_fails;
	assert_int_equal(save(f, &kind), 0);
	assert_int_equal(f->result.unreadable, 0);
	assert_string_equal(f->result.unwritten_why, "");
	assert_int_equal(f->saved->state, DUMP_COMPLETE);
	assert_int_equal(count_pages(f), SYNTH_PAGES);
}

/* As those of a part of a block that has to be read first. */
static int short_writes_fail(struct sink *s, uint64_t offset, const void *buf, size_t len)
{
	_cleanup_(sink_freep) struct sink *memory = NULL;

	if (len < SHORT && offset > 0)
		return fails(s, offset);
	assert_int_equal(sink_to_memory(&memory), 0);
	return memory->kind->write(s, offset, buf, len);
}

static void descriptors_that_cannot_be_written_cost_their_pages(void **state)
{
	struct fixture *f = *state;
	struct sink_kind kind = *f->sink->kind;
	uint64_t n;

	kind.read = read_fails;
	kind.write = short_writes_fail;
	assert_int_equal(save(f, &kind), 0);
	assert_int_equal(f->saved->state, DUMP_INCOMPLETE);
	n = count_pages(f);
	assert_int_equal(f->result.unreadable, SYNTH_PAGES - n);
	assert_in_range(n, SYNTH_PAGES / 2, SYNTH_PAGES - 1);
	assert_memory_equal(f->result.unwritten_why, "memory: offset ", 15);
}

static int later_writes_fail(struct sink *s, uint64_t offset, const void *buf, size_t len)
{
	_cleanup_(sink_freep) struct sink *memory = NULL;

	if (offset > MIB(4))
		return fails(s, offset);
	assert_int_equal(sink_to_memory(&memory), 0);
	return memory->kind->write(s, offset, buf, len);
}

/* What was written until then can be read. */
static void data_that_cannot_be_written_ends_the_dump(void **state)
{
	struct fixture *f = *state;
	struct sink_kind kind = *f->sink->kind;
	uint64_t n;

	kind.write = later_writes_fail;
	assert_fails(save(f, &kind), -EIO, "memory: offset ");
	assert_int_equal(f->saved->state, DUMP_INCOMPLETE);
	n = count_pages(f);
	assert_in_range(n, MIB(3) >> 12, SYNTH_PAGES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(what_cannot_be_read_back_costs_nothing),
		TEST(descriptors_that_cannot_be_written_cost_their_pages),
		TEST(data_that_cannot_be_written_ends_the_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
