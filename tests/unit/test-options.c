// SPDX-License-Identifier: GPL-2.0-or-later
/* test-options.c - options of the verbs: what a row takes, and what a verb refuses. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>

#include "loader/cli/verbs.h"
#include "base/text.h"
#include "system/file.h"
#include "vmcore/io/codec.h"
#include "tests/unit/run-cli.h"

struct toy {
	bool flag;
	const char *text;
	struct option_maybe maybe;
	char **list;
	unsigned number, squared;
};

static int square(const char *value, void *field)
{
	unsigned *n = field;

	*n = atoi(value) * atoi(value);
	return *n > 0 ? 0 : -EINVAL;
}

static const struct option_row rows[] = {
	{ "flag", 'f', FIELD(struct toy, flag), .help = "a flag" },
	{ "text", .arg = "T", FIELD(struct toy, text) },
	{ "maybe", .arg = "T", FIELD(struct toy, maybe) },
	{ "list", 'l', .arg = "T", FIELD(struct toy, list) },
	{ "number", 'n', .arg = "N", FIELD(struct toy, number), .min = 2, .max = 9,
	  .initial = "3" },
	{ "squared", .arg = "N", FIELD_BY(struct toy, squared, square), .initial = "4" },
	{ "nothing", 'x' },
	{},
};

/* Fills a toy from the words of @line; those that are no options are left in @words. The toy
 * borrows from the copy of the line until the next call. */
static int parse(const char *line, void **ret, char words[static 100])
{
	static const struct option_row *const tables[] = { NULL, rows };
	static char copy[200];
	char *argv[20] = { "toy" }, *save = NULL;
	_cleanup_(option_words_done) struct option_words w = {};
	int argc = 1, r;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	assert_int_equal(options_new(rows, ret), 0);
	r = options_split(argc, argv, tables, ARRAY_SIZE(tables), &w);
	for (size_t i = 0; r == 0 && i < w.n_given; i++)
		r = option_set(w.given[i].row, w.given[i].value, *ret);
	*words = '\0';
	for (int i = 0; i < w.n_args; i++)
		strcat(strcat(words, w.args[i]), " ");
	return r;
}

static void rows_say_what_is_taken(void **state)
{
	char words[100];
	struct toy *t;
	void *object;

	assert_int_equal(parse("", &object, words), 0);
	t = object;
	assert_false(t->flag || t->text || t->maybe.given || t->list);
	assert_int_equal(t->number, 3);
	assert_int_equal(t->squared, 16);
	options_free(rows, object);

	assert_int_equal(
		parse("one --squared 5 -fx two -n9 --list=a -l b --maybe three", &object, words),
		0);
	t = object;
	assert_string_equal(words, "one two three ");
	assert_true(t->flag && t->maybe.given);
	assert_null(t->maybe.value);
	assert_int_equal(t->number, 9);
	assert_int_equal(t->squared, 25);
	assert_int_equal(strv_length(t->list), 2);
	assert_string_equal(t->list[1], "b");
	options_free(rows, object);

	assert_int_equal(parse("--maybe=b --nothing -- --flag", &object, words), 0);
	t = object;
	assert_string_equal(words, "--flag ");
	assert_string_equal(t->maybe.value, "b");
	assert_false(t->flag);
	options_free(rows, object);
}

static void wrong_arguments(void **state)
{
	static const char *const wrong[][2] = {
		{ "--number=1", "--number=1: a number from 2 to 9 is expected" },
		{ "-n 10", "--number=10: a number from 2 to 9 is expected" },
		{ "--number=x", "--number=x: a number" },
		{ "--squared=0", "" },
	};
	char words[100];
	void *object;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_fails(parse(wrong[i][0], &object, words), -EINVAL, wrong[i][1]);
		options_free(rows, object);
	}
}

/* getopt_long() is told of each name once. */
static void verbs_agree_about_options(void **state)
{
	for (size_t i = 0; verbs[i]; i++)
		for (const struct option_row *a = verbs[i]->options; a && a->name; a++)
			for (size_t j = 0; j <= i; j++) {
				const struct option_row *b =
					j < i ? option_find(verbs[j]->options, a->name)
					      : option_find(common_options, a->name);

				if (b && (!a->arg != !b->arg || a->letter != b->letter ||
				          (a->kind == OPTION_MAYBE) != (b->kind == OPTION_MAYBE)))
					fail_msg("--%s of %s is not like that of %s", a->name,
					         verbs[i]->name, verbs[j]->name);
			}
}

