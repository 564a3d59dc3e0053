// SPDX-License-Identifier: GPL-2.0-or-later
/* test-elf-copies.c - pages of an ELF core that a reader keeps. */
#include <sys/mman.h>

#include "tests/unit/synth.h"
#include "vmcore/format/dump-format.h"

#define PAGE 4096

/* The memory of a machine in a file, and where a page of it lies there. */
struct fixture {
	struct synth m;
	struct dump *dump;
	struct reader *reader;
	int fd;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct source *s;

	assert_non_null(f);
	synth_init(&f->m, NULL);
	for (uint64_t pfn = SYNTH_HIGH_PFN; pfn < SYNTH_HIGH_END; pfn++)
		memset(synth_at(&f->m, pfn << 12), 'a', PAGE);
	dump_free(synth_dump(&f->m));
	f->fd = memfd_create("core", MFD_CLOEXEC);
	assert_int_equal(write(f->fd, f->m.core, f->m.core_len), f->m.core_len);
	assert_int_equal(source_from_fd(dup(f->fd), "core", &s), 0);
	assert_int_equal(dump_open(s, &f->dump), 0);
	assert_int_equal(reader_new(f->dump, 4 * PAGE, &f->reader), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	reader_free(f->reader);
	dump_free(f->dump);
	synth_done(&f->m);
	close(f->fd);
	free(f);
	return 0;
}

static off_t place_of(struct fixture *f, uint64_t pfn)
{
	return synth_at(&f->m, pfn << 12) - f->m.core;
}

static char first_byte(struct fixture *f, uint64_t pfn, size_t len)
{
	char page[PAGE];

	assert_int_equal(reader_read(f->reader, pfn << 12, page, len), 0);
	return page[0];
}

/* That the file was read again shows by what it has meanwhile. */
static void pages_of_structures_are_kept(void **state)
{
	struct fixture *f = *state;
	const uint64_t pfn = SYNTH_HIGH_PFN;

	assert_int_equal(first_byte(f, pfn, 8), 'a');
	assert_int_equal(first_byte(f, pfn + 1, 8), 'a');
	assert_int_equal(pwrite(f->fd, "b", 1, place_of(f, pfn)), 1);
	assert_int_equal(first_byte(f, pfn, 8), 'a');
	/* Who wants whole pages goes through memory once. */
	assert_int_equal(first_byte(f, pfn, PAGE), 'b');
	/* Some are kept, not all. */
	for (unsigned i = 1; i <= READER_PAGES; i++)
		first_byte(f, pfn + i, 8);
	assert_int_equal(first_byte(f, pfn, 8), 'b');
}

static void page_that_is_cut_off_gives_what_there_is(void **state)
{
	struct fixture *f = *state;
	const uint64_t pfn = SYNTH_HIGH_END - 1;
	struct source *s;
	char bytes[8];

	reader_free(f->reader);
	dump_free(f->dump);
	assert_int_equal(ftruncate(f->fd, place_of(f, pfn) + 100), 0);
	assert_int_equal(source_from_fd(dup(f->fd), "core", &s), 0);
	assert_int_equal(dump_open(s, &f->dump), 0);
	assert_int_equal(reader_new(f->dump, 4 * PAGE, &f->reader), 0);
	assert_int_equal(first_byte(f, pfn, 8), 'a');
	assert_true(reader_read(f->reader, (pfn << 12) + 200, bytes, 8) < 0);
	assert_int_equal(first_byte(f, pfn, 8), 'a');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pages_of_structures_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(page_that_is_cut_off_gives_what_there_is, setup,
		                                teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
