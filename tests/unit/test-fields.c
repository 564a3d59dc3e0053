// SPDX-License-Identifier: GPL-2.0-or-later
/* test-fields.c - rows between struct, text and JSON. */
#include <errno.h>

#include "config/fields-json.h"
#include "tests/unit/check.h"
#include "base/err.h"
#include "base/text.h"

struct object {
	char *text, *path, *optional, *even;
	char **words;
	uint64_t number, count, seconds, size;
	unsigned choice;
};

static int check_even(const char *value)
{
	return strlen(value) % 2 == 0 ? 0 : errf(-EINVAL, "an even number of letters is expected");
}

static const char *const choices[] = { "red", "green", NULL };

#define TEN      "0123456789"
#define HUNDRED  TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define TOO_LONG "/" HUNDRED HUNDRED HUNDRED /* one part of 300 characters */

static const struct field rows[] = {
	{ "Text", TEXT_AT(struct object, text), "A", "hello" },
	{ "Path", PATH_AT(struct object, path), "A", "/var" },
	{ "Optional", PATH_AT(struct object, optional), "A", "" },
	{ "Even", TEXT_AT(struct object, even), "B", "ab", .check = check_even },
	{ "Words", WORDS_AT(struct object, words), "B", "x y" },
	{ "Number", NUMBER_AT(struct object, number), "B", "5", .min = 2, .max = 9 },
	{ "Count", NUMBER_AT(struct object, count), "B", "many", .zero = "many", .min = 1,
	  .max = 3 },
	{ "Seconds", SECONDS_AT(struct object, seconds), "B", "2min", .min = 1, .max = 3600 },
	{ "Size", SIZE_AT(struct object, size), "B", "64K", .zero = "no", .min = 4096,
	  .max = MIB(1) },
	{ "Choice", CHOICE_AT(struct object, choice), "B", "green", .choices = choices },
};

static int setup(void **state)
{
	static struct object o;

	*state = &o;
	return fields_init(rows, ARRAY_SIZE(rows), &o);
}

static int teardown(void **state)
{
	fields_done(rows, ARRAY_SIZE(rows), *state);
	return 0;
}

static int set(struct object *o, const char *key, const char *value)
{
	return field_set(fields_find(rows, ARRAY_SIZE(rows), NULL, key), o, value);
}

static void expect_print(const struct object *o, const char *key, const char *expected)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(field_print(fields_find(rows, ARRAY_SIZE(rows), NULL, key), o, f), 0);
	fclose(f);
	assert_string_equal(text, expected);
}

static int print_fails(const struct object *o, const char *key)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int r = field_print(fields_find(rows, ARRAY_SIZE(rows), NULL, key), o, f);

	fclose(f);
	return r;
}

static void starts_with_initial_values(void **state)
{
	struct object *o = *state;

	assert_string_equal(o->text, "hello");
	assert_string_equal(o->path, "/var");
	assert_string_equal(o->optional, "");
	assert_int_equal(strv_length(o->words), 2);
	assert_int_equal(o->number, 5);
	assert_int_equal(o->count, 0);
	assert_int_equal(o->seconds, 120);
	assert_int_equal(o->choice, 1);
}

static void zero_may_have_a_name(void **state)
{
	struct object *o = *state;

	expect_print(o, "Count", "many");
	assert_int_equal(set(o, "Count", "3"), 0);
	assert_int_equal(o->count, 3);
	expect_print(o, "Count", "3");
	assert_int_equal(set(o, "Count", "many"), 0);
	assert_int_equal(o->count, 0);
}

static void sizes_have_units(void **state)
{
	struct object *o = *state;

	assert_int_equal(o->size, 65536);
	expect_print(o, "Size", "64K");
	assert_int_equal(set(o, "Size", "1M"), 0);
	assert_int_equal(o->size, 1048576);
	expect_print(o, "Size", "1M");
	assert_int_equal(set(o, "Size", "5000"), 0);
	expect_print(o, "Size", "5000");
	assert_int_equal(set(o, "Size", "no"), 0);
	assert_int_equal(o->size, 0);
	expect_print(o, "Size", "no");
}

static void seconds_may_have_a_name_for_none(void **state)
{
	static const struct field row = { "Wait", SECONDS_AT(struct object, seconds), NULL,
		                          .zero = "auto", .min = 10 };
	_cleanup_free_ char *text = NULL;
	struct object *o = *state;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(field_set(&row, o, "auto"), 0);
	assert_int_equal(o->seconds, 0);
	assert_int_equal(field_print(&row, o, f), 0);
	fclose(f);
	assert_string_equal(text, "auto");
	assert_fails(field_set(&row, o, "0"), -EINVAL, "auto or a time span from 10s to infinity");
}

