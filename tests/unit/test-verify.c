// SPDX-License-Identifier: GPL-2.0-or-later
/* test-verify.c - what a dump lacks is found: in the engine, and by kdump-lite verify. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "tests/unit/filtered.h"
#include "tests/unit/run-cli.h"
#include "tests/unit/synth.h"
#include "base/clock.h"
#include "vmcore/format/save.h"
#include "vmcore/filter/filter.h"
#include "vmcore/filter/verify.h"

#define PAGE      UINT64_C(4096)
#define MODULE_VA UINT64_C(0xffffffffc0345000)
#define STACK_PFN SYNTH_TEST_PFN
#define MOD_PFN   (SYNTH_TEST_PFN + 8)

/* A machine with something of every part, and the dump that is made of it. */
struct fixture {
	struct synth m;
	struct synth_log log;
	struct dump *dump; /* its memory */
	struct bitmap keep;
	struct sink *sink;
	struct verify_result result;
	struct box box;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct filter_result filtered;
	struct kspace *ks;

	assert_non_null(f);
	synth_init(&f->m, NULL);
	synth_log_init(&f->log, &f->m, 5, 12);
	synth_log_add(&f->log, 1, "one", 3, SYNTH_FINAL);
	synth_map(&f->m, MODULE_VA, MOD_PFN * PAGE, 3 * PAGE, PAGE);
	f->m.stacks[1] = SYNTH_DIRECT_VA + (STACK_PFN + 2) * PAGE + 8;
	for (uint64_t pfn = SYNTH_TEST_PFN; pfn < SYNTH_TEST_PFN + 64; pfn++)
		synth_pages(&f->m, &(struct synth_page){ pfn, SYNTH_ANON, 0 }, 1);
	f->dump = synth_dump(&f->m);
	ks = synth_kspace(f->dump);
	filtered_pages(f->dump, ks, LEVEL_MAX, &f->keep, &filtered);
	kspace_free(ks);
	/* Two of the stack, three of the module. */
	assert_int_equal(filtered.excluded[PAGE_USER], 64 - 5);
	box_make(&f->box);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sink_free(f->sink);
	bitmap_done(&f->keep);
	dump_free(f->dump);
	synth_done(&f->m);
	box_remove(&f->box);
	free(f);
	return 0;
}

static const void *save(struct fixture *f, size_t *ret_size)
{
	struct save_options o = { .level = 31, .threads = 1, .uts = { [4] = "x86_64" } };
	struct save_result saved;

	assert_int_equal(codec_parse("lzo", &o.codec, &o.codec_level), 0);
	f->sink = sink_free(f->sink);
	assert_int_equal(sink_to_memory(&f->sink), 0);
	assert_int_equal(save_kdump(f->dump, &f->keep, &o, f->sink, &saved), 0);
	return sink_memory(f->sink, ret_size);
}

/* Saves the pages of f->keep and verifies that. */
static int verify(struct fixture *f, double deadline)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	const void *file;
	size_t size;

	file = save(f, &size);
	assert_int_equal(synth_open(file, size, &d), 0);
	return verify_dump(d, deadline, &f->result);
}

static void check_words(const struct fixture *f, const char *part)
{
	char words[VERIFY_WORDS_MAX];

	verify_words(&f->result, words);
	if (!strstr(words, part))
		fail_msg("\"%s\", not \"%s\"", words, part);
}

