// SPDX-License-Identifier: GPL-2.0-or-later
/* test-makedumpfile.c - what makedumpfile writes is read, and it reads what is written here. Passes
 * over everything where it is not installed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

#include "tests/unit/synth.h"
#include "tests/unit/temptree.h"
#include "vmcore/format/dump-format.h"
#include "vmcore/format/save.h"

#define PAGE 4096

/* The page that is only partly RAM: some versions of makedumpfile leave it out. */
#define PARTIAL (SYNTH_LOW_END - 1)

struct fixture {
	struct temptree tree;
	struct synth m;
	struct dump *dump;
};

static void make_core(struct fixture *f)
{
	for (uint64_t pfn = SYNTH_TEST_PFN; pfn < SYNTH_MAIN_END; pfn++)
		if (pfn % 3)
			check_noise(synth_at(&f->m, pfn * PAGE), PAGE / (pfn % 3), pfn);
	for (uint64_t pfn = SYNTH_HIGH_PFN; pfn < SYNTH_HIGH_END; pfn += 2)
		memset(synth_at(&f->m, pfn * PAGE), 'a' + pfn % 26, PAGE);
	f->dump = synth_dump(&f->m);
	temptree_bytes(&f->tree, "core", f->m.core, f->m.core_len);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	temptree_make(&f->tree);
	/* makedumpfile of Debian 12 knows nothing newer. */
	synth_init(&f->m, &(struct synth_options){ .era = "5.10" });
	make_core(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	temptree_remove(&f->tree);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

/* Runs it in the directory; gives its exit status. */
static int makedumpfile(const struct fixture *f, const char *args)
{
	char command[512];
	int status;

	if (system("command -v makedumpfile >/dev/null") != 0)
		skip();
	snprintf(command, sizeof(command), "cd %s && TMPDIR=. makedumpfile %s >log 2>errors",
	         f->tree.path, args);
	status = system(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static struct source *open_file(const struct fixture *f, const char *name)
{
	struct source *s;
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", f->tree.path, name);
	assert_int_equal(source_open(path, &s), 0);
	return s;
}

static struct dump *open_dump(const struct fixture *f, const char *name)
{
	struct dump *d;

	assert_int_equal(dump_open(open_file(f, name), &d), 0);
	return d;
}

/* Every page is as it was, or gives @missing; pages of zeroes may also be excluded if
 * @zero_excluded. Returns how many are there. */
static unsigned check_pages(struct fixture *f, const struct dump *d, bool zero_excluded,
                            int missing)
{
	_cleanup_(reader_freep) struct reader *r = NULL, *original = NULL;
	unsigned there = 0;

	assert_int_equal(d->n_ram, f->dump->n_ram);
	assert_int_equal(reader_new(d, MIB(1), &r), 0);
	assert_int_equal(reader_new(f->dump, MIB(1), &original), 0);
	for (size_t i = 0; i < d->n_ram; i++)
		for (uint64_t pfn = f->dump->ram[i].start; pfn < f->dump->ram[i].end; pfn++) {
			static const uint8_t zeroes[PAGE];
			uint8_t got[PAGE], expected[PAGE];
			int e = reader_read(r, pfn * PAGE, got, PAGE);

			assert_int_equal(reader_read(original, pfn * PAGE, expected, PAGE), 0);
			if (e == 0)
				assert_memory_equal(got, expected, PAGE);
			else if (pfn == PARTIAL)
				assert_int_equal(e, dump_is_ram(d, pfn) ? -ENODATA : -ENXIO);
			else if (!zero_excluded || memcmp(expected, zeroes, PAGE) != 0)
				assert_int_equal(e, missing);
			there += e == 0;
		}
	return there;
}

static void check_facts(const struct fixture *f, const struct dump *d)
{
	assert_int_equal(d->state, DUMP_COMPLETE);
	assert_int_equal(d->vmcoreinfo.len, f->dump->vmcoreinfo.len);
	assert_memory_equal(d->vmcoreinfo.text, f->dump->vmcoreinfo.text, d->vmcoreinfo.len);
	assert_int_equal(d->n_cpus, f->dump->n_cpus);
}

static void its_files_are_read(void **state)
{
	static const char *const options[] = { "-d 0", "-c -d 0", "-l -d 1", "-E -d 0", "-E -d 1" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		_cleanup_(dump_freep) struct dump *d = NULL;
		char args[64];

		snprintf(args, sizeof(args), "%s -f core out", options[i]);
		assert_int_equal(makedumpfile(f, args), 0);
		d = open_dump(f, "out");
		check_facts(f, d);
		check_pages(f, d, streq(options[i], "-E -d 1"), 0);
	}
}

static void its_streams_are_read(void **state)
{
	static const char *const options[] = { "-l -d 1", "-E -d 0" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		_cleanup_(dump_freep) struct dump *d = NULL;
		char args[64];

		/* The stream goes to standard output, which is the log. */
		snprintf(args, sizeof(args), "-F %s core", options[i]);
		assert_int_equal(makedumpfile(f, args), 0);
		d = open_dump(f, "log");
		check_facts(f, d);
		assert_true(check_pages(f, d, false, 0) >= SYNTH_PAGES - 1);
	}
}

static void its_split_dumps_are_read(void **state)
{
	struct fixture *f = *state;
	_cleanup_(dump_freep) struct dump *d = NULL, *part = NULL;
	struct source *parts[3];

	assert_int_equal(makedumpfile(f, "--split --splitblock-size 4096 -l -d 1 core p1 p2 p3"),
	                 0);
	parts[0] = open_file(f, "p3");
	parts[1] = open_file(f, "p1");
	parts[2] = open_file(f, "p2");
	assert_int_equal(dump_open_parts(parts, 3, &d), 0);
	check_facts(f, d);
	assert_true(check_pages(f, d, false, 0) >= SYNTH_PAGES - 1);
	part = open_dump(f, "p2");
	assert_int_equal(part->state, DUMP_INCOMPLETE);
	assert_in_range(check_pages(f, part, false, -ENODATA), 1, SYNTH_PAGES - 1);
}

static void its_incomplete_dumps_are_read(void **state)
{
	struct fixture *f = *state;
	_cleanup_(dump_freep) struct dump *d = NULL;

	assert_int_equal(makedumpfile(f, "-l -d 1 -L 1000000 -f core out"), 1);
	d = open_dump(f, "out");
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	assert_in_range(check_pages(f, d, false, -ENODATA), 100, SYNTH_PAGES - 100);
}

/* Writes all of the machine; to a stream when @flat. */
static void write_file(struct fixture *f, const char *format, const char *codec, bool flat)
{
	_cleanup_(bitmap_done) struct bitmap keep = {};
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_close_ int fd = -1;
	struct save_options o = {
		.threads = 2,
		.level = 1,
		.uts = { "Linux", "synth", SYNTH_RELEASE, "#1", "x86_64", "" },
		.crash_time = SYNTH_CRASH_TIME,
		.phys_base = SYNTH_PHYS_BASE,
	};
	const struct writer_format *writer;
	struct save_result result;

	assert_int_equal(codec_parse(codec, &o.codec, &o.codec_level), 0);
	assert_int_equal(writer_format_parse(format, &writer), 0);
	assert_int_equal(bitmap_init(&keep, f->dump->max_pfn), 0);
	for (size_t i = 0; i < f->dump->n_ram; i++)
		bitmap_set(&keep, f->dump->ram[i].start, f->dump->ram[i].end);
	unlinkat(f->tree.fd, "ours", 0);
	if (flat) {
		fd = openat(f->tree.fd, "ours", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_int_equal(sink_flatten(fd, "ours", &sink), 0);
	} else {
		assert_int_equal(sink_create(f->tree.fd, "ours", &sink), 0);
	}
	assert_int_equal(save_as(writer, f->dump, &keep, &o, sink, &result), 0);
}

/* What it makes of file @name is the machine again. */
static void check_its_copy(struct fixture *f, const char *name)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	char args[64];

	snprintf(args, sizeof(args), "-c -d 1 -f %s out", name);
	assert_int_equal(makedumpfile(f, args), 0);
	d = open_dump(f, "out");
	check_facts(f, d);
	assert_true(check_pages(f, d, false, 0) >= SYNTH_PAGES - 1);
}

static void it_reads_our_files(void **state)
{
	static const char *const files[][2] = {
		{ "kdump", "none" }, { "kdump", "zlib" }, { "kdump", "lzo" }, { "elf", "none" }
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		write_file(f, files[i][0], files[i][1], false);
		check_its_copy(f, "ours");
	}
}

static void it_rearranges_our_streams(void **state)
{
	static const char *const formats[] = { "kdump", "elf" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		_cleanup_(dump_freep) struct dump *d = NULL;

		write_file(f, formats[i], "lzo", true);
		assert_int_equal(makedumpfile(f, "-R -f whole <ours"), 0);
		d = open_dump(f, "whole");
		check_facts(f, d);
		assert_true(check_pages(f, d, false, 0) >= SYNTH_PAGES - 1);
		check_its_copy(f, "whole");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(its_files_are_read),       TEST(its_streams_are_read),
		TEST(its_split_dumps_are_read), TEST(its_incomplete_dumps_are_read),
		TEST(it_reads_our_files),       TEST(it_rearranges_our_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
