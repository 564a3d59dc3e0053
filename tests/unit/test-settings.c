// SPDX-License-Identifier: GPL-2.0-or-later
/* test-settings.c - which files count, in which order, and what is said about what they hold. */
#include <errno.h>
#include <stdio.h>

#include "config/settings.h"
#include "tests/unit/temptree.h"
#include "base/err.h"
#include "base/text.h"

/* One test's system, and the remarks about it, one a line. */
static struct temptree tree;
static char remarks[1000];

static int setup(void **state)
{
	temptree_make(&tree);
	remarks[0] = '\0';
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	return 0;
}

static void collect(void *arg, const char *text)
{
	size_t len = strlen(remarks);

	snprintf(remarks + len, sizeof(remarks) - len, "%s\n", text);
}

static int load(struct settings *s)
{
	return settings_load(tree.fd, collect, NULL, s);
}

static void expect_level(uint64_t level)
{
	_cleanup_(settings_done) struct settings s = {};

	assert_int_equal(load(&s), 0);
	assert_int_equal(s.capture.level, level);
}

/* The file is refused with just this text, and the result is not touched. */
static void expect_error(const char *file, const char *text, const char *expected)
{
	struct settings s, untouched;
	int r;

	memset(&s, 0xaa, sizeof(s));
	untouched = s;
	temptree_text(&tree, file, text);
	r = load(&s);
	assert_true(r < 0);
	assert_string_equal(err_text(r), expected);
	assert_memory_equal(&s, &untouched, sizeof(s));
}

static void defaults(void **state)
{
	_cleanup_(settings_done) struct settings s = {};

	assert_int_equal(load(&s), 0);
	assert_string_equal(s.path, "/var/crash");
	assert_int_equal(s.capture.level, 31);
	assert_int_equal(s.capture.threads, 0);
	assert_string_equal(s.kernel, "");
	assert_null(s.modules);
	assert_int_equal(s.capture.device_timeout, 30);
	assert_int_equal(s.capture.timeout, 0);
	assert_int_equal(s.capture.final_action, FINAL_AUTO);
	assert_int_equal(s.capture.keep_free, 0);
	assert_int_equal(s.capture.max_use, 0);
	assert_int_equal(s.capture.max_dumps, 0);
	assert_string_equal(remarks, "");
}

static void every_key(void **state)
{
	_cleanup_(settings_done) struct settings s = {};

	temptree_text(&tree, "etc/kdump-lite.conf",
	              "# a comment\n"
	              "; another\n"
	              "\n"
	              "[Target]\n"
	              "  Path = /srv/crash dumps  \n"
	              "KeepFree=3G\n"
	              "MaxUse=20G\n"
	              "MaxDumps=5\n"
	              "[Dump]\n"
	              "Level=1\n"
	              "Compress=zlib:9\n"
	              "Threads=4\n"
	              "[Capture]\n"
	              "Kernel=/boot/vmlinuz-test\n"
	              "Modules=nvme\n"
	              "Modules=ext4 crc32c\n"
	              "CommandLine=console=ttyS0 x=\"a b\"\n"
	              "CommandLineRemove=quiet pci*\n"
	              "CommandLineAppend=dyndbg=\"file a.c +p\" nr_cpus=2\n"
	              "DeviceTimeoutSec=1min 30s\n"
	              "TimeoutSec=2h\n"
	              "FinalAction=halt\n");
	assert_int_equal(load(&s), 0);
	assert_string_equal(s.path, "/srv/crash dumps");
	assert_int_equal(s.capture.keep_free, MIB(3 * 1024));
	assert_int_equal(s.capture.max_use, MIB(20 * 1024));
	assert_int_equal(s.capture.max_dumps, 5);
	assert_int_equal(s.capture.level, 1);
	assert_string_equal(s.capture.compress, "zlib:9");
	assert_int_equal(s.capture.threads, 4);
	assert_string_equal(s.kernel, "/boot/vmlinuz-test");
	assert_int_equal(strv_length(s.modules), 3);
	assert_string_equal(s.modules[2], "crc32c");
	assert_string_equal(s.command_line, "console=ttyS0 x=\"a b\"");
	assert_int_equal(strv_length(s.command_line_remove), 2);
	assert_int_equal(strv_length(s.command_line_append), 2);
	assert_string_equal(s.command_line_append[0], "dyndbg=\"file a.c +p\"");
	assert_int_equal(s.capture.device_timeout, 90);
	assert_int_equal(s.capture.timeout, 7200);
	assert_int_equal(s.capture.final_action, FINAL_HALT);
	assert_string_equal(remarks, "");
}

