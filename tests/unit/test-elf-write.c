// SPDX-License-Identifier: GPL-2.0-or-later
/* test-elf-write.c - ELF cores as they are written, and both formats as streams and cut off. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "tests/unit/synth.h"
#include "tests/unit/temptree.h"
#include "vmcore/format/dump-format.h"
#include "vmcore/format/save.h"
#include "vmcore/filter/filter.h"

#define PAGE 4096

/* A machine of 64 pages at FIRST and 3 more at HIGH; its kernel image are pages 3 to 12, of which
 * two are not kept. */
#define FIRST UINT64_C(0x100)
#define PAGES UINT64_C(64)
#define HIGH  UINT64_C(0x180)
#define IMAGE (FIRST + 3)
#define DATA  (2 * PAGE)

static uint8_t core[DATA + (PAGES + 3) * PAGE];

#define LINEAR   UINT64_C(0xffff888000000000)
#define IMAGE_VA UINT64_C(0xffffffff81000000)

static bool is_zero_page(uint64_t i)
{
	return i % 7 == 3 || (i >= 24 && i < 50);
}

static void make_core(bool swap)
{
	struct synth_segment segments[] = {
		{ PT_NOTE, PAGE, 0, 0, 0, 0 },
		{ PT_LOAD, DATA + 3 * PAGE, IMAGE_VA, IMAGE * PAGE, 9 * PAGE, 9 * PAGE },
		{ PT_LOAD, DATA, LINEAR + FIRST * PAGE, FIRST * PAGE, PAGES * PAGE, PAGES * PAGE },
		{ PT_LOAD, DATA + PAGES * PAGE, LINEAR + HIGH * PAGE, HIGH * PAGE, 3 * PAGE,
		  3 * PAGE },
	};
	struct synth_notes notes = { .swap = swap };

	memset(core, 0, sizeof(core));
	synth_note(&notes, "VMCOREINFO", 0, "OSRELEASE=6.12\n", 15);
	segments[0].filesz = notes.len;
	memcpy(core + PAGE, notes.bytes, notes.len);
	synth_elf_headers(core, &(struct synth_elf){ .segments = segments,
	                                             .n = ARRAY_SIZE(segments),
	                                             .machine = EM_AARCH64,
	                                             .swap = swap });
	for (uint64_t i = 0; i < PAGES + 3; i++)
		if (!is_zero_page(i))
			check_noise(core + DATA + i * PAGE, PAGE / (i % 3 + 1), i);
}

static const uint8_t *page_of(uint64_t pfn)
{
	return core + DATA + (pfn >= HIGH ? PAGES + pfn - HIGH : pfn - FIRST) * PAGE;
}

/* Pages that are kept: not the first one, no others at times. */
static void make_keep(const struct dump *d, struct bitmap *keep)
{
	assert_int_equal(bitmap_init(keep, d->max_pfn), 0);
	bitmap_set(keep, FIRST + 1, FIRST + 52);
	bitmap_clear(keep, FIRST + 4, FIRST + 6);
	bitmap_set(keep, HIGH + 1, HIGH + 2);
}

static struct save_options options(void)
{
	struct save_options o = { .threads = 2, .level = 1, .uts = { [4] = "aarch64" } };

	assert_int_equal(codec_parse("lzo", &o.codec, &o.codec_level), 0);
	return o;
}

static const struct writer_format *format(const char *name)
{
	const struct writer_format *f;

	assert_int_equal(writer_format_parse(name, &f), 0);
	assert_string_equal(writer_format_name(f), name);
	return f;
}

static int save(const char *name, struct sink *sink, struct save_result *ret)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_(bitmap_done) struct bitmap keep = {};
	struct save_options o = options();
	int r;

	assert_int_equal(synth_open(core, sizeof(core), &d), 0);
	make_keep(d, &keep);
	r = save_as(format(name), d, &keep, &o, sink, ret);
	assert_int_equal(ret->pages, 50);
	return r;
}

/* Reads every page: it is as it was, or gives @missing; what is not kept is never there. Returns
 * how many are there. */
