// SPDX-License-Identifier: GPL-2.0-or-later
/* fields-text.c - fields as text, the way settings and plan have them; see fields.h. */
#include "config/fields.h"

#include <errno.h>
#include <limits.h>
#include <inttypes.h>

#include "base/err.h"
#include "base/text.h"

static int set_string(char **field, const char *value)
{
	int r = text_replace(field, value);

	return r < 0 ? oom("a value") : 0;
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
	int r = check_quotes(value);

	if (r < 0)
		return r;
	for (char **p = *field; p && *p && *value; p++) {
		r = strv_push(&list, *p);
		if (r < 0)
			return oom("a list");
	}
	r = strv_split(&list, value, true);
	if (r < 0)
		return oom("a list");
	strv_freep(field);
	*field = TAKE_PTR(list);
	return 0;
}

static int set_number(const struct field *row, uint64_t *field, const char *value)
{
	uint64_t v = 0, max = row->max ?: UINT64_MAX;

	if (text_to_u64(value, 10, &v) < 0 || v < row->min || v > max)
		return errf(-EINVAL, "%s%sa number from %" PRIu64 " to %" PRIu64 " is expected",
		            row->zero ?: "", row->zero ? " or " : "", row->min, max);
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

static int set_seconds(const struct field *row, uint64_t *field, const char *value)
{
	uint64_t v, limit = row->max ?: UINT64_MAX;
	char min[32], max[32];

	if (text_to_seconds(value, &v) < 0 || v < row->min || v > limit) {
		format_seconds(row->min, min, sizeof(min));
		format_seconds(limit, max, sizeof(max));
		return errf(-EINVAL,
		            "%s%sa time span from %s to %s is expected, such as 90s or 5min",
		            row->zero ?: "", row->zero ? " or " : "", min, max);
	}
	*field = v;
	return 0;
}

/* The largest unit that leaves nothing over: "64M". */
static void format_size(uint64_t v, char *buf, size_t size)
{
	static const char units[] = "KMGT";
	size_t unit = 0;

	for (; v && v % 1024 == 0 && unit < strlen(units); unit++)
		v /= 1024;
	snprintf(buf, size, "%" PRIu64 "%.*s", v, unit > 0, units + unit - (unit > 0));
}

static int set_size(const struct field *row, uint64_t *field, const char *value)
{
	uint64_t v = 0, limit = row->max ?: UINT64_MAX;
	char min[32], max[32];

	if (text_to_size(value, &v) < 0 || v < row->min || v > limit) {
		format_size(row->min, min, sizeof(min));
		format_size(limit, max, sizeof(max));
		return errf(-EINVAL, "%s%sa size from %s to %s is expected, such as 64M",
		            row->zero ?: "", row->zero ? " or " : "", min, max);
	}
	*field = v;
	return 0;
}

static int set_choice(const struct field *row, unsigned *field, const char *value)
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
		return oom("a list");
	return errf(-EINVAL, "one of %s is expected", all);
}

static int check_characters(const char *value)
{
	for (const char *p = value; *p; p++)
		if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f)
			return errf(-EINVAL, "control characters are not allowed");
	return 0;
}

static const char *initial_of(const struct field *row)
{
	if (row->initial)
		return row->initial;
	return field_is_string(row) || row->kind == FIELD_WORDS ? "" : "0";
}

static bool is_too_long(const char *path)
{
	if (strlen(path) >= PATH_MAX)
		return true;
	for (; *path; path += strcspn(path, "/")) {
		path += strspn(path, "/");
		if (strcspn(path, "/") > NAME_MAX)
			return true;
	}
	return false;
}

int field_set(const struct field *row, void *object, const char *value)
{
	void *field = field_of(row, object);
	int r = check_characters(value);

	if (r < 0)
		return r;
	if (!*value && row->kind != FIELD_WORDS)
		value = initial_of(row);
	if (row->zero && streq(value, row->zero)) {
		*(uint64_t *)field = 0;
		return 0;
	}
	switch (row->kind) {
	case FIELD_PATH:
		if (*value ? *value != '/' : *initial_of(row))
			return errf(-EINVAL, "an absolute path is expected");
		if (is_too_long(value))
			return errf(-EINVAL, "it is longer than a path may be");
		return set_string(field, value);
	case FIELD_WORDS:
		return set_words(field, value);
	case FIELD_NUMBER:
		return set_number(row, field, value);
	case FIELD_SECONDS:
		return set_seconds(row, field, value);
	case FIELD_SIZE:
		return set_size(row, field, value);
	case FIELD_CHOICE:
		return set_choice(row, field, value);
	default:
		r = row->check ? row->check(value) : 0;
		return r < 0 ? r : set_string(field, value);
	}
}

static int print_string(const char *value, FILE *f)
{
	int r;

	if (!value)
		return 0;
	r = check_characters(value);
	if (r < 0)
		return r;
	fputs(value, f);
	return 0;
}

/* Refuses what would be read again as other than one word, as with a space outside of quotes. */
static int check_word(const char *word)
{
	_cleanup_(strv_freep) char **again = NULL;
	int r = check_quotes(word);

	if (r < 0)
		return r;
	if (strv_split(&again, word, true) < 0)
		return oom("a list");
	return strv_length(again) == 1 ? 0 : errf(-EINVAL, "\"%s\" is not one word", word);
}

static int print_words(char *const *words, FILE *f)
{
	int r;

	for (char *const *p = words; p && *p; p++) {
		r = check_word(*p);
		if (r < 0)
			return r;
		if (p != words)
			fputc(' ', f);
		r = print_string(*p, f);
		if (r < 0)
			return r;
	}
	return 0;
}

static int print_choice(const struct field *row, unsigned choice, FILE *f)
{
	for (unsigned i = 0; row->choices[i]; i++)
		if (i == choice) {
			fputs(row->choices[i], f);
			return 0;
		}
	return errf(-EINVAL, "choice %u does not exist", choice);
}

static int print(const struct field *row, const void *field, FILE *f)
{
	char buf[32];

	if (row->zero && *(const uint64_t *)field == 0) {
		fputs(row->zero, f);
		return 0;
	}
	switch (row->kind) {
	case FIELD_WORDS:
		return print_words(*(char **const *)field, f);
	case FIELD_NUMBER:
		fprintf(f, "%" PRIu64, *(const uint64_t *)field);
		return 0;
	case FIELD_SIZE:
		format_size(*(const uint64_t *)field, buf, sizeof(buf));
		fputs(buf, f);
		return 0;
	case FIELD_SECONDS:
		format_seconds(*(const uint64_t *)field, buf, sizeof(buf));
		fputs(buf, f);
		return 0;
	case FIELD_CHOICE:
		return print_choice(row, *(const unsigned *)field, f);
	default:
		return print_string(*(char *const *)field, f);
	}
}

int field_print(const struct field *row, const void *object, FILE *f)
{
	int r = print(row, field_of(row, object), f);

	if (r == 0 && ferror(f))
		r = errf(-EIO, "cannot be written");
	return r < 0 ? err_prefix(r, "%s", row->key) : 0;
}

int field_init(const struct field *row, void *object)
{
	int r = field_set(row, object, initial_of(row));

	return r < 0 ? err_prefix(r, "%s", row->key) : 0;
}

int fields_init(const struct field *rows, size_t n, void *object)
{
	int r;

	for (size_t i = 0; i < n; i++) {
		r = field_init(&rows[i], object);
		if (r < 0) {
			fields_done(rows, n, object);
			return r;
		}
	}
	return 0;
}
