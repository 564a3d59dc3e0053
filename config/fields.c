// SPDX-License-Identifier: GPL-2.0-or-later
/* fields.c - what the fields of a struct own, see fields.h. */
#include "config/fields.h"

#include "base/err.h"
#include "base/text.h"

static size_t size_of(enum field_kind kind)
{
	switch (kind) {
	case FIELD_TEXT:
	case FIELD_FOREIGN:
	case FIELD_PATH:
	case FIELD_CUSTOM:
		return sizeof(char *);
	case FIELD_WORDS:
		return sizeof(char **);
	case FIELD_NUMBER:
	case FIELD_SECONDS:
		return sizeof(uint64_t);
	case FIELD_CHOICE:
	case FIELD_COUNT:
		return sizeof(unsigned);
	case FIELD_TIME:
		return sizeof(time_t);
	case FIELD_REAL:
		return sizeof(double);
	}
	return 0;
}

void field_done(const struct field *row, void *object)
{
	void *field = field_of(row, object);

	if (row->kind == FIELD_WORDS)
		strv_freep(field);
	else if (field_is_string(row))
		base_freep(field);
	memset(field, 0, size_of(row->kind));
}

void fields_done(const struct field *rows, size_t n, void *object)
{
	for (size_t i = 0; i < n; i++)
		field_done(&rows[i], object);
}

const struct field *fields_find(const struct field *rows, size_t n, const char *section,
                                const char *key)
{
	for (size_t i = 0; i < n; i++)
		if ((!section || streq(rows[i].section, section)) && streq(rows[i].key, key))
			return &rows[i];
	return NULL;
}

static int copy_words(char *const *from, char ***to)
{
	_cleanup_(strv_freep) char **copy = NULL;

	for (; from && *from; from++)
		if (strv_push(&copy, *from) < 0)
			return oom("a list");
	strv_freep(to);
	*to = TAKE_PTR(copy);
	return 0;
}

int field_copy(const struct field *row, const void *from, void *to)
{
	const void *source = field_of(row, from);
	void *field = field_of(row, to);

	if (row->kind == FIELD_WORDS)
		return copy_words(*(char **const *)source, field);
	if (field_is_string(row))
		return text_replace(field, *(char *const *)source) < 0 ? oom("a value") : 0;
	memcpy(field, source, size_of(row->kind));
	return 0;
}

int fields_fill(const struct field *rows, size_t n, void *object)
{
	for (size_t i = 0; i < n; i++) {
		char **field = field_of(&rows[i], object);

		if (field_is_string(&rows[i]) && !*field && text_replace(field, "") < 0)
			return oom("a value");
	}
	return 0;
}
