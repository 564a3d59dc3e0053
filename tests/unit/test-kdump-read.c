// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kdump-read.c - kdump-compressed files that are incomplete, cut off, broken or unusual. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/unit/synth.h"
#include "tests/unit/temptree.h"
#include "vmcore/format/save.h"

#define PAGE      4096
#define PAGES     1200
#define SPLIT     700
#define FIRST_PFN 0x100
#define DATA      PAGE /* where memory begins in the core */

/* Plain memory: pages of noise and of one letter by turns, in two segments that touch. */
static uint8_t core[DATA + PAGES * PAGE];

static int make_core(void **state)
{
	static const struct synth_segment load[] = {
		{ .type = PT_LOAD,
		  .offset = DATA,
		  .paddr = FIRST_PFN * PAGE,
		  .filesz = SPLIT * PAGE },
		{ .type = PT_LOAD,
		  .offset = DATA + SPLIT * PAGE,
		  .paddr = (FIRST_PFN + SPLIT) * PAGE,
		  .filesz = (PAGES - SPLIT) * PAGE },
	};

	for (size_t i = 0; i < PAGES; i++)
		if (i % 2)
			check_noise(core + DATA + i * PAGE, PAGE, i);
		else
			memset(core + DATA + i * PAGE, 'a' + i % 26, PAGE);
	synth_elf_headers(core, &(struct synth_elf){ .segments = load, .n = 2 });
	return 0;
}

/* At level 31 each page of a letter is stored for itself, at level 0 once for all where one thread
 * finds them. */
static struct save_options options(unsigned level, unsigned threads)
{
	struct save_options o = { .threads = threads, .level = level, .uts = { [4] = "x86_64" } };

	assert_int_equal(codec_parse("zlib", &o.codec, &o.codec_level), 0);
	return o;
}

/* Saves all of the core to @sink. */
static int save(struct sink *sink, const struct save_options *o, struct save_result *ret)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_(bitmap_done) struct bitmap keep = {};

	assert_int_equal(synth_open(core, sizeof(core), &d), 0);
	assert_int_equal(bitmap_init(&keep, d->max_pfn), 0);
	bitmap_set(&keep, FIRST_PFN, FIRST_PFN + PAGES);
	return save_kdump(d, &keep, o, sink, ret);
}

/* The core as a file in memory, its descriptors at @descs. */
struct file {
	uint8_t *bytes;
	size_t size;
	uint64_t descs;
};

static struct file make_file_with(const struct save_options *o)
{
	_cleanup_(sink_freep) struct sink *sink = NULL;
	struct save_result result;
	struct kdump_header h;
	struct file f;
	const void *bytes;

	assert_int_equal(sink_to_memory(&sink), 0);
	assert_int_equal(save(sink, o, &result), 0);
	bytes = sink_memory(sink, &f.size);
	f.bytes = malloc(f.size);
	assert_non_null(f.bytes);
	memcpy(f.bytes, bytes, f.size);
	assert_int_equal(kdump_header_decode_main(f.bytes, &h), 1);
	assert_int_equal(kdump_header_decode_sub(f.bytes + h.block_size, &h), 0);
	f.descs = kdump_desc_offset(&h);
	return f;
}

static struct file make_file(void)
{
	struct save_options o = options(31, 2);

	return make_file_with(&o);
}

/* What reading page number @i gives; what is read must be right. */
static int read_page(struct reader *r, size_t i)
{
	uint8_t page[PAGE];
	int e = reader_read(r, (FIRST_PFN + i) * PAGE, page, PAGE);

	if (e == 0)
		assert_memory_equal(page, core + DATA + i * PAGE, PAGE);
	return e;
}

