// SPDX-License-Identifier: GPL-2.0-or-later
/* fields.c - what the fields of a struct own, see fields.h. */
#include "config/fields.h"

#include "base/err.h"
#include "base/text.h"

/* clang-format off */
static const size_t sizes[] = {
	[FIELD_TEXT] = sizeof(char *),      [FIELD_FOREIGN] = sizeof(char *),
	[FIELD_PATH] = sizeof(char *),      [FIELD_WORDS] = sizeof(char **),
	[FIELD_NUMBER] = sizeof(uint64_t),  [FIELD_SECONDS] = sizeof(uint64_t),
	[FIELD_SIZE] = sizeof(uint64_t),    [FIELD_CHOICE] = sizeof(unsigned),
	[FIELD_COUNT] = sizeof(unsigned),
	[FIELD_TIME] = sizeof(time_t),      [FIELD_REAL] = sizeof(double),
};
/* clang-format on */

void field_done(const struct field *row, void *object)
{
	void *field = field_of(row, object);

	if (row->kind == FIELD_WORDS)
		strv_freep(field);
	else if (field_is_string(row))
		base_freep(field);
	memset(field, 0, sizes[row->kind]);
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
	memcpy(field, source, sizes[row->kind]);
	return 0;
}

int fields_copy(const struct field *rows, size_t n, const void *from, void *to)
{
	for (size_t i = 0; i < n; i++) {
		int r = field_copy(&rows[i], from, to);

		if (r < 0) {
			fields_done(rows, n, to);
			return r;
		}
	}
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
