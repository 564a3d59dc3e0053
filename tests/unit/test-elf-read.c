// SPDX-License-Identifier: GPL-2.0-or-later
/* test-elf-read.c - ELF cores as they come, and as they should not. */
#include <elf.h>
#include <errno.h>

#include "tests/unit/synth.h"

#define PAGE 4096
#define SIZE 65536

/* A file: headers in front, notes at NOTES, noise everywhere else stands for memory. */
#define NOTES 0x3000
#define DATA  0x4000

static uint8_t file[SIZE];

#define LOAD(off, pa, len)                                                                         \
	{                                                                                          \
		.type = PT_LOAD, .offset = off, .paddr = pa, .filesz = len, .memsz = len           \
	}

/* Writes the file that @e describes. */
static void make(const struct synth_elf *e)
{
	check_noise(file, sizeof(file), 3);
	assert_true(synth_elf_headers(file, e) <= NOTES);
}

static struct dump *open_elf(const struct synth_elf *e)
{
	struct dump *d;

	make(e);
	assert_int_equal(synth_open(file, SIZE, &d), 0);
	return d;
}

/* A struct synth_elf of the segments in @list, and more fields. */
#define ELF(list, ...)                                                                             \
	{                                                                                          \
		.segments = list, .n = ARRAY_SIZE(list), ##__VA_ARGS__                             \
	}
#define OPEN(...) open_elf(&(struct synth_elf)ELF(__VA_ARGS__))

/* Memory at @pa is what lies at @offset in the file. */
static void check_read(const struct dump *d, uint64_t pa, size_t len, size_t offset)
{
	_cleanup_(reader_freep) struct reader *r = NULL;
	uint8_t *buf = malloc(len);

	assert_non_null(buf);
	assert_int_equal(reader_new(d, PAGE, &r), 0);
	assert_int_equal(reader_read(r, pa, buf, len), 0);
	assert_memory_equal(buf, file + offset, len);
	free(buf);
}

static int read_byte(const struct dump *d, uint64_t pa, uint8_t *ret)
{
	_cleanup_(reader_freep) struct reader *r = NULL;

	assert_int_equal(reader_new(d, PAGE, &r), 0);
	return reader_read(r, pa, ret, 1);
}

static int read_error(const struct dump *d, uint64_t pa)
{
	uint8_t byte;

	return read_byte(d, pa, &byte);
}

static void check_ram(const struct dump *d, const struct ram_range *ranges, size_t n)
{
	assert_int_equal(d->n_ram, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(d->ram[i].start, ranges[i].start);
		assert_int_equal(d->ram[i].end, ranges[i].end);
	}
	assert_int_equal(d->max_pfn, ranges[n - 1].end);
}

#define CHECK_RAM(d, ...)                                                                          \
	do {                                                                                       \
		const struct ram_range ranges_[] = { __VA_ARGS__ };                                \
		check_ram(d, ranges_, ARRAY_SIZE(ranges_));                                        \
	} while (0)

static const struct synth_segment two[] = {
	LOAD(DATA, 0x100000, 0x4000),
	LOAD(DATA + 0x4000, UINT64_C(0x100000000), 0x2000),
};
/* Where their program headers end. */
#define TWO_END (sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr))
static const struct synth_elf plain = ELF(two), xnum = ELF(two, .xnum = true);

static void check_two(struct dump *d)
{
	CHECK_RAM(d, { 0x100, 0x104 }, { 0x100000, 0x100002 });
	check_read(d, 0x100000, 0x4000, DATA);
	check_read(d, 0x100fff, 2, DATA + 0xfff);
	check_read(d, UINT64_C(0x100000000), 0x2000, DATA + 0x4000);
	assert_int_equal(read_error(d, 0xfffff), -ENXIO);
	assert_int_equal(read_error(d, 0x104000), -ENXIO);
	assert_int_equal(read_error(d, UINT64_C(0x100002000)), -ENXIO);
	assert_int_equal(read_error(d, UINT64_MAX), -ENXIO);
	assert_int_equal(d->state, DUMP_COMPLETE);
	assert_int_equal(d->page_shift, 12);
	assert_string_equal(dump_format_name(d), "ELF");
	dump_free(d);
}

