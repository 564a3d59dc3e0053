// SPDX-License-Identifier: GPL-2.0-or-later
/* test-verb-report.c - kdump-lite report: where it goes, as what, and when with colours. */
#include <stdio.h>

#include <jansson.h>

#include "tests/unit/dumpbox.h"

#define MS UINT64_C(1000000)

static void add(struct synth_log *l, unsigned level, const char *text)
{
	l->level = level;
	synth_log_add(l, 1500 * MS, text, strlen(text), SYNTH_FINAL);
}

static int setup(void **state)
{
	struct synth_log log;
	struct dumpbox *b;

	dumpbox_setup(state);
	b = *state;
	synth_log_init(&log, &b->m, 5, 12);
	add(&log, 6, "quiet");
	add(&log, 4, "a warning\nof two lines");
	add(&log, 3, "an error <b>");
	add(&log, 0, "Kernel panic - not syncing: <script>alert(1)</script>");
	dump_free(b->dump);
	b->dump = synth_dump(&b->m);
	temptree_bytes(&b->box.tree, "root/core", b->m.core, b->m.core_len);
	return 0;
}

static void run(struct dumpbox *b, int code, const char *args)
{
	int got = dumpbox_run(b, "$K report %s", args);

	if (got != code)
		fail_msg("report %s: %d\n%s", args, got, b->box.err);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

/* The report on stdout and the one in a file are the same. */
static void files_have_what_is_printed(void **state)
{
	static const char *const kinds[] = { "", "--json --log", "--html" };
	struct dumpbox *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		assert_int_equal(dumpbox_run(b, "$K report %s ./core >printed", kinds[i]), 0);
		assert_int_equal(dumpbox_run(b, "$K report %s --output=file ./core", kinds[i]), 0);
		assert_string_equal(b->box.out, "");
		assert_string_equal(b->box.err, "");
		assert_int_equal(dumpbox_run(b, "$K report %s --output=- ./core >dash", kinds[i]),
		                 0);
		assert_int_equal(dumpbox_run(b, "cmp printed file && cmp printed dash && "
		                                "test ! -e file.incomplete && "
		                                "tail -c 1 file | od -A n -t x1 && rm file"),
		                 0);
		assert_string_equal(b->box.out, " 0a\n");
	}
	/* A pipe gets it too. */
	assert_int_equal(dumpbox_run(b, "mkfifo p; cat p >piped & $K report --html --output=p "
	                                "./core; wait; cmp printed piped"),
	                 0);
}

/* Something is missing when it is the kernel. */
static void exit_status_tells(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "head -c 60000 core >cut && $K report ./cut"), 4);
	has(b->box.out, "The kernel cannot be found");
}

static void files_are_replaced_by_force_only(void **state)
{
	struct dumpbox *b = *state;

	temptree_text(&b->box.tree, "root/file", "old");
	run(b, 1, "--output=file ./core");
	has(b->box.err, "file: is there already; --force replaces it\n");
	run(b, 0, "--output=file --force --json ./core");
	assert_int_equal(dumpbox_run(b, "head -c 1 file"), 0);
	assert_string_equal(b->box.out, "{");
	run(b, 1, "--output=core --force ./core");
	has(b->box.err, "core: is the dump that is read");
	run(b, 1, "--output=none/file ./core");
	has(b->box.err, "none/file.incomplete: cannot be created: No such file");
	run(b, 1, "--output=/dev/full ./core");
	has(b->box.err, "/dev/full: cannot be written: No space left");
	run(b, 2, "--json --html ./core");
	run(b, 2, "--force ./core");
	assert_int_equal(dumpbox_run(b, "$K dmesg --html ./core"), 2);
	assert_int_equal(dumpbox_run(b, "$K convert --output=x ./core y"), 2);
}