static void finds_rows(void **state)
{
	assert_non_null(fields_find(rows, ARRAY_SIZE(rows), "B", "Number"));
	assert_non_null(fields_find(rows, ARRAY_SIZE(rows), NULL, "Number"));
	assert_null(fields_find(rows, ARRAY_SIZE(rows), "A", "Number"));
	assert_null(fields_find(rows, ARRAY_SIZE(rows), "B", "number"));
}

/* A refused value changes nothing; the message says what is allowed. */
static void refuses(void **state)
{
	static const struct {
		const char *key, *value, *text;
	} cases[] = {
		{ "Number", "1", "a number from 2 to 9 is expected" },
		{ "Number", "10", "a number from 2 to 9 is expected" },
		{ "Number", "x", "a number from 2 to 9 is expected" },
		{ "Number", "5 ", "a number from 2 to 9 is expected" },
		{ "Number", "-3", "a number from 2 to 9 is expected" },
		{ "Number", "many", "a number from 2 to 9 is expected" },
		{ "Count", "0", "many or a number from 1 to 3 is expected" },
		{ "Count", "few", "many or a number from 1 to 3 is expected" },
		{ "Seconds", "0", "a time span from 1s to 1h is expected, such as 90s or 5min" },
		{ "Seconds", "infinity",
		  "a time span from 1s to 1h is expected, such as 90s or 5min" },
		{ "Size", "0", "no or a size from 4K to 1M is expected, such as 64M" },
		{ "Size", "2M", "no or a size from 4K to 1M is expected, such as 64M" },
		{ "Size", "-1K", "no or a size from 4K to 1M is expected, such as 64M" },
		{ "Choice", "blue", "one of red, green is expected" },
		{ "Choice", "Red", "one of red, green is expected" },
		{ "Path", "var/crash", "an absolute path is expected" },
		{ "Optional", "x", "an absolute path is expected" },
		{ "Path", TOO_LONG, "it is longer than a path may be" },
		{ "Even", "abc", "an even number of letters is expected" },
		{ "Words", "a \"b", "the quote \" is not closed" },
		{ "Text", "a\nb", "control characters are not allowed" },
		{ "Text", "\033[31m", "control characters are not allowed" },
		{ "Text", "\177", "control characters are not allowed" },
	};
	struct object *o = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(set(o, cases[i].key, cases[i].value), -EINVAL);
		assert_string_equal(err_text(-EINVAL), cases[i].text);
	}
	starts_with_initial_values(state);
}