static void segments_are_memory_and_the_rest_is_none(void **state)
{
	struct dump *d = OPEN(two);

	assert_int_equal(d->elf_machine, EM_X86_64);
	assert_int_equal(d->image.end, 0);
	assert_int_equal(d->n_cpus, 0);
	assert_int_equal(d->vmcoreinfo.len, 0);
	check_two(d);
}

static void program_headers_may_be_anywhere(void **state)
{
	check_two(OPEN(two, .phoff = 0x2345));
}

static void program_headers_may_be_longer(void **state)
{
	check_two(OPEN(two, .phentsize = 72));
	check_two(OPEN(two, .phentsize = 72, .phoff = 0x2345, .xnum = true));
}

static void size_of_the_elf_header_is_not_believed(void **state)
{
	check_two(OPEN(two, .ehsize = 8));
	check_two(OPEN(two, .ehsize = 0xffff));
}

static void other_byte_order_is_read(void **state)
{
	struct dump *d = OPEN(two, .swap = true, .machine = EM_S390);

	assert_int_equal(d->elf_machine, EM_S390);
	check_two(d);
	check_two(OPEN(two, .swap = true, .xnum = true));
}

static const struct synth_segment low[] = {
	LOAD(DATA, UINT32_MAX, 0x1000), /* no memory, as in /proc/kcore */
	LOAD(DATA, 0x100000, 0x4000),
	LOAD(DATA + 0x4000, 0xfffff000, 0x1000),
};

static void files_of_32_bits_are_read(void **state)
{
	for (int i = 0; i < 8; i++) {
		struct dump *d = OPEN(low, .class32 = true, .machine = EM_ARM, .swap = i & 1,
		                      .xnum = i & 2, .phoff = i & 4 ? 0x1234 : 0);

		assert_int_equal(d->elf_machine, EM_ARM);
		CHECK_RAM(d, { 0x100, 0x104 }, { 0xfffff, 0x100000 });
		check_read(d, 0x100000, 0x4000, DATA);
		check_read(d, 0xfffff000, 0x1000, DATA + 0x4000);
		assert_int_equal(read_error(d, UINT64_C(0x100000000)), -ENXIO);
		dump_free(d);
	}
}

static void count_of_segments_may_stand_in_a_section_header(void **state)
{
	check_two(OPEN(two, .xnum = true));
}

static void more_segments_than_the_header_can_count(void **state)
{
	const size_t n = 70000;
	struct synth_segment *segments = calloc(n, sizeof(*segments));
	uint8_t *core = calloc(1, MIB(5));
	struct dump *d;

	assert_non_null(segments);
	assert_non_null(core);
	/* Every second page of memory, all of them at the same place of the file. */
	for (size_t i = 0; i < n; i++)
		segments[i] = (struct synth_segment)LOAD(MIB(4), i * 2 * PAGE, PAGE);
	assert_true(synth_elf_headers(core, &(struct synth_elf){ .segments = segments,
	                                                         .n = n,
	                                                         .xnum = true }) <= MIB(4));
	assert_int_equal(synth_open(core, MIB(5), &d), 0);
	assert_int_equal(d->n_ram, n);
	assert_int_equal(d->max_pfn, (n - 1) * 2 + 1);
	assert_int_equal(read_error(d, 69999 * 2 * PAGE), 0);
	assert_int_equal(read_error(d, 69999 * 2 * PAGE - 1), -ENXIO);
	dump_free(d);
	free(core);
	free(segments);
}

static void overlapping_segments_in_any_order_give_each_byte_once(void **state)
{
	static const struct synth_segment segments[] = {
		LOAD(DATA + 0x5000, 0x102000, 0x3000), /* reaches out of the one below */
		LOAD(DATA, 0x100000, 0x4000),          LOAD(DATA, 0x101000, 0x1000), /* inside */
		LOAD(DATA + 0x9000, 0x100000, 0x1000), /* at the same place, but shorter */
		LOAD(DATA + 0x8000, 0x105000, 0x1000), /* touches */
	};
	struct dump *d = OPEN(segments);

	CHECK_RAM(d, { 0x100, 0x106 });
	check_read(d, 0x100000, 0x4000, DATA);
	check_read(d, 0x104000, 0x1000, DATA + 0x5000 + 0x2000);
	check_read(d, 0x105000, 0x1000, DATA + 0x8000);
	dump_free(d);
}