static unsigned check_pages(const struct dump *d, int missing)
{
	static const struct ram_range ram[] = { { FIRST, FIRST + PAGES }, { HIGH, HIGH + 3 } };
	_cleanup_(reader_freep) struct reader *r = NULL;
	_cleanup_(bitmap_done) struct bitmap keep = {};
	unsigned there = 0;

	make_keep(d, &keep);
	assert_int_equal(reader_new(d, PAGE, &r), 0);
	assert_int_equal(d->n_ram, 2);
	assert_memory_equal(d->ram, ram, sizeof(ram));
	for (uint64_t pfn = FIRST; pfn < HIGH + 3; pfn++) {
		uint8_t page[PAGE];
		int e = reader_read(r, pfn * PAGE, page, PAGE);

		assert_int_equal(e, !dump_is_ram(d, pfn)       ? -ENXIO
		                    : !bitmap_test(&keep, pfn) ? -ENODATA
		                    : e < 0                    ? missing
		                                               : 0);
		if (e == 0)
			assert_memory_equal(page, page_of(pfn), PAGE);
		there += e == 0;
	}
	return there;
}

static void check_elf(const struct dump *d, bool swap)
{
	assert_string_equal(dump_format_name(d), "ELF");
	assert_int_equal(d->state, DUMP_COMPLETE);
	assert_int_equal(d->elf_machine, EM_AARCH64);
	assert_int_equal(d->swap, swap);
	assert_int_equal(d->image.start, IMAGE);
	assert_int_equal(d->image.end, IMAGE + 9);
	assert_int_equal(d->image_va, IMAGE_VA);
	assert_int_equal(d->linear_va, LINEAR);
	assert_int_equal(d->vmcoreinfo.len, 15);
	assert_int_equal(check_pages(d, 0), 50);
}

/* Saves to memory and opens that, which @ret_sink holds. */
static struct dump *save_and_open(const char *name, struct sink **ret_sink)
{
	struct save_result result;
	const void *bytes;
	struct dump *d;
	size_t len;

	assert_int_equal(sink_to_memory(ret_sink), 0);
	assert_int_equal(save(name, *ret_sink, &result), 0);
	bytes = sink_memory(*ret_sink, &len);
	assert_int_equal(result.file_size, len);
	assert_int_equal(result.unreadable, 0);
	assert_int_equal(synth_open(bytes, len, &d), 0);
	return d;
}

static void what_is_written_is_read_back(void **state)
{
	for (int swap = 0; swap < 2; swap++) {
		_cleanup_(sink_freep) struct sink *sink = NULL;
		_cleanup_(dump_freep) struct dump *d = NULL;

		make_core(swap);
		d = save_and_open("elf", &sink);
		check_elf(d, swap);
	}
	make_core(false);
}

static void kdump_keeps_the_byte_order_of_its_machine(void **state)
{
	for (int swap = 0; swap < 2; swap++) {
		_cleanup_(sink_freep) struct sink *sink = NULL;
		_cleanup_(dump_freep) struct dump *d = NULL;

		make_core(swap);
		d = save_and_open("kdump", &sink);
		assert_int_equal(d->state, DUMP_COMPLETE);
		assert_int_equal(d->swap, swap);
		assert_int_equal(d->vmcoreinfo.len, 15);
		assert_int_equal(check_pages(d, 0), 50);
	}
	make_core(false);
}

static void elf_is_made_of_kdump_too(void **state)
{
	_cleanup_(sink_freep) struct sink *sink = NULL, *elf = NULL;
	_cleanup_(dump_freep) struct dump *d = save_and_open("kdump", &sink), *back = NULL;
	_cleanup_(bitmap_done) struct bitmap keep = {};
	struct save_options o = options();
	struct save_result result;
	const void *bytes;
	size_t len;

	make_keep(d, &keep);
	assert_int_equal(sink_to_memory(&elf), 0);
	assert_int_equal(save_as(format("elf"), d, &keep, &o, elf, &result), 0);
	bytes = sink_memory(elf, &len);
	assert_int_equal(synth_open(bytes, len, &back), 0);
	assert_int_equal(back->elf_machine, EM_AARCH64);
	assert_int_equal(check_pages(back, 0), 50);
}