static void first_main_file_wins(void **state)
{
	static const char *const places[] = { "usr/lib", "usr/local/lib", "run", "etc" };
	char path[100], text[100];

	/* From the last place to the first; each hides those before. */
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/kdump-lite.conf", places[i]);
		snprintf(text, sizeof(text), "[Dump]\nLevel=%zu\n", i);
		temptree_text(&tree, path, text);
		expect_level(i);
	}
}

static void a_hidden_main_file_is_not_even_read(void **state)
{
	temptree_text(&tree, "usr/lib/kdump-lite.conf", "nonsense\n");
	temptree_text(&tree, "etc/kdump-lite.conf", "");
	expect_level(31);
}

static void main_file_masked_by_null(void **state)
{
	temptree_text(&tree, "usr/lib/kdump-lite.conf", "[Dump]\nLevel=1\n");
	expect_level(1);
	temptree_link(&tree, "etc/kdump-lite.conf", "/dev/null");
	expect_level(31);
}

static void drop_ins_in_order_of_names(void **state)
{
	temptree_text(&tree, "etc/kdump-lite.conf", "[Dump]\nLevel=1\n");
	temptree_text(&tree, "usr/lib/kdump-lite.conf.d/50-b.conf", "[Dump]\nLevel=2\n");
	expect_level(2);
	temptree_text(&tree, "etc/kdump-lite.conf.d/40-a.conf", "[Dump]\nLevel=3\n");
	expect_level(2);
	temptree_text(&tree, "run/kdump-lite.conf.d/60-c.conf", "[Dump]\nLevel=4\n");
	expect_level(4);
	temptree_text(&tree, "usr/local/lib/kdump-lite.conf.d/70-d.conf", "[Dump]\nLevel=5\n");
	expect_level(5);
}

static void drop_ins_hide_those_of_the_same_name(void **state)
{
	static const char *const places[] = { "usr/lib", "usr/local/lib", "run", "etc" };
	char path[100], text[100];

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/kdump-lite.conf.d/x.conf", places[i]);
		snprintf(text, sizeof(text), "[Dump]\nLevel=%zu\n", i);
		temptree_text(&tree, path, text);
		expect_level(i);
	}
}

static void drop_ins_masked(void **state)
{
	temptree_text(&tree, "usr/lib/kdump-lite.conf.d/x.conf", "[Dump]\nLevel=2\n");
	temptree_text(&tree, "usr/lib/kdump-lite.conf.d/y.conf", "[Dump]\nThreads=2\n");
	expect_level(2);
	temptree_link(&tree, "run/kdump-lite.conf.d/x.conf", "/dev/null");
	expect_level(31);
	temptree_text(&tree, "etc/kdump-lite.conf.d/x.conf", "");
	expect_level(31);
}

static void only_conf_files_are_drop_ins(void **state)
{
	temptree_text(&tree, "etc/kdump-lite.conf.d/README", "nonsense");
	temptree_text(&tree, "etc/kdump-lite.conf.d/x.conf.dpkg-old", "nonsense");
	temptree_text(&tree, "etc/kdump-lite.conf.d/.x.conf", "nonsense");
	expect_level(31);
}

static void lists_add_up_over_files(void **state)
{
	_cleanup_(settings_done) struct settings s = {};

	temptree_text(&tree, "etc/kdump-lite.conf", "[Capture]\nModules=a\n");
	temptree_text(&tree, "etc/kdump-lite.conf.d/1.conf", "[Capture]\nModules=b\n");
	temptree_text(&tree, "etc/kdump-lite.conf.d/2.conf",
	              "[Capture]\nCommandLineAppend=x\nCommandLineAppend=\n");
	assert_int_equal(load(&s), 0);
	assert_int_equal(strv_length(s.modules), 2);
	assert_null(s.command_line_append);
}