static void what_one_segment_leaves_out_another_may_hold(void **state)
{
	static const struct synth_segment segments[] = {
		{ .type = PT_LOAD,
		  .offset = DATA,
		  .paddr = 0x100000,
		  .filesz = 0x1000,
		  .memsz = 0x6000 },
		LOAD(DATA + 0x1000, 0x102000, 0x2000),
		{ .type = PT_LOAD, .paddr = 0x103000, .memsz = 0x4000 },
	};
	struct dump *d = OPEN(segments);

	CHECK_RAM(d, { 0x100, 0x107 });
	check_read(d, 0x100000, 0x1000, DATA);
	assert_int_equal(read_error(d, 0x101000), -ENODATA);
	check_read(d, 0x102000, 0x2000, DATA + 0x1000);
	assert_int_equal(read_error(d, 0x104000), -ENODATA);
	assert_int_equal(read_error(d, 0x106fff), -ENODATA);
	assert_int_equal(read_error(d, 0x107000), -ENXIO);
	dump_free(d);
}

static void first_segment_is_the_image_if_another_one_covers_it(void **state)
{
	static const struct synth_segment aliased[] = {
		LOAD(DATA + 0x1000, 0x101000, 0x1800),
		LOAD(DATA, 0x100000, 0x4000),
	};
	static const struct synth_segment alone[] = {
		LOAD(DATA + 0x1000, 0x101000, 0x1800),
		LOAD(DATA, 0x200000, 0x4000),
	};
	struct dump *d = OPEN(aliased);

	assert_int_equal(d->image.start, 0x101);
	assert_int_equal(d->image.end, 0x103);
	assert_int_equal(d->image_va, 0);
	assert_int_equal(d->linear_va, 0);
	CHECK_RAM(d, { 0x100, 0x104 });
	check_read(d, 0x100000, 0x4000, DATA);
	dump_free(d);
	d = OPEN(alone);
	assert_int_equal(d->image.start, 0);
	assert_int_equal(d->image.end, 0);
	dump_free(d);
}

/* The image comes in pieces when parts of it were excluded. */
static void virtual_addresses_of_image_and_linear_map_are_known(void **state)
{
	static const struct synth_segment segments[] = {
		{ PT_LOAD, DATA, UINT64_C(0xffffffff81000000), 0x101000, 0x1000, 0x2000 },
		{ PT_LOAD, DATA, UINT64_C(0xffffffff81003000), 0x104000, 0x1000, 0x1800 },
		{ PT_LOAD, DATA, UINT64_C(0xffff888000100000), 0x100000, 0x4000, 0x4000 },
		{ PT_LOAD, DATA, UINT64_C(0xffff888000104000), 0x104000, 0x4000, 0x4000 },
		{ PT_LOAD, DATA, UINT64_C(0xffffc90000000000), UINT64_MAX, 0x1000, 0x1000 },
	};
	struct dump *d = OPEN(segments);

	assert_int_equal(d->image.start, 0x101);
	assert_int_equal(d->image.end, 0x106);
	assert_int_equal(d->image_va, UINT64_C(0xffffffff81000000));
	assert_int_equal(d->linear_va, UINT64_C(0xffff888000000000));
	dump_free(d);
}

static void page_that_is_partly_memory_is_memory(void **state)
{
	static const struct synth_segment segments[] = {
		LOAD(DATA, 0x1400, 0x800),           /* 0x1400 - 0x1c00 */
		LOAD(DATA + 0x1000, 0x1e00, 0x1100), /* 0x1e00 - 0x2f00 */
		LOAD(DATA + 0x3000, 0x5000, 0x10),
	};
	struct dump *d = OPEN(segments);
	uint8_t byte;

	CHECK_RAM(d, { 1, 3 }, { 5, 6 });
	check_read(d, 0x1400, 0x800, DATA);
	check_read(d, 0x1e00, 0x1100, DATA + 0x1000);
	check_read(d, 0x5000, 0x10, DATA + 0x3000);
	/* The missing rest of these pages reads as zeroes. */
	for (uint64_t pa = 0x1000; pa < 0x6000; pa += 0x10) {
		bool told = (pa >= 0x1400 && pa < 0x1c00) || (pa >= 0x1e00 && pa < 0x2f00) ||
		            pa == 0x5000;

		if (told || (pa >= 0x3000 && pa < 0x5000))
			continue;
		byte = 1;
		assert_int_equal(read_byte(d, pa, &byte), 0);
		assert_int_equal(byte, 0);
	}
	assert_int_equal(read_error(d, 0x3000), -ENXIO);
	assert_int_equal(read_error(d, 0x4fff), -ENXIO);
	assert_int_equal(read_error(d, 0xfff), -ENXIO);
	dump_free(d);
}

