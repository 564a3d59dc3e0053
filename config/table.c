// SPDX-License-Identifier: GPL-2.0-or-later
/* table.c - structs that can be written as text, see table.h. */
#include "config/table.h"

#include <errno.h>
#include <inttypes.h>

#include "base/err.h"
#include "base/text.h"

/* Where the field of @row lies; what type it has follows from the kind. */
static void *field_of(const struct table_row *row, const void *object)
{
	return (char *)(uintptr_t)object + row->offset;
}

static bool is_string(enum table_kind kind)
{
	return kind == TABLE_TEXT || kind == TABLE_PATH || kind == TABLE_CUSTOM;
}

void table_done(const struct table_row *rows, size_t n, void *object)
{
	for (size_t i = 0; i < n; i++) {
		void *field = field_of(&rows[i], object);

		if (rows[i].kind == TABLE_WORDS) {
			strv_freep(field);
		} else if (is_string(rows[i].kind)) {
			free(*(char **)field);
			*(char **)field = NULL;
		}
	}
}

int table_init(const struct table_row *rows, size_t n, void *object)
{
	int r;

	/* All pointers first, so that table_done() may be called at any point. */
	for (size_t i = 0; i < n; i++)
		if (rows[i].kind == TABLE_WORDS || is_string(rows[i].kind))
			*(void **)field_of(&rows[i], object) = NULL;
	for (size_t i = 0; i < n; i++) {
		r = table_set(&rows[i], object, rows[i].initial);
		if (r < 0) {
			table_done(rows, n, object);
			return err_prefix(r, "%s", rows[i].key);
		}
	}
	return 0;
}

const struct table_row *table_find(const struct table_row *rows, size_t n, const char *section,
                                   const char *key)
{
	for (size_t i = 0; i < n; i++)
		if ((!section || streq(rows[i].section, section)) && streq(rows[i].key, key))
			return &rows[i];
	return NULL;
}

static int set_string(char **field, const char *value)
{
	int r = text_replace(field, value);

	return r < 0 ? errf(r, "no memory for a value") : 0;
}

/* Quotes keep a word together and stay part of it, as on the kernel's command line. */
static int check_quotes(const char *value)
{
	char quote = 0;

	for (; *value; value++)
		if (quote ? *value == quote : *value == '"' || *value == '\'')
			quote = quote ? 0 : *value;
	return quote ? errf(-EINVAL, "the quote %c is not closed", quote) : 0;
}

static int set_words(char ***field, const char *value)
{
	_cleanup_(strv_freep) char **list = NULL;
	int r;

	r = check_quotes(value);
	if (r < 0)
		return r;
	for (char **p = *field; p && *p && *value; p++) {
		r = strv_push(&list, *p);
		if (r < 0)
			return errf(r, "no memory for a list");
	}
	r = strv_split(&list, value, true);
	if (r < 0)
		return errf(r, "no memory for a list");
	strv_freep(field);
	*field = TAKE_PTR(list);
	return 0;
}

static int set_number(const struct table_row *row, uint64_t *field, const char *value)
{
	uint64_t v = 0;

	if (row->zero && streq(value, row->zero)) {
		*field = 0;
		return 0;
	}
	if (text_to_u64(value, 10, &v) < 0 || v < row->min || v > row->max)
		return errf(-EINVAL, "%s%sa number from %" PRIu64 " to %" PRIu64 " is expected",
		            row->zero ?: "", row->zero ? " or " : "", row->min, row->max);
	*field = v;
	return 0;
}

/* The largest unit that leaves nothing over: "30min". */
static void format_seconds(uint64_t v, char *buf, size_t size)
{
	if (v == UINT64_MAX)
		snprintf(buf, size, "infinity");
	else if (v && v % 3600 == 0)
		snprintf(buf, size, "%" PRIu64 "h", v / 3600);
	else if (v && v % 60 == 0)
		snprintf(buf, size, "%" PRIu64 "min", v / 60);
	else
		snprintf(buf, size, "%" PRIu64 "s", v);
}