static void continued_lines(void **state)
{
	_cleanup_(settings_done) struct settings s = {};

	temptree_text(&tree, "etc/kdump-lite.conf",
	              "[Capture]\n"
	              "Modules=a \\\n"
	              "# between\n"
	              "  ; them\n"
	              "  b\\\n"
	              "c\n"
	              "CommandLine=ends in two \\\\\n"
	              "CommandLineAppend=last \\");
	assert_int_equal(load(&s), 0);
	assert_int_equal(strv_length(s.modules), 3);
	assert_string_equal(s.modules[1], "b");
	assert_string_equal(s.command_line, "ends in two \\\\");
	assert_int_equal(strv_length(s.command_line_append), 1);
}

static void no_line_feed_at_the_end(void **state)
{
	temptree_text(&tree, "etc/kdump-lite.conf", "[Dump]\r\nLevel=3");
	expect_level(3);
}

static void unknown_names_are_remarked(void **state)
{
	temptree_text(&tree, "etc/kdump-lite.conf",
	              "[Dump]\nLevel=2\nLvl=1\nTimeoutSec=3\nX-Mine=1\nlevel=7\n[Future]\nA="
	              "b\nLevel=9\n[X-Mine]\nA=b\n");
	expect_level(2);
	assert_string_equal(remarks, "/etc/kdump-lite.conf:3: Lvl: unknown setting, ignored\n"
	                             "/etc/kdump-lite.conf:4: TimeoutSec: belongs in [Capture] and "
	                             "is ignored in [Dump]\n"
	                             "/etc/kdump-lite.conf:6: level: unknown setting, ignored\n"
	                             "/etc/kdump-lite.conf:7: Future: unknown section, ignored\n");
}

static void bad_values_name_file_and_line(void **state)
{
	expect_error("etc/kdump-lite.conf", "[Dump]\n\nLevel=32\n",
	             "/etc/kdump-lite.conf:3: Level=32: a number from 0 to 31 is expected");
	expect_error("etc/kdump-lite.conf", "[Dump]\nLevel=1\\\n\\\n2\nThreads=1025\n",
	             "/etc/kdump-lite.conf:2: Level=1  2: a number from 0 to 31 is expected");
	expect_error("etc/kdump-lite.conf", "[Dump]\nThreads=1025\n",
	             "/etc/kdump-lite.conf:2: Threads=1025: auto or a number from 1 to 1024 is "
	             "expected");
	expect_error("etc/kdump-lite.conf", "[Target]\nPath=crash\n",
	             "/etc/kdump-lite.conf:2: Path=crash: an absolute path is expected");
	expect_error("etc/kdump-lite.conf", "[Capture]\nFinalAction=explode\n",
	             "/etc/kdump-lite.conf:2: FinalAction=explode: one of auto, kexec, reboot, "
	             "poweroff, halt "
	             "is expected");
	expect_error(
		"etc/kdump-lite.conf", "[Capture]\nTimeoutSec=soon\n",
		"/etc/kdump-lite.conf:2: TimeoutSec=soon: auto or a time span from 10s to 168h is "
		"expected, such as 90s "
		"or 5min");
	temptree_text(&tree, "etc/kdump-lite.conf", "");
	expect_error("run/kdump-lite.conf.d/7.conf", "[Dump]\nLevel=x\n",
	             "/run/kdump-lite.conf.d/7.conf:2: Level=x: a number from 0 to 31 is expected");
}

static void bad_compression(void **state)
{
	static const char *const bad[] = { "zst", "zlib:99", "zstd:", "none:1", "zstd:x", ":3" };
	static const char *const good[] = { "none", "zlib", "zlib:9", "lzo", "zstd", "zstd:3" };
	char text[100];

	for (size_t i = 0; i < ARRAY_SIZE(bad) + ARRAY_SIZE(good); i++) {
		_cleanup_(settings_done) struct settings s = {};
		bool is_bad = i < ARRAY_SIZE(bad);
		const char *value = is_bad ? bad[i] : good[i - ARRAY_SIZE(bad)];

		snprintf(text, sizeof(text), "[Dump]\nCompress=%s\n", value);
		temptree_text(&tree, "etc/kdump-lite.conf", text);
		assert_int_equal(load(&s), is_bad ? -EINVAL : 0);
		if (!is_bad)
			assert_string_equal(s.capture.compress, value);
	}
}