/* The program headers, one by one. */
static void each_run_has_its_segment(void **state)
{
	static const struct {
		uint64_t paddr, filesz, memsz;
	} expected[] = {
		{ IMAGE, 1, 3 },       { FIRST + 6, 6, 6 }, { FIRST, 0, 1 },    { FIRST + 1, 3, 5 },
		{ FIRST + 6, 46, 58 }, { HIGH, 0, 1 },      { HIGH + 1, 1, 2 },
	};
	_cleanup_(sink_freep) struct sink *sink = NULL;
	const uint8_t *bytes;
	Elf64_Ehdr h;
	size_t len;

	dump_free(save_and_open("elf", &sink));
	bytes = sink_memory(sink, &len);
	memcpy(&h, bytes, sizeof(h));
	assert_int_equal(h.e_flags, 0);
	assert_int_equal(h.e_phnum, 1 + ARRAY_SIZE(expected));
	assert_int_equal(h.e_phentsize, sizeof(Elf64_Phdr));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		Elf64_Phdr p;

		memcpy(&p, bytes + h.e_phoff + (1 + i) * sizeof(p), sizeof(p));
		assert_int_equal(p.p_type, PT_LOAD);
		assert_int_equal(p.p_paddr, expected[i].paddr * PAGE);
		assert_int_equal(p.p_filesz, expected[i].filesz * PAGE);
		assert_int_equal(p.p_memsz, expected[i].memsz * PAGE);
		assert_int_equal(p.p_vaddr, p.p_paddr + (i < 2 ? IMAGE_VA - IMAGE * PAGE : LINEAR));
		assert_int_equal(p.p_offset % PAGE, 0);
		if (p.p_filesz > 0)
			assert_memory_equal(bytes + p.p_offset, page_of(expected[i].paddr),
			                    p.p_filesz);
	}
}

static struct source *open_in(const struct temptree *t, const char *name)
{
	struct source *s;
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", t->path, name);
	assert_int_equal(source_open(path, &s), 0);
	return s;
}

static struct sink *stream_in(const struct temptree *t, int *ret_fd)
{
	struct sink *s;