static void whole_pages_are_read_across_such_borders(void **state)
{
	static const struct synth_segment segments[] = { LOAD(DATA, 0x1000, 0x1400),
		                                         LOAD(DATA + 0x2000, 0x2800, 0x1800) };
	struct dump *d = OPEN(segments);
	_cleanup_(reader_freep) struct reader *r = NULL;
	uint8_t got[0x3000], expected[0x3000] = {};

	memcpy(expected, file + DATA, 0x1400);
	memcpy(expected + 0x1800, file + DATA + 0x2000, 0x1800);
	assert_int_equal(reader_new(d, PAGE, &r), 0);
	assert_int_equal(reader_read(r, 0x1000, got, sizeof(got)), 0);
	assert_memory_equal(got, expected, sizeof(got));
	assert_int_equal(reader_read(r, 0x1000, got, sizeof(got) + 1), -ENXIO);
	r = reader_free(r);
	dump_free(d);
}

static void segments_that_are_no_memory_are_passed_over(void **state)
{
	static const struct synth_segment segments[] = {
		LOAD(DATA, UINT64_MAX, 0x1000), /* as in /proc/kcore */
		LOAD(DATA, 0x5000, 0),
		{ .type = 0x6474e551, .offset = DATA, .filesz = 0x1000, .memsz = 0x1000 },
		LOAD(DATA + 0x1000, 0x100000, 0x1000),
		LOAD(DATA, 0, 0x1000), /* memory at 0 is memory */
	};
	struct dump *d = OPEN(segments);

	CHECK_RAM(d, { 0, 1 }, { 0x100, 0x101 });
	check_read(d, 0, 0x1000, DATA);
	dump_free(d);
}

static void what_the_file_leaves_out_was_excluded(void **state)
{
	static const struct synth_segment segments[] = {
		{ .type = PT_LOAD,
		  .offset = DATA,
		  .paddr = 0x100000,
		  .filesz = 0x1000,
		  .memsz = 0x3000 },
		{ .type = PT_LOAD, .offset = 0, .paddr = 0x200000, .filesz = 0, .memsz = 0x1000 },
		/* Fewer bytes of memory than of file cannot be. */
		{ .type = PT_LOAD,
		  .offset = DATA,
		  .paddr = 0x300000,
		  .filesz = 0x2000,
		  .memsz = 0x1000 },
	};
	struct dump *d = OPEN(segments);

	CHECK_RAM(d, { 0x100, 0x103 }, { 0x200, 0x201 }, { 0x300, 0x302 });
	check_read(d, 0x100000, 0x1000, DATA);
	assert_int_equal(read_error(d, 0x101000), -ENODATA);
	assert_int_equal(read_error(d, 0x102fff), -ENODATA);
	assert_int_equal(read_error(d, 0x200000), -ENODATA);
	assert_int_equal(d->state, DUMP_COMPLETE);
	dump_free(d);
}

static void cut_off_file_is_good_for_what_it_holds(void **state)
{
	static const size_t sizes[] = { DATA,          DATA + 1,      DATA + 0x1000, DATA + 0x3fff,
		                        DATA + 0x4000, DATA + 0x4001, DATA + 0x5fff };

	make(&plain);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t held = sizes[i] - DATA;
		struct dump *d;

		assert_int_equal(synth_open(file, sizes[i], &d), 0);
		assert_int_equal(d->state, DUMP_INCOMPLETE);
		/* It still is known what memory there was. */
		CHECK_RAM(d, { 0x100, 0x104 }, { 0x100000, 0x100002 });
		for (size_t at = 0; at < 0x6000; at += 0x7ff) {
			uint64_t pa =
				at < 0x4000 ? 0x100000 + at : UINT64_C(0x100000000) + at - 0x4000;

			assert_int_equal(read_error(d, pa), at < held ? 0 : -ENODATA);
		}
		dump_free(d);
	}
}