static void empty_gives_the_initial_value_back(void **state)
{
	static const char *const keys[] = { "Text",   "Path",    "Optional", "Even",
		                            "Number", "Seconds", "Choice" };
	static const char *const values[] = { "other", "/srv", "/x", "even", "9", "7", "red" };
	struct object *o = *state;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_int_equal(set(o, keys[i], values[i]), 0);
	assert_string_equal(o->path, "/srv");
	assert_int_equal(o->choice, 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_int_equal(set(o, keys[i], ""), 0);
	starts_with_initial_values(state);
}

static void words_add_up(void **state)
{
	struct object *o = *state;

	assert_int_equal(set(o, "Words", "z \"q r\""), 0);
	assert_int_equal(strv_length(o->words), 4);
	assert_string_equal(o->words[3], "\"q r\"");
	expect_print(o, "Words", "x y z \"q r\"");
	assert_int_equal(set(o, "Words", ""), 0);
	assert_null(o->words);
	expect_print(o, "Words", "");
	assert_int_equal(set(o, "Words", "again"), 0);
	assert_int_equal(strv_length(o->words), 1);
}

static void prints_what_it_reads(void **state)
{
	static const char *const seconds[] = { "1s", "59s", "1min", "90s", "1h" };
	struct object *o = *state;

	expect_print(o, "Text", "hello");
	expect_print(o, "Number", "5");
	expect_print(o, "Choice", "green");
	for (size_t i = 0; i < ARRAY_SIZE(seconds); i++) {
		assert_int_equal(set(o, "Seconds", seconds[i]), 0);
		expect_print(o, "Seconds", seconds[i]);
	}
	o->seconds = UINT64_MAX;
	expect_print(o, "Seconds", "infinity");
	o->seconds = 0;
	expect_print(o, "Seconds", "0s");
}

/* Values that a program put there, not field_set(). */
static void does_not_print_what_it_could_not_read(void **state)
{
	struct object *o = *state;

	o->choice = 2;
	assert_int_equal(print_fails(o, "Choice"), -EINVAL);
	strcpy(o->text, "a\nb");
	assert_int_equal(print_fails(o, "Text"), -EINVAL);
	strcpy(o->words[0], " ");
	assert_int_equal(print_fails(o, "Words"), -EINVAL);
	assert_string_equal(err_text(-EINVAL), "Words: \" \" is not one word");
	strcpy(o->words[0], "\"");
	assert_int_equal(print_fails(o, "Words"), -EINVAL);
	o->words[0][0] = '\0';
	assert_int_equal(print_fails(o, "Words"), -EINVAL);
}

struct facts {
	char *text, *foreign, *missing;
	char **words;
	uint64_t number;
	unsigned choice, count;
	time_t time;
	double real;
};

static const struct field facts_rows[] = {
	{ "text", TEXT_AT(struct facts, text) },
	{ "foreign", FOREIGN_AT(struct facts, foreign) },
	{ "missing", TEXT_AT(struct facts, missing) },
	{ "words", WORDS_AT(struct facts, words) },
	{ "number", NUMBER_AT(struct facts, number) },
	{ "choice", CHOICE_AT(struct facts, choice), .choices = choices },
	{ "count", COUNT_AT(struct facts, count) },
	{ "time", TIME_AT(struct facts, time) },
	{ "real", REAL_AT(struct facts, real) },
};

static void json_in_the_order_of_the_rows(void **state)
{
	static const char expected[] =
		"{\"text\": \"a b\", \"foreign\": \"\\\\xff\", \"missing\": \"\", "
		"\"words\": [\"x\", \"y z\"], \"number\": 9223372036854775807, "
		"\"choice\": \"green\", \"count\": 3, \"time\": 1795442701, \"real\": 0.25}";
	struct facts f = { .text = (char *)"a b",
		           .foreign = (char *)"\xff",
		           .words = (char *[]){ (char *)"x", (char *)"y z", NULL },
		           .number = UINT64_MAX,
		           .choice = 1,
		           .count = 3,
		           .time = 1795442701,
		           .real = 0.25 };
	struct facts again = {};
	json_auto_t *o = json_object();
	_cleanup_free_ char *text = NULL, *second = NULL;
	char why[ERR_WHY] = "";

	assert_int_equal(fields_to_json(facts_rows, ARRAY_SIZE(facts_rows), &f, o), 0);
	text = json_dumps(o, 0);
	assert_string_equal(text, expected);
	assert_int_equal(fields_from_json(facts_rows, ARRAY_SIZE(facts_rows), o, &again, "", why),
	                 0);
	assert_string_equal(why, "");
	assert_int_equal(fields_to_json(facts_rows, ARRAY_SIZE(facts_rows), &again, o), 0);
	second = json_dumps(o, 0);
	assert_string_equal(second, expected);
	fields_done(facts_rows, ARRAY_SIZE(facts_rows), &again);
	assert_null(again.text);
	assert_null(again.words);
}

/* Only foreign text may be of any bytes. */
static void json_refuses_what_is_not_utf8(void **state)
{
	struct facts f = { .text = (char *)"\xff" };
	json_auto_t *o = json_object();

	assert_int_equal(fields_to_json(facts_rows, ARRAY_SIZE(facts_rows), &f, o), -EINVAL);
}

static void copies_own_what_they_hold(void **state)
{
	struct object *o = *state, copy = {};

	assert_int_equal(set(o, "Text", "other"), 0);
	assert_int_equal(set(o, "Seconds", "7"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(field_copy(&rows[i], o, &copy), 0);
	assert_ptr_not_equal(copy.text, o->text);
	assert_ptr_not_equal(copy.words, o->words);
	expect_print(&copy, "Text", "other");
	expect_print(&copy, "Words", "x y");
	expect_print(&copy, "Seconds", "7s");
	expect_print(&copy, "Choice", "green");
	fields_done(rows, ARRAY_SIZE(rows), &copy);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(starts_with_initial_values),
		TEST(zero_may_have_a_name),
		TEST(seconds_may_have_a_name_for_none),
		TEST(sizes_have_units),
		TEST(finds_rows),
		TEST(refuses),
		TEST(empty_gives_the_initial_value_back),
		TEST(words_add_up),
		TEST(prints_what_it_reads),
		TEST(does_not_print_what_it_could_not_read),
		TEST(copies_own_what_they_hold),
		cmocka_unit_test(json_in_the_order_of_the_rows),
		cmocka_unit_test(json_refuses_what_is_not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