static void lines_that_are_nothing(void **state)
{
	expect_error("etc/kdump-lite.conf", "[Dump]\nLevel\n",
	             "/etc/kdump-lite.conf:2: \"Level\": a setting has the form Key=value");
	expect_error("etc/kdump-lite.conf", "[Dump]\n=1\n",
	             "/etc/kdump-lite.conf:2: \"=1\": a setting has the form Key=value");
	expect_error("etc/kdump-lite.conf", "[Dump\nLevel=1\n",
	             "/etc/kdump-lite.conf:1: \"[Dump\": a section header has the form [Section]");
	expect_error("etc/kdump-lite.conf", "[]\n",
	             "/etc/kdump-lite.conf:1: \"[]\": a section header has the form [Section]");
	expect_error("etc/kdump-lite.conf", "Level=1\n",
	             "/etc/kdump-lite.conf:1: Level=: stands before the first section header, such "
	             "as [Target]");
}

static void files_that_are_no_text(void **state)
{
	struct settings s;

	temptree_bytes(&tree, "etc/kdump-lite.conf", "[Dump]\nLevel=1\0\n", 16);
	assert_int_equal(load(&s), -EINVAL);
	assert_string_equal(err_text(-EINVAL),
	                    "/etc/kdump-lite.conf: holds a NUL byte, so it is no text");
}

static void files_that_cannot_be_read(void **state)
{
	struct settings s;

	temptree_link(&tree, "etc/kdump-lite.conf", "nowhere");
	assert_int_equal(load(&s), -ENOENT);
	assert_string_equal(err_text(-ENOENT),
	                    "/etc/kdump-lite.conf: cannot be read: No such file or directory");
	unlinkat(tree.fd, "etc/kdump-lite.conf", 0);
	temptree_dir(&tree, "etc/kdump-lite.conf.d/x.conf");
	assert_int_equal(load(&s), -EINVAL);
	assert_non_null(strstr(err_text(-EINVAL), "/etc/kdump-lite.conf.d/x.conf: cannot be read"));
}

/* Each fault of the tests above is a remark, and what else there is counts. */
static void what_cannot_be_used_is_passed_over_on_request(void **state)
{
	_cleanup_(settings_done) struct settings s = {};

	temptree_text(
		&tree, "etc/kdump-lite.conf",
		"[Dump]\nLevel=32\nThreads=3\n[Target]\nPath=crash\nnonsense\n[Dump]\nLevel=5\n");
	temptree_dir(&tree, "etc/kdump-lite.conf.d/1.conf");
	temptree_text(&tree, "etc/kdump-lite.conf.d/2.conf", "[Target]\nPath=/srv/crash\n");
	assert_int_equal(settings_load_usable(tree.fd, collect, NULL, &s), 0);
	assert_string_equal(
		remarks,
		"/etc/kdump-lite.conf:2: Level=32: a number from 0 to 31 is expected; ignored\n"
		"/etc/kdump-lite.conf:5: Path=crash: an absolute path is expected; ignored\n"
		"/etc/kdump-lite.conf:6: \"nonsense\": a setting has the form Key=value; ignored\n"
		"/etc/kdump-lite.conf.d/1.conf: cannot be read: Invalid argument; ignored\n");
	assert_int_equal(s.capture.level, 31);
	assert_int_equal(s.capture.threads, 3);
	assert_string_equal(s.path, "/srv/crash");
}

static char *printed(int (*print)(FILE *))
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(print(f), 0);
	fclose(f);
	return text;
}