static void refuses(struct box *b, const struct verb *v, const char *typed, const char *name)
{
	char args[200], expected[300];
	int code;

	snprintf(args, sizeof(args), "%s %s", v->name, typed);
	for (int i = 0; i < v->min_args; i++)
		strcat(args, " 1");
	snprintf(expected, sizeof(expected),
	         "kdump-lite %s: %s does not go with this verb; \"kdump-lite %s --help\" lists "
	         "what does\n",
	         v->name, name, v->name);
	code = box_run(b, BOX_FILE, NULL, args);
	if (code != EXIT_USAGE || !streq(b->err, expected) || *b->out)
		fail_msg("%s: expected 2 and \"%s\", got %d, \"%s\" and \"%s\"", args, expected,
		         code, b->err, b->out);
}

/* Whatever a verb does not take, it refuses; nothing is ignored. */
static void every_verb_refuses_what_it_does_not_take(void **state)
{
	struct box b;

	box_make(&b);
	for (size_t i = 0; verbs[i]; i++) {
		const struct verb *v = verbs[i];

		for (const struct option_row *row = common_options; row->name; row++) {
			char typed[80], name[64];

			if ((v->takes & row->takes) == row->takes)
				continue;
			snprintf(name, sizeof(name), "--%s%s", row->name, row->arg ? "=" : "");
			snprintf(typed, sizeof(typed), "%s%s", name, row->arg ? "/" : "");
			refuses(&b, v, typed, name);
		}
		if (!(v->takes & TAKES_QUIET))
			refuses(&b, v, "-q", "-q");
		if (!option_find(v->options, "tasks"))
			refuses(&b, v, "--tasks", "--tasks");
		if (!option_find(v->options, "level"))
			refuses(&b, v, "--level=99", "--level=");
	}
	box_remove(&b);
}

static void has_line(const struct box *b, const struct verb *v, const struct option_row *row)
{
	char start[64];

	snprintf(start, sizeof(start), "--%s%s", row->name,
	         row->kind == OPTION_MAYBE ? "[="
	         : row->arg                ? "="
	                                   : " ");
	if (!strstr(b->out, start) || !strstr(b->out, row->help))
		fail_msg("\"%s\" and \"%s\" are not in the help of %s:\n%s", start, row->help,
		         v->name, b->out);
}

static void help_comes_from_the_rows(void **state)
{
	char args[100];
	struct box b;

	box_make(&b);
	for (size_t i = 0; verbs[i]; i++) {
		const struct verb *v = verbs[i];

		snprintf(args, sizeof(args), "--help %s", v->name);
		assert_int_equal(box_run(&b, BOX_FILE, NULL, args), 0);
		assert_memory_equal(b.out + strlen("kdump-lite "), v->name, strlen(v->name));
		for (const struct option_row *row = v->options; row && row->name; row++)
			has_line(&b, v, row);
		for (const struct option_row *row = common_options; row->name; row++)
			if ((v->takes & row->takes) == row->takes)
				has_line(&b, v, row);
			else
				assert_null(strstr(b.out, row->help));
	}
	assert_int_equal(box_run(&b, BOX_FILE, NULL, "convert --help"), 0);
	for (size_t i = 0; codecs[i]; i++)
		assert_non_null(strstr(b.out, codecs[i]->name));
	box_remove(&b);
}

/* A file that is not in the list would be built for nothing. The tests run in the folder of the
 * sources. */
static void every_verb_has_its_row(void **state)
{
	static const char start[] = "\nconst struct verb verb_";
	_cleanup_free_ char *list = NULL;
	unsigned n = 0;
	glob_t files;

	assert_int_equal(file_read(AT_FDCWD, "loader/cli/verbs.h", MIB(1), &list, NULL), 0);
	assert_int_equal(glob("loader/cli/verb-*.c", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		_cleanup_free_ char *text = NULL;

		assert_int_equal(file_read(AT_FDCWD, files.gl_pathv[i], MIB(1), &text, NULL), 0);
		for (const char *at = text; (at = strstr(at, start)); n++) {
			char row[64];

			at += strlen(start);
			snprintf(row, sizeof(row), "\tROW(%.*s)", (int)strcspn(at, " "), at);
			if (!strstr(list, row))
				fail_msg("%s: add %s to loader/cli/verbs.h", files.gl_pathv[i],
				         row + 1);
		}
	}
	globfree(&files);
	assert_in_range(n, 20, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_say_what_is_taken),
		cmocka_unit_test(wrong_arguments),
		cmocka_unit_test(verbs_agree_about_options),
		cmocka_unit_test(every_verb_refuses_what_it_does_not_take),
		cmocka_unit_test(help_comes_from_the_rows),
		cmocka_unit_test(every_verb_has_its_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