	*ret_fd = openat(t->fd, "stream", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(*ret_fd >= 0);
	assert_int_equal(sink_flatten(*ret_fd, "stream", &s), 0);
	return s;
}

static void streams_are_read_back(void **state)
{
	struct temptree *t = *state;

	for (size_t i = 0; writer_formats[i]; i++) {
		_cleanup_(sink_freep) struct sink *sink = NULL;
		_cleanup_(dump_freep) struct dump *d = NULL;
		_cleanup_close_ int fd = -1;
		struct save_result result;

		sink = stream_in(t, &fd);
		assert_int_equal(save(writer_format_name(writer_formats[i]), sink, &result), 0);
		assert_int_equal(dump_open(open_in(t, "stream"), &d), 0);
		assert_int_equal(d->state, DUMP_COMPLETE);
		assert_int_equal(check_pages(d, 0), 50);
	}
}

/* No byte of a stream comes twice, since readers differ in which one they take. */
static void streams_have_each_byte_once(void **state)
{
	struct temptree *t = *state;

	for (size_t i = 0; writer_formats[i]; i++) {
		_cleanup_(sink_freep) struct sink *sink = NULL;
		_cleanup_(source_freep) struct source *s = NULL;
		_cleanup_(bitmap_done) struct bitmap seen = {};
		_cleanup_close_ int fd = -1;
		struct save_result result;
		uint64_t at = 4096, record[2];

		sink = stream_in(t, &fd);
		assert_int_equal(save(writer_format_name(writer_formats[i]), sink, &result), 0);
		s = open_in(t, "stream");
		assert_int_equal(bitmap_init(&seen, result.file_size), 0);
		for (;; at += sizeof(record) + record[1]) {
			assert_int_equal(source_read(s, at, record, sizeof(record)), 0);
			record[0] = be64toh(record[0]);
			record[1] = be64toh(record[1]);
			if (record[0] == UINT64_MAX)
				break;
			assert_int_equal(bitmap_count(&seen, record[0], record[0] + record[1]), 0);
			bitmap_set(&seen, record[0], record[0] + record[1]);
		}
		assert_true(bitmap_test(&seen, result.file_size - 1));
	}
}

/* Both formats, stopped in the middle of their data. */
static void file_that_hit_a_limit_says_so_and_gives_what_it_has(void **state)
{
	struct temptree *t = *state;

	signal(SIGXFSZ, SIG_IGN);
	for (size_t i = 0; writer_formats[i]; i++) {
		_cleanup_(sink_freep) struct sink *sink = NULL;
		_cleanup_(dump_freep) struct dump *d = NULL;
		const char *name = writer_format_name(writer_formats[i]);
		struct rlimit old, tight;
		struct save_result result;
		int r;

		assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
		tight = (struct rlimit){ .rlim_cur = 10 * PAGE + 100, .rlim_max = old.rlim_max };
		assert_int_equal(sink_create(t->fd, name, &sink), 0);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
		r = save(name, sink, &result);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_int_equal(r, -EFBIG);
		assert_int_equal(dump_open(open_in(t, name), &d), 0);
		assert_int_equal(d->state, DUMP_INCOMPLETE);
		/* Of the kdump-compressed one no descriptor was written yet. */
		assert_int_equal(check_pages(d, -ENODATA), streq(name, "elf") ? 9 : 0);
	}
}

/* Every file that can be left of @bytes is refused in one line, or says that it is incomplete and
 * gives what it has, and never a wrong page. */
static void check_every_cut(const uint8_t *bytes, size_t len)
{
	unsigned before = 0;

	/* Every byte of headers and descriptors; some bytes of each page of data, and the end. */
	for (size_t size = 0; size < len;
	     size += size < 6 * PAGE || size > len - 100 ? 1 : MIN(len - 100 - size + 1, 777)) {
		struct dump *d = NULL;
		unsigned there;
		int r = synth_open(bytes, size, &d);

		if (r < 0) {
			assert_int_equal(r, -EBADMSG);
			assert_int_equal(before, 0);
			continue;
		}
		assert_int_equal(d->state, DUMP_INCOMPLETE);
		there = check_pages(d, -ENODATA);
		assert_true(there >= before);
		before = there;
		dump_free(d);
	}
	assert_true(before > 40);
}

static void every_cut_is_noticed(void **state)
{
	for (size_t i = 0; writer_formats[i]; i++) {
		_cleanup_(sink_freep) struct sink *sink = NULL;
		const uint8_t *bytes;
		size_t len;

		dump_free(save_and_open(writer_format_name(writer_formats[i]), &sink));
		bytes = sink_memory(sink, &len);
		check_every_cut(bytes, len);
	}
}

static void every_cut_of_a_stream_is_noticed(void **state)
{
	struct temptree *t = *state;
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_(source_freep) struct source *s = NULL;
	_cleanup_close_ int fd = -1;
	struct save_result result;
	uint64_t at = 4096, record[2];
	uint8_t *bytes;

	sink = stream_in(t, &fd);
	assert_int_equal(save("kdump", sink, &result), 0);
	s = open_in(t, "stream");
	bytes = malloc(source_size(s));
	assert_non_null(bytes);
	assert_int_equal(source_read(s, 0, bytes, source_size(s)), 0);
	/* Where records meet, and in the middle of each. */
	for (unsigned before = 0; at < source_size(s); at += sizeof(record) + be64toh(record[1])) {
		memcpy(record, bytes + at, sizeof(record));
		if (be64toh(record[0]) == UINT64_MAX)
			break;
		for (unsigned i = 0; i < 4; i++) {
			size_t size = at + i * (sizeof(record) + be64toh(record[1])) / 4;
			struct dump *d;
			unsigned there;

			if (synth_open(bytes, size, &d) < 0)
				continue;
			assert_int_equal(d->state, DUMP_INCOMPLETE);
			there = d->n_ram == 2 ? check_pages(d, -ENODATA) : 0;
			assert_true(there >= before);
			before = there;
			dump_free(d);
		}
	}
	free(bytes);
}

/* More runs than e_phnum counts, all zeroes in a sparse file. */
static void more_runs_than_the_header_can_count(void **state)
{
	const uint64_t pages = 140000;
	struct temptree *t = *state;
	_cleanup_(dump_freep) struct dump *d = NULL, *back = NULL;
	_cleanup_(bitmap_done) struct bitmap keep = {};
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_(reader_freep) struct reader *r = NULL;
	struct synth_segment load = { PT_LOAD, PAGE, 0, 0, pages * PAGE, pages * PAGE };
	struct save_options o = options();
	struct save_result result;
	uint8_t head[PAGE] = {}, page[PAGE];
	char path[128];

	synth_elf_headers(head, &(struct synth_elf){ .segments = &load, .n = 1 });
	temptree_bytes(t, "in", head, sizeof(head));
	snprintf(path, sizeof(path), "%s/in", t->path);
	assert_int_equal(truncate(path, PAGE + pages * PAGE), 0);
	assert_int_equal(dump_open(open_in(t, "in"), &d), 0);
	assert_int_equal(bitmap_init(&keep, d->max_pfn), 0);
	for (uint64_t pfn = 0; pfn < pages; pfn += 2)
		bitmap_set(&keep, pfn, pfn + 1);
	assert_int_equal(sink_create(t->fd, "out", &sink), 0);
	assert_int_equal(save_as(format("elf"), d, &keep, &o, sink, &result), 0);
	assert_int_equal(result.zero, pages / 2);
	assert_int_equal(dump_open(open_in(t, "out"), &back), 0);
	assert_int_equal(back->state, DUMP_COMPLETE);
	assert_int_equal(back->n_ram, 1);
	assert_int_equal(back->ram[0].end, pages);
	assert_int_equal(reader_new(back, MIB(1), &r), 0);
	for (uint64_t pfn = pages - 100; pfn < pages; pfn++)
		assert_int_equal(reader_read(r, pfn * PAGE, page, PAGE), pfn % 2 ? -ENODATA : 0);
}

static void machine_without_a_number_is_refused(void **state)
{
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_(dump_freep) struct dump *d = save_and_open("kdump", &sink);
	_cleanup_(bitmap_done) struct bitmap keep = {};
	struct save_options o = options();
	struct save_result result;

	make_keep(d, &keep);
	strcpy(d->machine, "pdp11");
	assert_fails(save_as(format("elf"), d, &keep, &o, sink, &result), -EINVAL,
	             "\"pdp11\": the number of this ELF machine is not known");
}

static void formats_have_names(void **state)
{
	const struct writer_format *f = NULL;

	assert_fails(writer_format_parse("raw", &f), -EINVAL,
	             "\"raw\" is not a format that can be written: use one of kdump, elf");
	assert_null(f);
}

static int setup(void **state)
{
	make_core(false);
	return 0;
}

/* Runs that are longer than what is written at a time, with holes at the borders and across them,
 * by one thread to three. */
static void long_runs_are_written_as_they_lie(void **state)
{
	enum {
		N = 1000,
		THREADS = 3,
	};
	static uint8_t file[DATA + N * PAGE];
	const struct synth_segment load = { PT_LOAD, DATA, 0, 0, N * PAGE, N * PAGE };
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_(bitmap_done) struct bitmap keep = {};

	synth_elf_headers(file, &(struct synth_elf){ .segments = &load, .n = 1 });
	for (unsigned i = 0; i < N; i++)
		if (!(i >= 250 && i < 280) && !(i >= 512 && i < 530) && i % 9)
			check_noise(file + DATA + i * PAGE, PAGE, i);
	assert_int_equal(synth_open(file, sizeof(file), &d), 0);
	assert_int_equal(filter_all(d, &keep), 0);
	for (unsigned threads = 1; threads <= THREADS; threads++) {
		_cleanup_(sink_freep) struct sink *sink = NULL;
		_cleanup_(dump_freep) struct dump *back = NULL;
		_cleanup_(reader_freep) struct reader *r = NULL;
		struct save_options o = options();
		struct save_result result;
		const void *bytes;
		size_t len;

		/* The last time the runs begin at odd places. */
		if (threads == THREADS)
			bitmap_clear(&keep, 3, 8);
		o.threads = threads;
		assert_int_equal(sink_to_memory(&sink), 0);
		assert_int_equal(save_as(format("elf"), d, &keep, &o, sink, &result), 0);
		bytes = sink_memory(sink, &len);
		assert_int_equal(synth_open(bytes, len, &back), 0);
		assert_int_equal(reader_new(back, PAGE, &r), 0);
		for (uint64_t pfn = 0; pfn < N; pfn++) {
			uint8_t page[PAGE];

			assert_int_equal(reader_read(r, pfn * PAGE, page, PAGE),
			                 bitmap_test(&keep, pfn) ? 0 : -ENODATA);
			if (bitmap_test(&keep, pfn))
				assert_memory_equal(page, file + DATA + pfn * PAGE, PAGE);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TREE_TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(kdump_keeps_the_byte_order_of_its_machine),
		cmocka_unit_test(elf_is_made_of_kdump_too),
		cmocka_unit_test(each_run_has_its_segment),
		TREE_TEST(streams_are_read_back),
		TREE_TEST(streams_have_each_byte_once),
		TREE_TEST(file_that_hit_a_limit_says_so_and_gives_what_it_has),
		cmocka_unit_test(every_cut_is_noticed),
		TREE_TEST(every_cut_of_a_stream_is_noticed),
		TREE_TEST(more_runs_than_the_header_can_count),
		cmocka_unit_test(machine_without_a_number_is_refused),
		cmocka_unit_test(formats_have_names),
		cmocka_unit_test(long_runs_are_written_as_they_lie),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
