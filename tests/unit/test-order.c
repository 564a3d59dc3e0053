// SPDX-License-Identifier: GPL-2.0-or-later
/* test-order.c - what readers need first lies first: a dump that was cut off has it. */
#include <errno.h>

#include "tests/unit/synth.h"
#include "vmcore/filter/selection.h"
#include "vmcore/kernel/dmesg.h"

#define PAGE      UINT64_C(4096)
#define TEXT      "sysrq: Trigger a crash"
#define PLACES    48 /* pages that log, name, stacks and the tables that lead to them may take */
#define STACK     UINT64_C(0xffffc90000000000)
#define STACK_PA  (SYNTH_TEST_PFN * PAGE)
#define MODULE    UINT64_C(0xffffffffc0345000)
#define MODULE_PA (STACK_PA + 4 * PAGE)

struct fixture {
	struct synth m;
	struct synth_log log;
	struct dump *dump;
	struct selection selection;
	struct sink *sink;
	const uint8_t *file;
	size_t size;
	uint64_t data; /* where the pages begin in the file */
};

static void save(struct fixture *f, unsigned threads)
{
	struct save_options o = { .threads = threads };
	struct save_result result;
	struct kdump_header h;

	assert_int_equal(codec_parse("none", &o.codec, &o.codec_level), 0);
	assert_int_equal(selection_open(f->dump, &f->selection), 0);
	assert_int_equal(selection_choose(&f->selection, 30, writer_formats[0]), 0);
	assert_int_equal(selection_prepare(&f->selection, writer_formats[0], &o), 0);
	assert_int_equal(sink_to_memory(&f->sink), 0);
	assert_int_equal(save_kdump(f->dump, &f->selection.keep, &o, f->sink, &result), 0);
	f->file = sink_memory(f->sink, &f->size);
	assert_int_equal(kdump_header_decode_main(f->file, &h), 1);
	assert_int_equal(kdump_header_decode_sub(f->file + h.block_size, &h), 0);
	f->data = ALIGN_UP(kdump_desc_offset(&h) + result.pages * KDUMP_DESC_SIZE, PAGE);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	uint64_t value = 42;

	assert_non_null(f);
	synth_init(&f->m, NULL);
	synth_log_init(&f->log, &f->m, 6, 14);
	synth_log_add(&f->log, 1, TEXT, strlen(TEXT), SYNTH_FINAL);
	synth_map(&f->m, STACK, STACK_PA, 4 * PAGE, PAGE);
	synth_map(&f->m, MODULE, MODULE_PA, PAGE, PAGE);
	f->m.stacks[1] = STACK + 3 * PAGE;
	synth_store(&f->m, STACK + 3 * PAGE, &value, sizeof(value));
	f->dump = synth_dump(&f->m);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	selection_done(&f->selection);
	sink_free(f->sink);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

/* A dmesg_emit_fn. */
static int look_for_text(void *arg, const char *text, size_t len)
{
	bool *found = arg;

	*found |= memmem(text, len, TEXT, strlen(TEXT)) != NULL;
	return 0;
}

/* The file as if it had been cut off behind @size bytes has the log and what was on the stacks. */
static bool answers(struct fixture *f, size_t size)
{
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	_cleanup_(dump_freep) struct dump *d = NULL;
	bool found = false;
	uint64_t value;

	assert_int_equal(synth_open(f->file, size, &d), 0);
	assert_int_equal(d->state, size < f->size ? DUMP_INCOMPLETE : DUMP_COMPLETE);
	return kspace_open(d, &ks) == 0 && dmesg_write(ks, look_for_text, &found) == 1 && found &&
	       kspace_u64(ks, STACK + 3 * PAGE, &value) == 0 && value == 42;
}

static void cut_file_has_log_and_stacks(void **state)
{
	struct fixture *f = *state;

	for (unsigned threads = 1; threads <= 2; threads++) {
		save(f, threads);
		assert_true(f->size > f->data + 1000 * PAGE);
		assert_true(answers(f, f->size));
		assert_true(answers(f, f->data + PLACES * PAGE));
		sink_free(f->sink);
		f->sink = NULL;
		selection_done(&f->selection);
	}
}

/* The module lies behind the memory map in memory. */
static void image_and_modules_lie_before_the_memory_map(void **state)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	struct fixture *f = *state;
	const struct bitmap *soon = &f->selection.needed[NEEDED_SOON];
	uint8_t byte;

	save(f, 1);
	assert_int_equal(
		synth_open(f->file, f->data + bitmap_count(soon, 0, soon->bits) * PAGE, &d), 0);
	assert_int_equal(kspace_open(d, &ks), 0);
	for (uint64_t pfn = SYNTH_IMAGE_PFN; pfn < SYNTH_IMAGE_END; pfn++)
		assert_int_equal(reader_read(ks->reader, pfn * PAGE, &byte, 1), 0);
	assert_int_equal(kspace_read(ks, MODULE, &byte, 1), 0);
	assert_int_equal(kspace_read(ks, SYNTH_VMEMMAP_VA, &byte, 1), -ENODATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(cut_file_has_log_and_stacks),
		TEST(image_and_modules_lie_before_the_memory_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