static void records_are_told_with_time_and_level(void **state)
{
	struct dumpbox *b = *state;
	json_t *report, *records, *first, *second;

	run(b, 0, "--json --log ./core");
	report = json_loads(b->box.out, 0, NULL);
	records = json_object_get(report, "log_records");
	assert_int_equal(json_array_size(records), 4);
	first = json_array_get(records, 0);
	second = json_array_get(records, 1);
	assert_string_equal(json_string_value(json_object_get(first, "message")), "quiet");
	assert_int_equal(json_integer_value(json_object_get(first, "level")), 6);
	assert_true(json_number_value(json_object_get(first, "time")) == 1.5);
	assert_string_equal(json_string_value(json_object_get(second, "message")),
	                    "a warning\nof two lines");
	has(json_string_value(json_object_get(report, "log")),
	    "[    1.500000] a warning\n               of two lines\n");
	json_decref(report);
	run(b, 0, "--json ./core");
	assert_null(strstr(b->box.out, "log_records"));
}

static void pages_have_the_log(void **state)
{
	struct dumpbox *b = *state;

	run(b, 0, "--html ./core");
	has(b->box.out, "<p><i>    1.500000 </i>quiet\n");
	has(b->box.out, "<p class=w><i>    1.500000 </i>a warning\nof two lines\n");
	has(b->box.out, "<p class=e><i>    1.500000 </i>an error &lt;b&gt;\n");
	has(b->box.out, "<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>");
}

static void on_terminal(struct dumpbox *b, const char *const *env, const char *args)
{
	char all[300];

	snprintf(all, sizeof(all), "--root=%s --no-pager report %s %s/core", b->path, args,
	         b->path);
	if (box_run(&b->box, BOX_TERMINAL, env, all) != 0)
		fail_msg("%s: %s", all, b->box.err);
}

static void terminals_get_colours(void **state)
{
	const char *const xterm[] = { "TERM=xterm", NULL };
	struct dumpbox *b = *state;

	on_terminal(b, xterm, "");
	has(b->box.out, "\033[1;31m<script>alert(1)</script>\033[0m\r\n");
	has(b->box.out, "\033[1mEnd of the log\033[0m\r\n");
	has(b->box.out, "\n[    1.500000] quiet\r\n");
	/* Line by line, since a pager may begin with any. */
	has(b->box.out, "\033[33m[    1.500000] a warning\033[0m\r\n"
	                "\033[33m               of two lines\033[0m\r\n");
	has(b->box.out, "\033[31m[    1.500000] an error <b>\033[0m\r\n");
}

static void others_get_none(void **state)
{
	static const char *const envs[][3] = {
		{ "TERM=xterm", "NO_COLOR=1", NULL },
		{ "TERM=xterm", "SYSTEMD_COLORS=0", NULL },
		{ "TERM=dumb", NULL },
		{ NULL },
	};
	const char *const xterm[] = { "TERM=xterm", NULL };
	const char *const always[] = { "TERM=xterm", "SYSTEMD_COLORS=1", NULL };
	struct dumpbox *b = *state;
	char args[400];

	for (size_t i = 0; i < ARRAY_SIZE(envs); i++) {
		on_terminal(b, envs[i], "");
		assert_null(strchr(b->box.out, '\033'));
		has(b->box.out, "a warning\r\n");
	}
	on_terminal(b, xterm, "--json");
	assert_null(strchr(b->box.out, '\033'));
	snprintf(args, sizeof(args), "--root=%s report %s/core", b->path, b->path);
	assert_int_equal(box_run(&b->box, BOX_FILE, xterm, args), 0);
	assert_null(strchr(b->box.out, '\033'));
	/* --html without --output= prints the page. */
	assert_int_equal(box_run(&b->box, BOX_FILE, always, args), 0);
	assert_non_null(strchr(b->box.out, '\033'));
	snprintf(args, sizeof(args), "--root=%s report --output=%s/file %s/core", b->path, b->path,
	         b->path);
	assert_int_equal(box_run(&b->box, BOX_FILE, always, args), 0);
	assert_int_equal(dumpbox_run(b, "grep -c . file"), 0);
	assert_int_not_equal(dumpbox_run(b, "od -A n -t x1 file | grep -w 1b"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, dumpbox_teardown)
		TEST(files_have_what_is_printed),
		TEST(files_are_replaced_by_force_only),
		TEST(records_are_told_with_time_and_level),
		TEST(pages_have_the_log),
		TEST(exit_status_tells),
		TEST(terminals_get_colours),
		TEST(others_get_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