/* How many pages of @d can be read; the others must give @error. */
static size_t count_good(const struct dump *d, int error)
{
	_cleanup_(reader_freep) struct reader *r = NULL;
	size_t good = 0;

	assert_int_equal(reader_new(d, MIB(1), &r), 0);
	for (size_t i = 0; i < PAGES; i++) {
		int e = read_page(r, i);

		if (e == 0)
			good++;
		else
			assert_int_equal(e, error);
	}
	return good;
}

/* Opens a file of its own for the test, with a limit on its size; gives what became of saving. */
static int save_within(const struct temptree *tree, rlim_t limit, const struct save_options *o,
                       struct save_result *ret)
{
	_cleanup_(sink_freep) struct sink *sink = NULL;
	struct rlimit old, tight;
	int r;

	assert_int_equal(sink_create(tree->fd, "vmcore", &sink), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = (struct rlimit){ .rlim_cur = limit, .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	r = save(sink, o, ret);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	return r;
}

static int open_file(const struct temptree *tree, struct dump **ret)
{
	struct source *s;
	char path[128];

	snprintf(path, sizeof(path), "%s/vmcore", tree->path);
	assert_int_equal(source_open(path, &s), 0);
	return dump_open(s, ret);
}

static void check_limits(const struct save_options *o)
{
	struct file whole = make_file_with(o);
	size_t data = whole.size - whole.descs - PAGES * KDUMP_DESC_SIZE, before = 0;

	signal(SIGXFSZ, SIG_IGN);
	for (size_t part = 1; part <= 4; part++) {
		rlim_t limit = whole.size - data + data * part / 4;
		struct save_result result;
		struct temptree tree;
		struct dump *d;
		size_t good;

		temptree_make(&tree);
		if (part < 4)
			assert_fails(save_within(&tree, limit, o, &result), -EFBIG,
			             "vmcore: writing at offset ");
		else
			assert_int_equal(save_within(&tree, limit, o, &result), 0);
		assert_int_equal(result.pages, PAGES);
		assert_int_equal(open_file(&tree, &d), 0);
		assert_int_equal(d->state, part < 4 ? DUMP_INCOMPLETE : DUMP_COMPLETE);
		/* What was not written is lost; nothing is wrong. */
		good = count_good(d, -ENODATA);
		assert_true(good > before);
		before = good;
		dump_free(d);
		temptree_remove(&tree);
	}
	assert_int_equal(before, PAGES);
	free(whole.bytes);
}

static void file_that_hit_a_limit_says_so_and_gives_what_it_has(void **state)
{
	struct save_options each = options(31, 2), shared = options(0, 1);

	check_limits(&each);
	check_limits(&shared);
}

static void no_room_for_the_descriptors_leaves_no_dump(void **state)
{
	struct save_options o = options(31, 2);
	struct save_result result;
	struct temptree tree;
	struct dump *d = NULL;

	signal(SIGXFSZ, SIG_IGN);
	temptree_make(&tree);
	assert_fails(save_within(&tree, 8 * PAGE, &o, &result), -EFBIG, "vmcore: cannot be made ");
	assert_fails(open_file(&tree, &d), -EBADMSG, "neither an ELF core nor");
	temptree_remove(&tree);
}

static void sink_does_not_overwrite(void **state)
{
	_cleanup_(sink_freep) struct sink *sink = NULL;
	struct temptree tree;
	struct stat st;

	temptree_make(&tree);
	assert_int_equal(sink_create(tree.fd, "vmcore", &sink), 0);
	assert_int_equal(fstatat(tree.fd, "vmcore", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	sink = sink_free(sink);
	assert_fails(sink_create(tree.fd, "vmcore", &sink), -EEXIST, "vmcore: cannot be created");
	assert_null(sink);
	temptree_remove(&tree);
}

/* Opens the first @size bytes of a file; gives how many pages can be read. */
static size_t open_cut(const struct file *f, size_t size)
{
	/* A copy of that size, so that a sanitizer sees any byte too many. */
	_cleanup_free_ uint8_t *cut = malloc(size ?: 1);
	_cleanup_(dump_freep) struct dump *d = NULL;

	assert_non_null(cut);
	memcpy(cut, f->bytes, size);
	if (size < f->descs) {
		assert_fails(synth_open(cut, size, &d), -EBADMSG, "synth: ");
		assert_null(d);
		return 0;
	}
	assert_int_equal(synth_open(cut, size, &d), 0);
	assert_int_equal(d->state, size < f->size ? DUMP_INCOMPLETE : DUMP_COMPLETE);
	return count_good(d, -ENODATA);
}

static void cut_off_file_is_refused_or_gives_what_it_has(void **state)
{
	struct file f = make_file();
	size_t before = 0;

	for (size_t size = 0; size <= f.size; size += size < f.descs ? 509 : 100003) {
		size_t good = open_cut(&f, size);

		assert_true(good >= before);
		before = good;
	}
	assert_true(before > PAGES / 2);
	/* One byte less than all, which is only filling up, is noticed. */
	assert_int_equal(open_cut(&f, f.size - 1), PAGES);
	assert_int_equal(open_cut(&f, f.size), PAGES);
	free(f.bytes);
}

/* As others write it: nothing tells the size of the whole. */
static void cut_is_noticed_by_the_last_descriptors(void **state)
{
	struct file f = make_file();
	uint64_t end = 0;

	synth_put(f.bytes + 452, 0, 4, false);
	for (size_t i = 0; i < PAGES; i++) {
		struct kdump_desc desc;

		kdump_desc_decode(f.bytes + f.descs + i * KDUMP_DESC_SIZE, false, &desc);
		end = MAX(end, desc.offset + desc.size);
	}
	f.size = end;
	assert_int_equal(open_cut(&f, end), PAGES);
	assert_int_equal(open_cut(&f, end - 1), PAGES - 1);
	free(f.bytes);
}

static void descriptors_that_cannot_be_are_refused(void **state)
{
	static const struct {
		struct kdump_desc desc;
		int result;
		const char *error;
	} bad[] = {
		{ { 0, 0, 0 }, -ENODATA, "synth: page 0x103 was lost" },
		{ { 0, PAGE, 1 }, -ENODATA, "page 0x103 was lost" },
		{ { PAGE, PAGE - 1, 0 },
		  -EBADMSG,
		  "page 0x103 has 4095 bytes, which is not plausible" },
		{ { PAGE, 0, 0 }, -EBADMSG, "has 0 bytes, which is not plausible" },
		{ { PAGE, 0, 1 }, -EBADMSG, "has 0 bytes, which is not plausible" },
		{ { PAGE, PAGE + 1, 1 }, -EBADMSG, "has 4097 bytes, which is not plausible" },
		{ { PAGE, UINT32_MAX, 0 }, -EBADMSG, "which is not plausible" },
		{ { PAGE, 100, 0x40 }, -EBADMSG, "page 0x103 has an unknown compression 0x40" },
		{ { PAGE, 100, 0x03 }, -EBADMSG, "an unknown compression 0x3" },
		{ { PAGE, 100, 0x08 }, -EBADMSG, "an unknown compression 0x8" },
		{ { PAGE, 100, 0x80000000 }, -EBADMSG, "an unknown compression 0x80000000" },
		{ { PAGE, 100, 0x01 }, -EBADMSG, "page 0x103 does not unpack with zlib" },
		{ { PAGE, 100, 0x02 }, -EBADMSG, "page 0x103 does not unpack with lzo" },
		{ { PAGE, 100, 0x04 }, -EBADMSG, "page 0x103 does not unpack with snappy" },
		{ { PAGE, 100, 0x20 }, -EBADMSG, "page 0x103 does not unpack with zstd" },
		{ { UINT64_MAX, 100, 0x01 }, -ENODATA, "page 0x103 lies behind its end" },
		{ { UINT64_C(1) << 62, PAGE, 0 }, -ENODATA, "page 0x103 lies behind its end" },
	};
	struct file f = make_file();

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_(reader_freep) struct reader *r = NULL;
		struct dump *d;

		kdump_desc_encode(&bad[i].desc, false, f.bytes + f.descs + 3 * KDUMP_DESC_SIZE);
		assert_int_equal(synth_open(f.bytes, f.size, &d), 0);
		assert_int_equal(reader_new(d, PAGE, &r), 0);
		assert_fails(read_page(r, 3), bad[i].result, bad[i].error);
		/* The others are as good as ever, and it stays bad. */
		assert_int_equal(read_page(r, 2), 0);
		assert_int_equal(read_page(r, 3), bad[i].result);
		assert_int_equal(read_page(r, 4), 0);
		r = reader_free(r);
		dump_free(d);
	}
	free(f.bytes);
}

static void page_that_does_not_unpack_leaves_no_trace(void **state)
{
	_cleanup_(reader_freep) struct reader *r = NULL;
	_cleanup_(dump_freep) struct dump *d = NULL;
	struct file f = make_file();
	uint8_t *desc = f.bytes + f.descs + 4 * KDUMP_DESC_SIZE;
	struct kdump_desc cut;

	/* Nearly all of page 4 unpacks. */
	kdump_desc_decode(desc, false, &cut);
	cut.size -= 4;
	kdump_desc_encode(&cut, false, desc);
	assert_int_equal(synth_open(f.bytes, f.size, &d), 0);
	assert_int_equal(reader_new(d, PAGE, &r), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(read_page(r, 2), 0);
		assert_fails(read_page(r, 4), -EBADMSG, "does not unpack with zlib");
	}
	/* All of page 6 does, but the checksum is wrong: it is not read as the page before. */
	kdump_desc_decode(f.bytes + f.descs + 6 * KDUMP_DESC_SIZE, false, &cut);
	f.bytes[cut.offset + cut.size - 1] ^= 1;
	for (int page = 100; page < 300; page++) {
		assert_int_equal(read_page(r, page), 0);
		assert_int_equal(read_page(r, 6), -EBADMSG);
		assert_int_equal(read_page(r, MAX(page - page % 80, 100)), 0);
	}
	free(f.bytes);
}

static void unpacked_pages_are_kept_for_a_while(void **state)
{
	_cleanup_(reader_freep) struct reader *r = NULL;
	_cleanup_(dump_freep) struct dump *d = NULL;
	struct file f = make_file();
	uint32_t at = 1;

	assert_int_equal(synth_open(f.bytes, f.size, &d), 0);
	assert_int_equal(reader_new(d, PAGE, &r), 0);
	/* In any order, some twenty times each. */
	for (int i = 0; i < 2000; i++) {
		at = at * 1664525 + 1013904223;
		assert_int_equal(read_page(r, (at >> 8) % 100), 0);
	}
	assert_int_equal(read_page(r, 2), 0);
	for (int i = 200; i < 220; i++)
		assert_int_equal(read_page(r, i), 0);
	/* With its descriptor gone there is no other way to it. */
	memset(f.bytes + f.descs + 2 * KDUMP_DESC_SIZE, 0, KDUMP_DESC_SIZE);
	assert_int_equal(read_page(r, 2), 0);
	for (int i = 100; i < PAGES; i++)
		assert_int_equal(read_page(r, i), 0);
	assert_int_equal(read_page(r, 2), -ENODATA);
	free(f.bytes);
}

static void pages_that_are_returned_to_are_kept_longer(void **state)
{
	_cleanup_(reader_freep) struct reader *r = NULL;
	_cleanup_(dump_freep) struct dump *d = NULL;
	struct file f = make_file();

	assert_int_equal(synth_open(f.bytes, f.size, &d), 0);
	assert_int_equal(reader_new(d, PAGE, &r), 0);
	for (int i = 10; i < 20; i++) {
		assert_int_equal(read_page(r, i), 0);
		assert_int_equal(read_page(r, 2), 0);
	}
	/* With their descriptors gone there is no other way to them. */
	memset(f.bytes + f.descs, 0, 20 * KDUMP_DESC_SIZE);
	for (int i = 100; i < 300; i++)
		assert_int_equal(read_page(r, i), 0);
	assert_int_equal(read_page(r, 2), 0);
	assert_int_equal(read_page(r, 10), -ENODATA);
	free(f.bytes);
}

static void headers_that_cannot_be_are_refused(void **state)
{
	static const struct {
		size_t offset, size;
		uint64_t value;
		const char *error;
	} bad[] = {
		{ 428, 4, 131072, "synth: " }, /* sub header elsewhere */
		{ 432, 4, UINT32_MAX, "synth: ends before its bitmaps do" },
		{ 436, 4, UINT32_MAX, "synth: ends before its bitmaps do" },
		{ PAGE + 48, 8, UINT64_MAX, "synth: has " }, /* offset_note */
		{ PAGE + 56, 8, UINT64_C(1) << 40,
		  "1099511627776 bytes of notes are not plausible" },
		{ PAGE + 56, 8, 0x3000000, "synth: has " },
		{ PAGE + 96, 8, UINT64_MAX, "page frames do not fit its bitmaps" },
		{ PAGE + 96, 8, 0, "synth: holds no memory" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct file f = make_file();
		struct dump *d = NULL;

		/* So that there are notes. */
		synth_put(f.bytes + PAGE + 56, 16, 8, false);
		synth_put(f.bytes + bad[i].offset, bad[i].value, bad[i].size, false);
		assert_fails(synth_open(f.bytes, f.size, &d), -EBADMSG, bad[i].error);
		assert_null(d);
		free(f.bytes);
	}
}

static void data_may_lie_in_any_order_and_be_shared(void **state)
{
	struct file f = make_file();
	struct dump *d;
	uint8_t a[KDUMP_DESC_SIZE], *descs = f.bytes + f.descs;

	/* Pages 2 and 28 are equal; exchange where they are, and let 54 share with them. */
	memcpy(a, descs + 2 * KDUMP_DESC_SIZE, sizeof(a));
	memcpy(descs + 2 * KDUMP_DESC_SIZE, descs + 28 * KDUMP_DESC_SIZE, sizeof(a));
	memcpy(descs + 28 * KDUMP_DESC_SIZE, a, sizeof(a));
	memcpy(descs + 54 * KDUMP_DESC_SIZE, a, sizeof(a));
	assert_int_equal(synth_open(f.bytes, f.size, &d), 0);
	assert_int_equal(count_good(d, 0), PAGES);
	dump_free(d);
	free(f.bytes);
}

/* Ranges of memory around the borders at which the writer cuts its bitmaps, up to 256 GiB. */
static void memory_far_apart_keeps_its_place(void **state)
{
	static const struct ram_range ram[] = {
		{ 0, 1 },
		{ 63, 65 },
		{ 262143, 262145 },
		{ 0x7ffff, 0x80000 },
		{ 0x80001, 0x80002 },
		{ 0xc0000, 0x140001 },
		{ 0x3ffffff, 0x4000000 },
	};
	struct synth_segment segments[ARRAY_SIZE(ram)];
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_(dump_freep) struct dump *d = NULL, *back = NULL;
	_cleanup_(bitmap_done) struct bitmap keep = {};
	struct save_options o = options(31, 2);
	struct save_result result;
	const void *bytes;
	size_t size;

	for (size_t i = 0; i < ARRAY_SIZE(ram); i++)
		segments[i] = (struct synth_segment){ .type = PT_LOAD,
			                              .paddr = ram[i].start * PAGE,
			                              .memsz = (ram[i].end - ram[i].start) * PAGE };
	synth_elf_headers(core, &(struct synth_elf){ .segments = segments, .n = ARRAY_SIZE(ram) });
	assert_int_equal(synth_open(core, sizeof(core), &d), 0);
	assert_int_equal(bitmap_init(&keep, d->max_pfn), 0);
	assert_int_equal(sink_to_memory(&sink), 0);
	assert_int_equal(save_kdump(d, &keep, &o, sink, &result), 0);
	bytes = sink_memory(sink, &size);
	assert_int_equal(synth_open(bytes, size, &back), 0);
	assert_int_equal(back->max_pfn, 0x4000000);
	assert_int_equal(back->n_ram, ARRAY_SIZE(ram));
	assert_memory_equal(back->ram, ram, sizeof(ram));
	make_core(NULL);
}

static void large_pages_are_saved_by_every_codec(void **state)
{
	const size_t size = 65536, n = PAGES * PAGE / size;
	struct synth_segment segments[] = {
		{ .type = PT_NOTE, .offset = PAGE / 2 },
		{ .type = PT_LOAD,
		  .offset = DATA,
		  .paddr = size,
		  .filesz = n * size,
		  .memsz = n * size },
	};
	struct synth_notes notes = {};

	synth_note(&notes, "VMCOREINFO", 0, "PAGESIZE=65536\n", 15);
	segments[0].filesz = notes.len;
	memcpy(core + PAGE / 2, notes.bytes, notes.len);
	synth_elf_headers(core, &(struct synth_elf){ .segments = segments, .n = 2 });
	for (size_t i = 0; codecs[i]; i++) {
		_cleanup_(sink_freep) struct sink *sink = NULL;
		_cleanup_(dump_freep) struct dump *d = NULL, *back = NULL;
		_cleanup_(reader_freep) struct reader *r = NULL;
		_cleanup_(bitmap_done) struct bitmap keep = {};
		_cleanup_free_ uint8_t *memory = malloc(n * size);
		struct save_options o = { .threads = 2,
			                  .codec = codecs[i],
			                  .codec_level = codecs[i]->initial_level };
		struct save_result result;
		const void *bytes;
		size_t len;

		assert_int_equal(synth_open(core, sizeof(core), &d), 0);
		assert_int_equal(bitmap_init(&keep, d->max_pfn), 0);
		bitmap_set(&keep, 1, 1 + n);
		assert_int_equal(sink_to_memory(&sink), 0);
		assert_int_equal(save_kdump(d, &keep, &o, sink, &result), 0);
		bytes = sink_memory(sink, &len);
		assert_int_equal(synth_open(bytes, len, &back), 0);
		assert_int_equal(back->page_shift, 16);
		assert_int_equal(reader_new(back, PAGE, &r), 0);
		assert_int_equal(reader_read(r, size, memory, n * size), 0);
		assert_memory_equal(memory, core + DATA, n * size);
	}
	make_core(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_that_hit_a_limit_says_so_and_gives_what_it_has),
		cmocka_unit_test(no_room_for_the_descriptors_leaves_no_dump),
		cmocka_unit_test(sink_does_not_overwrite),
		cmocka_unit_test(cut_off_file_is_refused_or_gives_what_it_has),
		cmocka_unit_test(cut_is_noticed_by_the_last_descriptors),
		cmocka_unit_test(descriptors_that_cannot_be_are_refused),
		cmocka_unit_test(page_that_does_not_unpack_leaves_no_trace),
		cmocka_unit_test(unpacked_pages_are_kept_for_a_while),
		cmocka_unit_test(pages_that_are_returned_to_are_kept_longer),
		cmocka_unit_test(headers_that_cannot_be_are_refused),
		cmocka_unit_test(data_may_lie_in_any_order_and_be_shared),
		cmocka_unit_test(memory_far_apart_keeps_its_place),
		cmocka_unit_test(large_pages_are_saved_by_every_codec),
	};

	return cmocka_run_group_tests(tests, make_core, NULL);
}