static void good_dump_is_good(void **state)
{
	struct fixture *f = *state;
	uint64_t checked = 0;

	assert_int_equal(verify(f, 0), 0);
	check_words(f, "ok");
	assert_int_equal(f->result.missing, 0);
	assert_int_equal(f->result.broken, 0);
	assert_int_equal(f->result.outside, 0);
	assert_int_equal(f->result.cpus, SYNTH_CPUS);
	assert_string_equal(f->result.first, "");
	assert_false(f->result.late);
	for (enum survey_part i = 0; i < SURVEY_PARTS; i++) {
		assert_int_equal(f->result.parts[i].unknown, i == SURVEY_TASKS);
		assert_int_equal(f->result.parts[i].checked > 0, i != SURVEY_TASKS);
		checked += f->result.parts[i].checked;
	}
	assert_int_equal(f->result.checked, checked);
	assert_int_equal(f->result.parts[SURVEY_STACKS].checked, 2);
	assert_int_equal(f->result.parts[SURVEY_MODULES].checked, 3);
}

static void memory_itself_can_be_verified(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(verify_dump(f->dump, 0, &f->result), 0);
	check_words(f, "ok");
}

/* Takes one page out of the dump. */
static void check_missing(struct fixture *f, enum survey_part part, uint64_t pfn)
{
	char words[64];

	assert_int_equal(bitmap_clear(&f->keep, pfn, pfn + 1), 1);
	assert_int_equal(verify(f, 0), 0);
	bitmap_set(&f->keep, pfn, pfn + 1);
	assert_int_equal(f->result.missing, 1);
	assert_int_equal(f->result.parts[part].missing, 1);
	snprintf(words, sizeof(words), "are missing: %s, page %#llx at 0xffff",
	         survey_part_name(part), (unsigned long long)pfn);
	check_words(f, words);
}

static uint64_t table_of(struct fixture *f, uint64_t va, unsigned level)
{
	uint64_t entry;

	memcpy(&entry, synth_entry(&f->m, va, level), sizeof(entry));
	return (entry & UINT64_C(0x000ffffffffff000)) / PAGE;
}

static void one_page_that_is_missing_is_found(void **state)
{
	struct fixture *f = *state;

	check_missing(f, SURVEY_TABLES, table_of(f, MODULE_VA, 2));
	check_missing(f, SURVEY_LOG, f->log.descs / PAGE);
	check_missing(f, SURVEY_STACKS, STACK_PFN + 3);
	check_missing(f, SURVEY_IMAGE, SYNTH_IMAGE_END - 2);
	check_missing(f, SURVEY_MODULES, MOD_PFN + 2);
	check_missing(f, SURVEY_MEMMAP, table_of(f, SYNTH_VMEMMAP_VA, 2) + 5);
	check_missing(f, SURVEY_MEMMAP, f->m.sections / PAGE);
}

/* A page that is there, but does not unpack. */
static void spoilt_page_is_found(void **state)
{
	struct fixture *f = *state;
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_free_ uint8_t *copy = NULL;
	struct kdump_header h;
	struct kdump_desc desc;
	const void *file;
	size_t size;

	check_noise(synth_at(&f->m, MOD_PFN * PAGE), PAGE / 2, 1);
	f->dump = dump_free(f->dump);
	f->dump = synth_dump(&f->m);
	file = save(f, &size);
	copy = malloc(size);
	assert_non_null(copy);
	memcpy(copy, file, size);
	assert_int_equal(kdump_header_decode_main(copy, &h), 1);
	assert_int_equal(kdump_header_decode_sub(copy + PAGE, &h), 0);
	kdump_desc_decode(copy + kdump_desc_offset(&h) +
	                          bitmap_count(&f->keep, 0, MOD_PFN) * KDUMP_DESC_SIZE,
	                  false, &desc);
	assert_true(desc.flags != 0 && desc.offset + desc.size <= size);
	memset(copy + desc.offset, 0, desc.size);
	assert_int_equal(synth_open(copy, size, &d), 0);
	assert_int_equal(verify_dump(d, 0, &f->result), 0);
	assert_int_equal(f->result.missing, 1);
	check_words(f, "modules, page 0xc08 at 0xffffffffc0345000: ");
}