static void file_without_its_headers_is_refused(void **state)
{
	struct dump *d = NULL;

	make(&plain);
	for (size_t size = 0; size < sizeof(Elf64_Ehdr); size++)
		assert_fails(synth_open(file, size, &d), -EBADMSG,
		             size < SELFMAG ? "synth: neither an ELF core nor"
		                            : "synth: ends within its ELF header, at ");
	for (size_t size = sizeof(Elf64_Ehdr); size < TWO_END; size += 11)
		assert_fails(synth_open(file, size, &d), -EBADMSG, "synth: has ");
	make(&xnum);
	assert_fails(synth_open(file, TWO_END + 44, &d), -EBADMSG, "synth: has ");
	assert_null(d);
}

static void other_files_are_refused_with_the_reason(void **state)
{
	static const struct synth_segment note[] = { { .type = PT_NOTE, .offset = NOTES } };
	static const struct synth_segment wraps[] = { LOAD(DATA, UINT64_MAX - 0xfff, 0x2000) };
	const struct {
		struct synth_elf elf;
		const char *error;
	} bad[] = {
		{ ELF(two, .type = ET_EXEC), "an ELF file, but not a core dump" },
		{ { .n = 0 }, "holds no memory, it has no PT_LOAD segment" },
		{ ELF(note), "holds no memory" },
		{ ELF(wraps), "segments are left out that no machine has: the first at "
		              "0xfffffffffffff000, of 8192 bytes" },
	};
	struct dump *d = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		make(&bad[i].elf);
		assert_fails(synth_open(file, SIZE, &d), -EBADMSG, bad[i].error);
	}
	assert_null(d);
}

static void class_that_is_none_is_refused(void **state)
{
	struct dump *d = NULL;

	make(&plain);
	file[EI_CLASS] = 3;
	assert_fails(synth_open(file, SIZE, &d), -EBADMSG,
	             "synth: ELF class 3 is neither 32 nor 64 bits");
	assert_null(d);
}

static void implausible_counts_are_refused(void **state)
{
	struct dump *d = NULL;

	make(&plain);
	synth_put(file + offsetof(Elf64_Ehdr, e_phentsize), 32, 2, false);
	assert_fails(synth_open(file, SIZE, &d), -EBADMSG,
	             "2 program headers of 32 bytes are not plausible");

	make(&xnum);
	synth_put(file + TWO_END + offsetof(Elf64_Shdr, sh_info), 1U << 31, 4, false);
	assert_fails(synth_open(file, SIZE, &d), -EBADMSG, "2147483648 program headers");

	make(&plain);
	for (int i = 0; i < 2; i++) {
		synth_put(file + offsetof(Elf64_Ehdr, e_phoff), i ? UINT64_MAX - 8 : SIZE - 60, 8,
		          false);
		assert_fails(synth_open(file, SIZE, &d), -EBADMSG, "no 56 at offset");
	}
	assert_null(d);
}

/* A core with these bytes as notes, or more or fewer than that by its header. */
static int open_with_notes(const struct synth_notes *notes, size_t filesz, bool swap,
                           struct dump **ret)
{
	const struct synth_segment segments[] = {
		{ .type = PT_NOTE, .offset = NOTES, .filesz = filesz, .memsz = filesz },
		LOAD(DATA, 0x100000, 0x4000),
		{ .type = PT_NOTE, .offset = DATA, .filesz = 100, .memsz = 100 },
	};

	make(&(struct synth_elf)ELF(segments, .swap = swap));
	memcpy(file + NOTES, notes->bytes, notes->len);
	return synth_open(file, SIZE, ret);
}

static void notes_are_kept_as_they_are(void **state)
{
	static const uint8_t registers[336];
	static const char text[] = "OSRELEASE=6.12\nPAGESIZE=65536\n";

	for (int swap = 0; swap < 2; swap++) {
		struct synth_notes notes = { .swap = swap };
		struct dump *d;
		uint64_t v;

		for (int i = 0; i < 3; i++)
			synth_note(&notes, "CORE", NT_PRSTATUS, registers, sizeof(registers));
		synth_note(&notes, "VMCOREINFO", 0, text, sizeof(text) - 1);
		assert_int_equal(open_with_notes(&notes, notes.len, swap, &d), 0);
		assert_int_equal(d->n_cpus, 3);
		assert_int_equal(d->notes_len, notes.len);
		assert_memory_equal(d->notes, notes.bytes, notes.len);
		assert_memory_equal(d->notes + d->vmcoreinfo_offset, text, sizeof(text) - 1);
		assert_true(vmcoreinfo_plain(&d->vmcoreinfo, "PAGESIZE", 10, &v));
		assert_int_equal(d->page_shift, 16);
		assert_int_equal(dump_page_size(d), 65536);
		CHECK_RAM(d, { 0x10, 0x11 });
		dump_free(d);
	}
}

