// SPDX-License-Identifier: GPL-2.0-or-later
/* test-save.c - what is written as a kdump-compressed file is what was in memory. */
#include <errno.h>

#include "tests/unit/synth.h"
#include "vmcore/format/dump-format.h"
#include "vmcore/format/save.h"
#include "vmcore/filter/filter.h"

#define PAGE 4096

/* Memory of all kinds at SYNTH_TEST_PFN, and what of it goes into the file. */
struct fixture {
	struct synth m;
	struct dump *dump;
	struct bitmap keep;
	uint64_t n_keep;
};

/* The kinds take turns in an order without a short period. */
static void fill_page(uint8_t *page, uint64_t pfn)
{
	switch (pfn * 5 % 13 % 6) {
	case 0:
		break;
	case 1:
		for (size_t i = 0; i < PAGE; i++)
			page[i] = "page frame "[i % 11] + pfn % 7;
		break;
	case 2:
		check_noise(page, PAGE, pfn);
		break;
	case 3:
		check_noise(page, PAGE / 2, pfn);
		break;
	case 4:
		page[PAGE - 1] = 1;
		break;
	case 5:
		memset(page, 0xff, PAGE);
		break;
	}
}

static void keep_range(struct fixture *f, uint64_t start, uint64_t end)
{
	bitmap_set(&f->keep, start, end);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	for (uint64_t pfn = SYNTH_TEST_PFN; pfn < SYNTH_MAIN_END; pfn++)
		fill_page(synth_at(&f->m, pfn * PAGE), pfn);
	for (uint64_t pfn = SYNTH_HIGH_PFN; pfn < SYNTH_HIGH_PFN + 300; pfn++)
		fill_page(synth_at(&f->m, pfn * PAGE), pfn);
	/* Behind the last byte of low memory lies what belongs to nobody. */
	memset(synth_at(&f->m, 0x9f000), 0x77, PAGE);
	f->dump = synth_dump(&f->m);

	assert_int_equal(bitmap_init(&f->keep, f->dump->max_pfn), 0);
	keep_range(f, SYNTH_LOW_END - 2, SYNTH_LOW_END);
	keep_range(f, SYNTH_IMAGE_PFN, SYNTH_IMAGE_PFN + 5);
	keep_range(f, SYNTH_TEST_PFN, SYNTH_TEST_PFN + 700);
	bitmap_clear(&f->keep, SYNTH_TEST_PFN + 100, SYNTH_TEST_PFN + 163);
	for (uint64_t pfn = SYNTH_HIGH_PFN; pfn < SYNTH_HIGH_PFN + 300; pfn += 3)
		keep_range(f, pfn, pfn + 2);
	f->n_keep = bitmap_count(&f->keep, 0, f->keep.bits);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	bitmap_done(&f->keep);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

static struct save_options options(const char *codec, unsigned level, unsigned threads)
{
	struct save_options o = {
		.level = level,
		.threads = threads,
		.uts = { "Linux", "synth", SYNTH_RELEASE, "#1", "x86_64", "" },
		.crash_time = SYNTH_CRASH_TIME,
		.phys_base = SYNTH_PHYS_BASE,
	};

	assert_int_equal(codec_parse(codec, &o.codec, &o.codec_level), 0);
	return o;
}

/* A page as it must be in the file. */
static void expected_page(struct fixture *f, uint64_t pfn, uint8_t *page)
{
	memcpy(page, synth_at(&f->m, pfn * PAGE), PAGE);
	if (pfn == SYNTH_LOW_END - 1)
		memset(page + 0xc00, 0, 0x400);
}

static bool is_zero(struct fixture *f, uint64_t pfn)
{
	static const uint8_t zeroes[PAGE];
	uint8_t page[PAGE];

	expected_page(f, pfn, page);
	return memcmp(page, zeroes, PAGE) == 0;
}

static uint64_t count_zero(struct fixture *f)
{
	uint64_t n = 0;

	for (uint64_t pfn = 0; pfn < f->keep.bits; pfn++)
		n += bitmap_test(&f->keep, pfn) && is_zero(f, pfn);
	return n;
}

/* Reads page @pfn of a file and compares it with memory; gives the error of the reading. */
static int check_page(struct fixture *f, struct reader *r, uint64_t pfn)
{
	uint8_t got[PAGE], expected[PAGE];
	int e = reader_read(r, pfn * PAGE, got, PAGE);

	if (e == 0) {
		expected_page(f, pfn, expected);
		assert_memory_equal(got, expected, PAGE);
	}
	return e;
}

/* All of memory, and a bit around it, is in @d as it was or was excluded. */
static void check_pages(struct fixture *f, const struct dump *d)
{
	_cleanup_(reader_freep) struct reader *r = NULL;

	assert_int_equal(reader_new(d, MIB(1), &r), 0);
	for (uint64_t pfn = 0; pfn < SYNTH_HIGH_END + 10; pfn++) {
		if (pfn == SYNTH_MAIN_END + 10)
			pfn = SYNTH_HIGH_PFN - 10;
		assert_int_equal(check_page(f, r, pfn), bitmap_test(&f->keep, pfn)  ? 0
		                                        : dump_is_ram(f->dump, pfn) ? -ENODATA
		                                                                    : -ENXIO);
	}
}

static void check_head(struct fixture *f, const struct dump *d, const struct save_options *o)
{
	assert_string_equal(dump_format_name(d), "kdump");
	assert_int_equal(d->state, DUMP_COMPLETE);
	assert_int_equal(d->level, o->level);
	assert_int_equal(d->page_shift, 12);
	assert_int_equal(d->n_cpus, SYNTH_CPUS);
	assert_int_equal(d->max_pfn, f->dump->max_pfn);
	assert_int_equal(d->phys_base, SYNTH_PHYS_BASE);
	assert_string_equal(d->machine, "x86_64");
	assert_int_equal(d->n_ram, f->dump->n_ram);
	assert_memory_equal(d->ram, f->dump->ram, d->n_ram * sizeof(*d->ram));
	assert_int_equal(d->notes_len, f->dump->notes_len);
	assert_memory_equal(d->notes, f->dump->notes, d->notes_len);
	assert_int_equal(d->vmcoreinfo.len, f->m.info.len);
	assert_memory_equal(d->vmcoreinfo.text, f->m.info.text, f->m.info.len);
}

/* Saves with these options, reads it back. */
static void check_save(struct fixture *f, const char *codec, unsigned level, unsigned threads)
{
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_(dump_freep) struct dump *d = NULL;
	struct save_options o = options(codec, level, threads);
	struct save_result result;
	const void *file;
	size_t size;

	assert_int_equal(sink_to_memory(&sink), 0);
	assert_int_equal(save_kdump(f->dump, &f->keep, &o, sink, &result), 0);
	file = sink_memory(sink, &size);
	assert_int_equal(result.pages, f->n_keep);
	assert_int_equal(result.zero, level & 1 ? count_zero(f) : 0);
	assert_int_equal(result.unreadable, 0);
	assert_int_equal(result.file_size, size);
	assert_int_equal(synth_open(file, size, &d), 0);
	check_head(f, d, &o);
	check_pages(f, d);
}

static void every_codec_saves_memory_as_it_is(void **state)
{
	for (size_t i = 0; codecs[i]; i++) {
		check_save(*state, codecs[i]->name, 0, 1);
		check_save(*state, codecs[i]->name, 1, 8);
		check_save(*state, codecs[i]->name, 31, 2);
	}
	check_save(*state, "zlib:9", 31, 1);
	check_save(*state, "zstd:-7", 0, 2);
}

static void any_number_of_threads_saves_the_same(void **state)
{
	static const unsigned threads[] = { 1, 2, 3, 8, 64, 1000 };

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		check_save(*state, "lzo", 1, threads[i]);
}

static void all_of_memory_is_saved(void **state)
{
	struct fixture *f = *state;

	bitmap_done(&f->keep);
	assert_int_equal(filter_all(f->dump, &f->keep), 0);
	f->n_keep = bitmap_count(&f->keep, 0, f->keep.bits);
	assert_int_equal(f->n_keep, SYNTH_PAGES);
	check_save(f, "lzo", 1, 2);
}

static void nothing_is_saved_as_well(void **state)
{
	struct fixture *f = *state;

	bitmap_clear(&f->keep, 0, f->keep.bits);
	f->n_keep = 0;
	check_save(f, "zstd", 31, 2);
	check_save(f, "none", 0, 1);
}

/* Where the descriptors of a file are. */
static const uint8_t *find_descs(const void *file, struct kdump_header *h)
{
	assert_int_equal(kdump_header_decode_main(file, h), 1);
	assert_int_equal(kdump_header_decode_sub((const uint8_t *)file + h->block_size, h), 0);
	return (const uint8_t *)file + kdump_desc_offset(h);
}

static void pages_of_zeroes_share_the_place_behind_the_descriptors(void **state)
{
	struct fixture *f = *state;
	_cleanup_(sink_freep) struct sink *sink = NULL;
	struct save_options o = options("none", 31, 2);
	struct save_result result;
	struct kdump_header h;
	const uint8_t *desc;
	size_t size;

	assert_int_equal(sink_to_memory(&sink), 0);
	assert_int_equal(save_kdump(f->dump, &f->keep, &o, sink, &result), 0);
	desc = find_descs(sink_memory(sink, &size), &h);
	for (uint64_t pfn = 0; pfn < f->keep.bits; pfn++) {
		uint64_t shared =
			ALIGN_UP(kdump_desc_offset(&h) + f->n_keep * KDUMP_DESC_SIZE, PAGE);
		struct kdump_desc d;

		if (!bitmap_test(&f->keep, pfn))
			continue;
		kdump_desc_decode(desc, false, &d);
		desc += KDUMP_DESC_SIZE;
		assert_int_equal(d.size, PAGE);
		assert_int_equal(d.flags, 0);
		assert_int_equal(d.offset == shared, is_zero(f, pfn));
		assert_true(d.offset >= shared);
	}
	/* The file ends with a whole block, and says so. */
	assert_int_equal(size, ALIGN_UP(kdump_desc_offset(&h) + f->n_keep * KDUMP_DESC_SIZE +
	                                        (f->n_keep - count_zero(f) + 1) * PAGE,
	                                PAGE));
	assert_int_equal(h.written_blocks, size / PAGE);
}

/* How many pages share what they have in the file with an earlier one, of those that could: that
 * hold what an earlier one holds. Nothing else is shared. */
static void count_shared(struct fixture *f, const struct save_options *o, unsigned *ret_shared,
                         unsigned *ret_could)
{
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_free_ uint64_t *pfns = calloc(f->n_keep, sizeof(*pfns));
	struct save_result result;
	struct kdump_header h;
	const uint8_t *descs;
	unsigned n = 0;
	size_t size;

	assert_non_null(pfns);
	assert_int_equal(sink_to_memory(&sink), 0);
	assert_int_equal(save_kdump(f->dump, &f->keep, o, sink, &result), 0);
	descs = find_descs(sink_memory(sink, &size), &h);
	*ret_shared = *ret_could = 0;
	for (uint64_t pfn = 0; pfn < f->keep.bits; pfn++) {
		bool shared = false, could = false;
		uint8_t page[PAGE], other[PAGE];
		struct kdump_desc a, b;

		if (!bitmap_test(&f->keep, pfn))
			continue;
		kdump_desc_decode(descs + n * KDUMP_DESC_SIZE, false, &a);
		expected_page(f, pfn, page);
		for (unsigned i = 0; i < n; i++) {
			bool same;

			expected_page(f, pfns[i], other);
			same = memcmp(page, other, PAGE) == 0;
			kdump_desc_decode(descs + i * KDUMP_DESC_SIZE, false, &b);
			if (a.offset == b.offset) {
				assert_true(same);
				shared = true;
			}
			could |= same;
		}
		*ret_shared += shared;
		*ret_could += could;
		pfns[n++] = pfn;
	}
}

static void pages_that_hold_the_same_share_their_place(void **state)
{
	struct fixture *f = *state;
	unsigned shared, could;

	for (size_t i = 0; codecs[i]; i++) {
		struct save_options o = options(codecs[i]->name, i % 2, 1);

		count_shared(f, &o, &shared, &could);
		assert_in_range(shared, could * 9 / 10, could);
	}
}

static void of_the_kernel_only_pages_of_zeroes_do(void **state)
{
	struct save_options o = options("lzo", 31, 2);
	struct fixture *f = *state;
	unsigned shared, could;

	count_shared(f, &o, &shared, &could);
	assert_int_equal(shared, count_zero(f) - 1);
	assert_true(could > 2 * shared);
}

/* Notes the blocks of the kept pages that are in @first, or of all others. */
static void note_blocks(struct fixture *f, const struct bitmap *first, bool others,
                        const uint8_t *descs, struct bitmap *ret)
{
	for (uint64_t pfn = 0; pfn < f->keep.bits; pfn++) {
		struct kdump_desc page;

		if (!bitmap_test(&f->keep, pfn))
			continue;
		kdump_desc_decode(descs, false, &page);
		descs += KDUMP_DESC_SIZE;
		if (bitmap_test(first, pfn) != others)
			bitmap_set(ret, page.offset / PAGE, page.offset / PAGE + 1);
	}
}

/* Every third page is to be first, some that are not kept too; then some at the end alone. Others
 * may share what first ones have. */
static void first_pages_lie_before_all_others(void **state)
{
	static const unsigned threads[] = { 1, 2, 8 };
	struct fixture *f = *state;

	for (size_t t = 0; t < 2 * ARRAY_SIZE(threads); t++) {
		_cleanup_(bitmap_done) struct bitmap first = {}, blocks = {}, more = {};
		_cleanup_(sink_freep) struct sink *sink = NULL;
		_cleanup_(dump_freep) struct dump *d = NULL;
		struct save_options o = options("none", 0, threads[t / 2]);
		uint64_t n_blocks, end_of_first;
		struct save_result result;
		struct kdump_header h;
		const void *file;
		size_t size;

		assert_int_equal(bitmap_init(&first, f->keep.bits), 0);
		if (t % 2)
			for (uint64_t pfn = 0; pfn < first.bits; pfn += 3)
				bitmap_set(&first, pfn, pfn + 1);
		else
			bitmap_set(&first, SYNTH_HIGH_PFN + 100, SYNTH_HIGH_END);
		o.first[0] = &first;
		assert_int_equal(sink_to_memory(&sink), 0);
		assert_int_equal(save_kdump(f->dump, &f->keep, &o, sink, &result), 0);
		assert_int_equal(result.pages, f->n_keep);
		file = sink_memory(sink, &size);
		assert_int_equal(synth_open(file, size, &d), 0);
		check_pages(f, d);
		n_blocks = size / PAGE;
		assert_int_equal(bitmap_init(&blocks, n_blocks), 0);
		assert_int_equal(bitmap_init(&more, n_blocks), 0);
		note_blocks(f, &first, false, find_descs(file, &h), &blocks);
		note_blocks(f, &first, true, find_descs(file, &h), &more);
		end_of_first = 0;
		for (uint64_t i = bitmap_next_set(&blocks, 0); i < n_blocks;
		     i = bitmap_next_set(&blocks, i + 1)) {
			bitmap_clear(&more, i, i + 1);
			end_of_first = i + 1;
		}
		assert_int_not_equal(end_of_first, 0);
		assert_in_range(bitmap_count(&more, 0, n_blocks), 1, n_blocks);
		assert_int_equal(bitmap_count(&more, 0, end_of_first), 0);
	}
}

static void status_names_the_codec_and_says_complete(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; codecs[i]; i++) {
		_cleanup_(sink_freep) struct sink *sink = NULL;
		struct save_options o = options(codecs[i]->name, 0, 1);
		struct save_result result;
		struct kdump_header h;
		size_t size;

		assert_int_equal(sink_to_memory(&sink), 0);
		assert_int_equal(save_kdump(f->dump, &f->keep, &o, sink, &result), 0);
		find_descs(sink_memory(sink, &size), &h);
		assert_int_equal(h.status, codecs[i]->flag);
		assert_int_equal(h.crash_time, SYNTH_CRASH_TIME);
		assert_string_equal(h.uts[2], SYNTH_RELEASE);
	}
}