static void page_of_the_kernels_name_is_missing_like_any_other(void **state)
{
	struct fixture *f = *state;

	/* Where the name is. */
	bitmap_clear(&f->keep, SYNTH_IMAGE_PFN + 1, SYNTH_IMAGE_PFN + 2);
	assert_int_equal(verify(f, 0), 0);
	assert_int_equal(f->result.missing, 1);
	check_words(f, "kernel image, page 0x401 at 0xffffffff81001000: ");
}

static void deadline_is_no_fault(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(verify(f, clock_seconds() - 1), 0);
	assert_true(f->result.late);
	assert_int_equal(f->result.missing, 0);
	check_words(f, "for more was no time");
}

/* The command. */
static int run(struct fixture *f, const char *args)
{
	const void *file;
	size_t size;

	file = save(f, &size);
	temptree_bytes(&f->box.tree, "root/var/crash/20261123T140501Z-4f2a90c1/vmcore", file, size);
	return box_run(&f->box, BOX_FILE, NULL, args);
}

static void command_says_what_is_missing(void **state)
{
	struct fixture *f = *state;
	char args[200];
	json_t *o;

	snprintf(args, sizeof(args), "--root=%s/root verify last", f->box.tree.path);
	assert_int_equal(run(f, args), 0);
	assert_non_null(strstr(f->box.out, "        result: ok\n"));
	assert_non_null(strstr(f->box.out, "stacks of CPUs: 2 pages\n"));
	assert_non_null(
		strstr(f->box.out, "         tasks: not checked, nothing tells where they are\n"));
	bitmap_clear(&f->keep, MOD_PFN, MOD_PFN + 2);
	assert_int_equal(run(f, args), 1);
	assert_non_null(strstr(f->box.out, "       modules: 2 of 3 pages are missing\n"));
	snprintf(args, sizeof(args), "--root=%s/root --json verify 4f2a90c1", f->box.tree.path);
	assert_int_equal(run(f, args), 1);
	o = json_loads(f->box.out, 0, NULL);
	assert_non_null(o);
	assert_true(json_is_false(json_object_get(o, "good")));
	assert_int_equal(json_integer_value(json_object_get(o, "missing")), 2);
	assert_int_equal(json_array_size(json_object_get(o, "parts")), SURVEY_PARTS);
	json_decref(o);
}

/* Where the text of the log is has been overwritten. */
static void log_that_cannot_be_read_is_a_fault(void **state)
{
	static const char file[] = "root/var/crash/20261123T140501Z-4f2a90c1/vmcore-dmesg.txt";
	struct fixture *f = *state;
	char args[200];

	snprintf(args, sizeof(args), "--root=%s/root verify last", f->box.tree.path);
	assert_int_equal(run(f, args), 0);
	assert_non_null(strstr(f->box.out, "    kernel log: 1 records\n"));
	synth_put(synth_at(&f->m, f->log.ring) + 56, 0, 8, false);
	assert_int_equal(verify(f, 0), 0);
	assert_true(verify_finds_fault(&f->result));
	check_words(f, "no record of the kernel log can be read");
	assert_int_equal(run(f, args), 1);
	/* The text that was saved beside it is taken, when there is one. */
	snprintf(args, sizeof(args), "--root=%s/root dmesg last", f->box.tree.path);
	assert_int_equal(run(f, args), 1);
	assert_string_equal(f->box.out, "");
	temptree_text(&f->box.tree, file, "[    1.000000] saved\n");
	assert_int_equal(run(f, args), 0);
	assert_string_equal(f->box.out, "[    1.000000] saved\n");
	assert_non_null(strstr(f->box.err, "no record is left of it, going on with "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(good_dump_is_good),
		TEST(memory_itself_can_be_verified),
		TEST(one_page_that_is_missing_is_found),
		TEST(spoilt_page_is_found),
		TEST(page_of_the_kernels_name_is_missing_like_any_other),
		TEST(deadline_is_no_fault),
		TEST(command_says_what_is_missing),
		TEST(log_that_cannot_be_read_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