static int set_seconds(const struct table_row *row, uint64_t *field, const char *value)
{
	char min[32], max[32];
	uint64_t v;

	if (text_to_seconds(value, &v) < 0 || v < row->min || v > row->max) {
		format_seconds(row->min, min, sizeof(min));
		format_seconds(row->max, max, sizeof(max));
		return errf(-EINVAL, "a time span from %s to %s is expected, such as 90s or 5min",
		            min, max);
	}
	*field = v;
	return 0;
}

static int set_choice(const struct table_row *row, unsigned *field, const char *value)
{
	_cleanup_free_ char *all = NULL;
	int r;

	for (unsigned i = 0; row->choices[i]; i++)
		if (streq(row->choices[i], value)) {
			*field = i;
			return 0;
		}
	r = strv_join((char *const *)row->choices, ", ", &all);
	if (r < 0)
		return errf(r, "no memory for a list");
	return errf(-EINVAL, "one of %s is expected", all);
}

static int check_characters(const char *value)
{
	for (const char *p = value; *p; p++)
		if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f)
			return errf(-EINVAL, "control characters are not allowed");
	return 0;
}

int table_set(const struct table_row *row, void *object, const char *value)
{
	void *field = field_of(row, object);
	int r;

	r = check_characters(value);
	if (r < 0)
		return r;
	if (!*value && row->kind != TABLE_WORDS)
		value = row->initial;
	switch (row->kind) {
	case TABLE_TEXT:
		return set_string(field, value);
	case TABLE_PATH:
		if (*value ? *value != '/' : *row->initial)
			return errf(-EINVAL, "an absolute path is expected");
		return set_string(field, value);
	case TABLE_WORDS:
		return set_words(field, value);
	case TABLE_NUMBER:
		return set_number(row, field, value);
	case TABLE_SECONDS:
		return set_seconds(row, field, value);
	case TABLE_CHOICE:
		return set_choice(row, field, value);
	case TABLE_CUSTOM:
		r = row->check(value);
		return r < 0 ? r : set_string(field, value);
	}
	return errf(-EINVAL, "a row of kind %d is not known", (int)row->kind);
}

static int print_string(const char *value, FILE *f)
{
	int r;

	if (!value)
		return 0;
	r = check_characters(value);
	if (r == 0)
		fputs(value, f);
	return r;
}

/* White space outside of quotes would make two words of one. */
static int print_words(char *const *words, FILE *f)
{
	int r;

	for (char *const *p = words; p && *p; p++) {
		_cleanup_(strv_freep) char **again = NULL;

		r = check_quotes(*p);
		if (r == 0)
			r = strv_split(&again, *p, true);
		if (r < 0)
			return r;
		if (strv_length(again) != 1)
			return errf(-EINVAL, "\"%s\" is not one word", *p);
		if (p != words)
			fputc(' ', f);
		r = print_string(*p, f);
		if (r < 0)
			return r;
	}
	return 0;
}

static int print_choice(const struct table_row *row, unsigned choice, FILE *f)
{
	for (unsigned i = 0; row->choices[i]; i++)
		if (i == choice) {
			fputs(row->choices[i], f);
			return 0;
		}
	return errf(-EINVAL, "choice %u does not exist", choice);
}

int table_print(const struct table_row *row, const void *object, FILE *f)
{
	const void *field = field_of(row, object);
	char buf[32];
	int r = 0;

	switch (row->kind) {
	case TABLE_TEXT:
	case TABLE_PATH:
	case TABLE_CUSTOM:
		r = print_string(*(char *const *)field, f);
		break;
	case TABLE_WORDS:
		r = print_words(*(char **const *)field, f);
		break;
	case TABLE_NUMBER:
		if (row->zero && *(const uint64_t *)field == 0)
			fputs(row->zero, f);
		else
			fprintf(f, "%" PRIu64, *(const uint64_t *)field);
		break;
	case TABLE_SECONDS:
		format_seconds(*(const uint64_t *)field, buf, sizeof(buf));
		fputs(buf, f);
		break;
	case TABLE_CHOICE:
		r = print_choice(row, *(const unsigned *)field, f);
		break;
	}
	if (r == 0 && ferror(f))
		r = errf(-EIO, "cannot be written");
	return r < 0 ? err_prefix(r, "%s", row->key) : 0;
}