static void note_progress(void *arg, uint64_t done, uint64_t total)
{
	uint64_t *seen = arg;

	assert_true(done >= seen[0] && done <= total);
	seen[0] = done;
	seen[1] = total;
}

static void progress_goes_up_to_all_pages(void **state)
{
	struct fixture *f = *state;
	_cleanup_(sink_freep) struct sink *sink = NULL;
	struct save_options o = options("lzo", 31, 2);
	struct save_result result;
	uint64_t seen[2] = {};

	o.progress = note_progress;
	o.arg = seen;
	assert_int_equal(sink_to_memory(&sink), 0);
	assert_int_equal(save_kdump(f->dump, &f->keep, &o, sink, &result), 0);
	assert_int_equal(seen[0], f->n_keep);
	assert_int_equal(seen[1], f->n_keep);
}

struct watcher {
	uint64_t written, calls, enough;
	atomic_bool stop;
};

static void watch(void *arg, uint64_t written)
{
	struct watcher *w = arg;

	assert_true(written > w->written && written / MIB(1) > w->written / MIB(1));
	w->written = written;
	w->calls++;
	w->stop = written >= w->enough;
}

/* It does not have to wait until a batch of pages is done. */
static void who_watches_can_end_it(void **state)
{
	struct fixture *f = *state;
	struct watcher all = { .enough = UINT64_MAX }, some = { .enough = MIB(1) };
	struct watcher *const watchers[] = { &all, &some };
	struct save_result result;

	/* 7M and more, not in one piece. */
	for (uint64_t pfn = SYNTH_HIGH_PFN; pfn < SYNTH_HIGH_END; pfn++)
		check_noise(synth_at(&f->m, pfn * PAGE), PAGE, pfn);
	for (uint64_t pfn = SYNTH_HIGH_PFN; pfn < SYNTH_HIGH_END; pfn += 8)
		keep_range(f, pfn, pfn + 7);
	for (size_t i = 0; i < ARRAY_SIZE(watchers); i++) {
		_cleanup_(sink_freep) struct sink *sink = NULL;
		struct save_options o = options("none", 31, 1);

		o.stop = &watchers[i]->stop;
		assert_int_equal(sink_to_memory(&sink), 0);
		sink_watch(sink, MIB(1), watch, watchers[i]);
		assert_int_equal(save_kdump(f->dump, &f->keep, &o, sink, &result),
		                 i == 0 ? 0 : -EINTR);
	}
	assert_in_range(all.written, MIB(7), MIB(16));
	assert_in_range(all.calls, 3, 8);
	assert_in_range(some.written, MIB(1), MIB(6));
}