/* As of QEMU's dump-guest-memory with -device vmcoreinfo: states of its CPUs by its own name. */
static void notes_of_qemu_do_not_confuse(void **state)
{
	static const uint8_t registers[336], cpu[440] = { 1 };
	struct synth_notes notes = {};
	struct dump *d;

	for (int i = 0; i < 2; i++)
		synth_note(&notes, "CORE", NT_PRSTATUS, registers, sizeof(registers));
	synth_note(&notes, "VMCOREINFO", 0, "A=1\n", 4);
	for (int i = 0; i < 2; i++)
		synth_note(&notes, "QEMU", 0, cpu, sizeof(cpu));
	assert_int_equal(open_with_notes(&notes, notes.len, false, &d), 0);
	assert_int_equal(d->n_cpus, 2);
	assert_int_equal(d->vmcoreinfo.len, 4);
	dump_free(d);
}

static void page_size_that_cannot_be_is_not_believed(void **state)
{
	static const char *const sizes[] = {
		"0", "1", "4095", "12288", "524288", "4294967296", "x"
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct synth_info info = {};
		struct synth_notes notes = {};
		struct dump *d;

		synth_key(&info, "PAGESIZE=%s", sizes[i]);
		synth_note(&notes, "VMCOREINFO", 0, info.text, info.len);
		assert_int_equal(open_with_notes(&notes, notes.len, false, &d), 0);
		assert_int_equal(d->page_shift, 12);
		dump_free(d);
	}
}

static void notes_that_are_not_there_are_refused(void **state)
{
	struct synth_notes notes = {};
	struct dump *d = NULL;

	synth_note(&notes, "VMCOREINFO", 0, "A=1\n", 4);
	assert_fails(open_with_notes(&notes, SIZE, false, &d), -EBADMSG, "synth: has 65536 bytes");
	assert_fails(open_with_notes(&notes, UINT64_C(1) << 40, false, &d), -EBADMSG,
	             "1099511627776 bytes of notes are not plausible");
	assert_null(d);
	assert_int_equal(open_with_notes(&notes, 0, false, &d), 0);
	assert_int_equal(d->vmcoreinfo.len, 0);
	dump_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_are_memory_and_the_rest_is_none),
		cmocka_unit_test(program_headers_may_be_anywhere),
		cmocka_unit_test(program_headers_may_be_longer),
		cmocka_unit_test(size_of_the_elf_header_is_not_believed),
		cmocka_unit_test(other_byte_order_is_read),
		cmocka_unit_test(files_of_32_bits_are_read),
		cmocka_unit_test(count_of_segments_may_stand_in_a_section_header),
		cmocka_unit_test(more_segments_than_the_header_can_count),
		cmocka_unit_test(overlapping_segments_in_any_order_give_each_byte_once),
		cmocka_unit_test(what_one_segment_leaves_out_another_may_hold),
		cmocka_unit_test(first_segment_is_the_image_if_another_one_covers_it),
		cmocka_unit_test(virtual_addresses_of_image_and_linear_map_are_known),
		cmocka_unit_test(page_that_is_partly_memory_is_memory),
		cmocka_unit_test(whole_pages_are_read_across_such_borders),
		cmocka_unit_test(segments_that_are_no_memory_are_passed_over),
		cmocka_unit_test(what_the_file_leaves_out_was_excluded),
		cmocka_unit_test(cut_off_file_is_good_for_what_it_holds),
		cmocka_unit_test(file_without_its_headers_is_refused),
		cmocka_unit_test(other_files_are_refused_with_the_reason),
		cmocka_unit_test(class_that_is_none_is_refused),
		cmocka_unit_test(implausible_counts_are_refused),
		cmocka_unit_test(notes_are_kept_as_they_are),
		cmocka_unit_test(notes_of_qemu_do_not_confuse),
		cmocka_unit_test(page_size_that_cannot_be_is_not_believed),
		cmocka_unit_test(notes_that_are_not_there_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
