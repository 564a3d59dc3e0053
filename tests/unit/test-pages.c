// SPDX-License-Identifier: GPL-2.0-or-later
/* test-pages.c - which pages a dump has, and what a report says of its file. */
#include <errno.h>

#include "tests/unit/synth-kdump.h"
#include "vmcore/text/output.h"

static void all_pages_of_memory_are_there(void **state)
{
	struct pages pages;
	struct synth m;
	struct dump *d;

	(void)state;
	synth_init(&m, NULL);
	d = synth_dump(&m);
	assert_int_equal(pages_count(d, NULL, &pages), 0);
	assert_int_equal(pages.total, SYNTH_PAGES);
	assert_int_equal(pages.saved, SYNTH_PAGES);
	assert_int_equal(pages.left_out, 0);
	assert_int_equal(pages.lost, 0);
	dump_free(d);
	synth_done(&m);
}

/* A whole dump, and one whose end is cut off. */
static void pages_are_left_out_or_lost(void **state)
{
	_cleanup_free_ uint8_t *file = calloc(1, SYNTH_KDUMP_SIZE);
	const struct synth_kdump k = { .version = 6 };
	size_t size = synth_kdump(&k, file);
	uint64_t total = 0, saved = 0;
	struct pages pages;
	struct dump *d;

	(void)state;
	for (uint64_t pfn = 0; pfn < SYNTH_KDUMP_MAX_PFN; pfn++) {
		total += synth_kdump_is_ram(pfn);
		saved += synth_kdump_is_saved(pfn);
	}
	assert_true(saved > 0 && saved < total);
	for (int cut = 0; cut < 2; cut++) {
		assert_int_equal(synth_open(file, size - (cut ? 3 * 4096 : 0), &d), 0);
		assert_int_equal(pages_count(d, NULL, &pages), 0);
		assert_int_equal(pages.total, total);
		assert_int_equal(pages.left_out, total - saved);
		assert_int_equal(pages.saved + pages.lost, saved);
		assert_int_equal(pages.lost > 0, cut);
		dump_free(d);
	}
}

static void classes_are_counted(void **state)
{
	static const struct synth_page blocks[] = {
		{ SYNTH_TEST_PFN, SYNTH_FREE, 4 },          { SYNTH_TEST_PFN + 16, SYNTH_ANON, 0 },
		{ SYNTH_TEST_PFN + 18, SYNTH_CACHE, 1 },    { SYNTH_TEST_PFN + 20, SYNTH_SLAB, 1 },
		{ SYNTH_TEST_PFN + 22, SYNTH_HWPOISON, 0 },
	};
	static const uint64_t expected[PAGE_CLASSES] = {
		[PAGE_KEEP] = SYNTH_PAGES - 20,
		[PAGE_FREE] = 16,
		[PAGE_USER] = 1,
		[PAGE_CACHE] = 2,
		[PAGE_HWPOISON] = 1,
	};
	struct kspace *ks;
	struct synth m;
	struct pages pages = {};
	struct dump *d;

	(void)state;
	synth_init(&m, NULL);
	synth_pages(&m, blocks, ARRAY_SIZE(blocks));
	d = synth_dump(&m);
	ks = synth_kspace(d);
	assert_int_equal(pages_classify(d, ks, &pages), 0);
	assert_true(pages.classified);
	assert_string_equal(pages.remark, "");
	for (unsigned i = 0; i < PAGE_CLASSES; i++) {
		assert_int_equal(pages.classes[i].total, expected[i]);
		assert_int_equal(pages.classes[i].saved, expected[i]);
	}
	/* Without a kernel they cannot be told. */
	assert_int_equal(pages_classify(d, NULL, &pages), 0);
	assert_false(pages.classified);
	assert_string_not_equal(pages.remark, "");
	kspace_free(ks);
	dump_free(d);
	synth_done(&m);
}

static char *write_report(const struct dump *d, const struct origin *origin)
{
	const struct report_options o = { .origin = origin };
	struct report *report;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(report_open(d, &report), 0);
	assert_int_equal(report_text(report, &o, out), 0);
	assert_int_equal(fclose(out), 0);
	report_free(report);
	return text;
}

static void text_has_what_is_known_of_the_file(void **state)
{
	static const struct origin origin = {
		.path = "/var/crash/one/vmcore",
		.codec = "zstd",
		.verify = "ok",
		.remark = "crash.json: is old",
		.size = MIB(5),
		.counts = { { "in all", "total", 512 },
		            { "free", "free", 0 },
		            { "programs", "user", 256 } },
		.n_counts = 3,
	};
	static const char *const parts[] = {
		"\nDump\n        Format: ELF\n         Level: 0\n         State: complete\n"
		"         Pages: in all                 6047    23.6M\n"
		"                saved                  6047    23.6M\n",
		"\nDump\n          File: /var/crash/one/vmcore\n          Size: 5.0M\n"
		"        Format: ELF\n         Level: 0\n   Compression: zstd\n"
		"         State: complete\n     Read back: ok\n"
		"        Remark: crash.json: is old\n"
		"         Pages: in all                  512     2.0M\n"
		"                programs                256     1.0M\n",
	};
	struct synth m;
	struct dump *d;

	(void)state;
	synth_init(&m, NULL);
	d = synth_dump(&m);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		_cleanup_free_ char *text = write_report(d, i ? &origin : NULL);

		if (!strstr(text, parts[i]))
			fail_msg("\"%s\" is not in:\n%s", parts[i], text);
	}
	dump_free(d);
	synth_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_pages_of_memory_are_there),
		cmocka_unit_test(pages_are_left_out_or_lost),
		cmocka_unit_test(classes_are_counted),
		cmocka_unit_test(text_has_what_is_known_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
