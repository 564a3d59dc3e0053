// SPDX-License-Identifier: GPL-2.0-or-later
/* fields-json.c - fields as members of an object, see fields-json.h. */
#include "config/fields-json.h"

#include <errno.h>
#include <math.h>

#include "base/err.h"
#include "base/printable.h"
#include "base/text.h"

/* The calendar functions of the C library work until the year 9999. */
#define LAST_TIME UINT64_C(253402300799)

/* JSON integers are signed here. */
static json_t *integer_of(uint64_t v)
{
	return json_integer((json_int_t)MIN(v, (uint64_t)INT64_MAX));
}

static json_t *foreign_of(const char *s)
{
	_cleanup_free_ char *clean = NULL;

	return printable(s, strlen(s), false, &clean) < 0 ? NULL : json_string(clean);
}

/* The functions of jansson take NULL for a failure before. */
static json_t *words_of(char *const *words)
{
	json_t *array = json_array();

	for (; words && *words; words++)
		if (json_array_append_new(array, json_string(*words)) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *value_of(const struct field *row, const void *object)
{
	const void *field = field_of(row, object);

	switch (row->kind) {
	case FIELD_TEXT:
	case FIELD_PATH:
		return json_string(*(char *const *)field ?: "");
	case FIELD_FOREIGN:
		return foreign_of(*(char *const *)field ?: "");
	case FIELD_WORDS:
		return words_of(*(char **const *)field);
	case FIELD_NUMBER:
	case FIELD_SECONDS:
	case FIELD_SIZE:
		return integer_of(*(const uint64_t *)field);
	case FIELD_CHOICE:
		return json_string(row->choices[*(const unsigned *)field]);
	case FIELD_COUNT:
		return integer_of(*(const unsigned *)field);
	case FIELD_TIME:
		return integer_of(MAX(*(const time_t *)field, 0));
	case FIELD_REAL:
		return json_real(isfinite(*(const double *)field) ? *(const double *)field : 0.0);
	}
	return NULL;
}

int fields_to_json(const struct field *rows, size_t n, const void *object, json_t *json)
{
	for (size_t i = 0; i < n; i++)
		if (json_object_set_new(json, rows[i].key, value_of(&rows[i], object)) < 0)
			return errf(-EINVAL, "%s: is not UTF-8, or there is no memory",
			            rows[i].key);
	return 0;
}

static int expected(const char *what)
{
	return errf(-EBADMSG, "%s is expected", what);
}

static int read_string(const struct field *row, const json_t *v, char **field)
{
	const char *s = json_string_value(v);
	char *clean;
	int r;

	if (!s)
		return expected("a string");
	if (row->kind != FIELD_FOREIGN)
		return text_replace(field, s) < 0 ? oom("a string") : 0;
	r = printable(s, strlen(s), false, &clean);
	if (r < 0)
		return r;
	free(*field);
	*field = clean;
	return 0;
}

static int read_words(const json_t *v, char ***field)
{
	_cleanup_(strv_freep) char **words = NULL;

	if (!json_is_array(v))
		return expected("an array of strings");
	for (size_t i = 0; i < json_array_size(v); i++) {
		const char *word = json_string_value(json_array_get(v, i));

		if (!word)
			return expected("an array of strings");
		if (strv_push(&words, word) < 0)
			return oom("a list");
	}
	strv_freep(field);
	*field = TAKE_PTR(words);
	return 0;
}

static int read_integer(const json_t *v, uint64_t max, uint64_t *ret)
{
	json_int_t i = json_integer_value(v);

	if (!json_is_integer(v) || i < 0 || (uint64_t)i > max)
		return expected("a whole number within its range");
	*ret = i;
	return 0;
}

static int read_value(const struct field *row, const json_t *v, void *object)
{
	void *field = field_of(row, object);
	uint64_t number;
	int r;

	switch (row->kind) {
	case FIELD_TEXT:
	case FIELD_FOREIGN:
	case FIELD_PATH:
		return read_string(row, v, field);
	case FIELD_WORDS:
		return read_words(v, field);
	case FIELD_NUMBER:
	case FIELD_SECONDS:
	case FIELD_SIZE:
		return read_integer(v, INT64_MAX, field);
	case FIELD_CHOICE:
		return json_is_string(v) ? field_set(row, object, json_string_value(v))
		                         : expected("a string");
	case FIELD_COUNT:
		r = read_integer(v, UINT32_MAX, &number);
		if (r == 0)
			*(unsigned *)field = number;
		return r;
	case FIELD_TIME:
		r = read_integer(v, LAST_TIME, &number);
		if (r == 0)
			*(time_t *)field = number;
		return r;
	case FIELD_REAL:
		if (!json_is_number(v) || !(json_number_value(v) >= 0))
			return expected("a number of seconds");
		*(double *)field = json_number_value(v);
		return 0;
	}
	return errf(-EINVAL, "it is not read from JSON");
}

int fields_from_json(const struct field *rows, size_t n, const json_t *json, void *object,
                     const char *where, char why[static ERR_WHY])
{
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_object_get(json, rows[i].key);
		int r = v ? read_value(&rows[i], v, object) : 0;

		if (r < 0)
			r = err_note(err_prefix(r, "%s%s", where, rows[i].key), why);
		if (r < 0)
			return r;
	}
	return 0;
}