/* The core of a machine, cut off within its high memory. */
static void pages_that_cannot_be_read_are_lost_and_counted(void **state)
{
	struct fixture *f = *state;
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_(dump_freep) struct dump *cut = NULL, *d = NULL;
	_cleanup_(reader_freep) struct reader *r = NULL;
	struct save_options o = options("zstd", 1, 2);
	struct save_result result;
	uint64_t lost = 0;
	const void *file;
	size_t size;

	assert_int_equal(synth_open(f->m.core, f->m.core_len - MIB(8) + 100 * PAGE + 1, &cut), 0);
	assert_int_equal(sink_to_memory(&sink), 0);
	assert_int_equal(save_kdump(cut, &f->keep, &o, sink, &result), 0);
	file = sink_memory(sink, &size);
	assert_int_equal(synth_open(file, size, &d), 0);
	assert_int_equal(reader_new(d, MIB(1), &r), 0);
	for (uint64_t pfn = 0; pfn < f->keep.bits; pfn++) {
		bool there = pfn < SYNTH_HIGH_PFN + 100;

		if (!bitmap_test(&f->keep, pfn))
			continue;
		assert_int_equal(check_page(f, r, pfn), there ? 0 : -ENODATA);
		lost += !there;
	}
	assert_int_equal(result.pages, f->n_keep);
	assert_int_equal(result.unreadable, lost);
	assert_true(lost > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(every_codec_saves_memory_as_it_is),
		TEST(any_number_of_threads_saves_the_same),
		TEST(all_of_memory_is_saved),
		TEST(nothing_is_saved_as_well),
		TEST(pages_of_zeroes_share_the_place_behind_the_descriptors),
		TEST(pages_that_hold_the_same_share_their_place),
		TEST(of_the_kernel_only_pages_of_zeroes_do),
		TEST(first_pages_lie_before_all_others),
		TEST(status_names_the_codec_and_says_complete),
		TEST(progress_goes_up_to_all_pages),
		TEST(who_watches_can_end_it),
		TEST(pages_that_cannot_be_read_are_lost_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