/* With its settings uncommented, the shipped file has the settings in effect without it. */
static void default_file_holds_the_defaults(void **state)
{
	_cleanup_(settings_done) struct settings s = {};
	_cleanup_free_ char *text = printed(settings_print_default), *before = NULL, *after = NULL;
	size_t len, keys = 0;
	FILE *f;

	assert_int_equal(load(&s), 0);
	f = open_memstream(&before, &len);
	assert_int_equal(settings_print(&s, f), 0);
	fclose(f);
	settings_done(&s);

	temptree_text(&tree, "etc/kdump-lite.conf", text);
	assert_int_equal(load(&s), 0);
	settings_done(&s);
	for (char *p = text; (p = strstr(p, "\n#")); p++)
		if (p[2] != ' ' && p[2] != '\n') {
			p[1] = ' ';
			keys++;
		}
	assert_int_equal(keys, settings_n_rows);
	temptree_text(&tree, "etc/kdump-lite.conf", text);
	assert_int_equal(load(&s), 0);
	f = open_memstream(&after, &len);
	assert_int_equal(settings_print(&s, f), 0);
	fclose(f);
	assert_string_equal(after, before);
	assert_string_equal(remarks, "");
}

static void printed_settings_read_back(void **state)
{
	_cleanup_(settings_done) struct settings s = {}, again = {};
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *f;

	temptree_text(&tree, "etc/kdump-lite.conf",
	              "[Target]\nPath=/a b\n[Dump]\nLevel=3\n[Capture]\nModules=x \"y "
	              "z\"\nTimeoutSec=90\n");
	assert_int_equal(load(&s), 0);
	f = open_memstream(&text, &len);
	assert_int_equal(settings_print(&s, f), 0);
	fclose(f);
	temptree_text(&tree, "etc/kdump-lite.conf", text);
	assert_int_equal(load(&again), 0);
	assert_string_equal(again.path, "/a b");
	assert_int_equal(again.capture.level, 3);
	assert_int_equal(strv_length(again.modules), 2);
	assert_string_equal(again.modules[1], "\"y z\"");
	assert_int_equal(again.capture.timeout, 90);
}

static void manual_page_has_every_key(void **state)
{
	_cleanup_free_ char *text = printed(settings_print_man);
	char line[100];

	for (size_t i = 0; i < settings_n_rows; i++) {
		snprintf(line, sizeof(line), "\n.B %s=\n", settings_rows[i].key);
		assert_non_null(strstr(text, line));
	}
	/* No line of text may begin with what troff takes for a request. */
	assert_null(strstr(text, "\n'"));
}

/* A member without a row would be 0 in every capture. Only one of four bytes could hide, in the
 * padding behind a choice. */
static void members_of_the_capture_have_rows(void **state)
{
	bool has_row[sizeof(struct capture_settings) / sizeof(uint64_t)] = {};

	assert_int_equal(sizeof(struct capture_settings) % sizeof(uint64_t), 0);
	for (size_t i = 0; i < settings_n_rows; i++)
		if (settings_row_is_of_capture(&settings_rows[i]))
			has_row[settings_rows[i].offset / sizeof(uint64_t)] = true;
	for (size_t i = 0; i < ARRAY_SIZE(has_row); i++)
		if (!has_row[i])
			fail_msg("struct capture_settings: the member at byte %zu has no row in "
			         "settings_rows[]",
			         i * sizeof(uint64_t));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(defaults),
		TEST(every_key),
		TEST(first_main_file_wins),
		TEST(a_hidden_main_file_is_not_even_read),
		TEST(main_file_masked_by_null),
		TEST(drop_ins_in_order_of_names),
		TEST(drop_ins_hide_those_of_the_same_name),
		TEST(drop_ins_masked),
		TEST(only_conf_files_are_drop_ins),
		TEST(lists_add_up_over_files),
		TEST(continued_lines),
		TEST(no_line_feed_at_the_end),
		TEST(unknown_names_are_remarked),
		TEST(bad_values_name_file_and_line),
		TEST(bad_compression),
		TEST(lines_that_are_nothing),
		TEST(files_that_are_no_text),
		TEST(files_that_cannot_be_read),
		TEST(what_cannot_be_used_is_passed_over_on_request),
		TEST(default_file_holds_the_defaults),
		TEST(printed_settings_read_back),
		TEST(manual_page_has_every_key),
		TEST(members_of_the_capture_have_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
