/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fields.h - structs whose fields are rows of a table.
 *
 * A row says how a field is called outside of the program, of what kind it is and where it lies.
 * Two scribes write and read such structs: fields-text.c as lines (settings, plan), fields-json.c
 * as objects of JSON (crash.json, records of what is loaded).
 */
#pragma once

#include <stdio.h>
#include <time.h>

#include "base/base.h"

enum field_kind {
	FIELD_TEXT,    /* char *; passes check() if there is one */
	FIELD_FOREIGN, /* char *; text of a crashed kernel, JSON has it made printable */
	FIELD_PATH,    /* char *; absolute, or empty where the row starts empty */
	FIELD_WORDS,   /* char **; NULL when empty. Assignments add up, an empty one clears, as in
	                  systemd. Quotes keep white space in a word and stay part of it */
	FIELD_NUMBER,  /* uint64_t; as text within min..max, or 0 by a name */
	FIELD_SECONDS, /* uint64_t; UINT64_MAX is infinity; as text within min..max, or 0 by a name
	                */
	FIELD_SIZE,    /* uint64_t, bytes; as text 64M within min..max, or 0 by a name */
	FIELD_CHOICE,  /* unsigned or an enum: index into choices */
	FIELD_COUNT,   /* unsigned */
	FIELD_TIME,    /* time_t, since 1970 */
	FIELD_REAL,    /* double */
};

struct field {
	const char *key;
	enum field_kind kind; /* with the offset: NUMBER_AT() and so on */
	size_t offset;
	const char *section;        /* of a file with sections */
	const char *initial;        /* as it would be written; NULL: empty, or 0 */
	uint64_t min, max;          /* of numbers, seconds and sizes as text; max 0: no limit */
	const char *const *choices; /* NULL-terminated */
	const char *zero; /* of numbers, seconds and sizes: what 0 is called, beside min..max */
	int (*check)(const char *value); /* 0, or errf() that says what would be right */
	const char *help; /* one paragraph of plain text for the manual and the default file */
};

/* Kind and offset of a row. A member of another C type does not compile. */
#define TYPED_OFFSET(type, member, want)                                                           \
	(offsetof(type, member) + 0 * sizeof(_Generic(((type *)0)->member, want : 0)))
#define TEXT_AT(type, member)    FIELD_TEXT, TYPED_OFFSET(type, member, char *)
#define FOREIGN_AT(type, member) FIELD_FOREIGN, TYPED_OFFSET(type, member, char *)
#define PATH_AT(type, member)    FIELD_PATH, TYPED_OFFSET(type, member, char *)
#define WORDS_AT(type, member)   FIELD_WORDS, TYPED_OFFSET(type, member, char **)
#define NUMBER_AT(type, member)  FIELD_NUMBER, TYPED_OFFSET(type, member, uint64_t)
#define SECONDS_AT(type, member) FIELD_SECONDS, TYPED_OFFSET(type, member, uint64_t)
#define SIZE_AT(type, member)    FIELD_SIZE, TYPED_OFFSET(type, member, uint64_t)
#define CHOICE_AT(type, member)  FIELD_CHOICE, TYPED_OFFSET(type, member, unsigned)
#define COUNT_AT(type, member)   FIELD_COUNT, TYPED_OFFSET(type, member, unsigned)
#define TIME_AT(type, member)    FIELD_TIME, TYPED_OFFSET(type, member, time_t)
#define REAL_AT(type, member)    FIELD_REAL, TYPED_OFFSET(type, member, double)

/* Frees what the fields own and zeroes them. */
void fields_done(const struct field *rows, size_t n, void *object);
void field_done(const struct field *row, void *object);

/* Looks a row up; NULL when there is none. @section may be NULL: any. */
const struct field *fields_find(const struct field *rows, size_t n, const char *section,
                                const char *key);

/* Copies fields with all they own. @to is zeroed or filled; a failed fields_copy() zeroes it. */
int fields_copy(const struct field *rows, size_t n, const void *from, void *to);
int field_copy(const struct field *row, const void *from, void *to);

/* Puts an empty string where one is NULL. */
int fields_fill(const struct field *rows, size_t n, void *object);

/* Sets the fields of a zeroed object to what they are at the start. On failure nothing is owned. */
int fields_init(const struct field *rows, size_t n, void *object);
int field_init(const struct field *row, void *object);

/* Sets one field from text; an empty one gives back the value at the start, except for words.
 * -EINVAL with a text that says what is allowed; the field is then unchanged. */
int field_set(const struct field *row, void *object, const char *value);

/* Writes one field as text that field_set() understands, lists on one line. -EINVAL when it cannot
 * be written so: a line feed in a string, a word with white space outside of quotes. */
int field_print(const struct field *row, const void *object, FILE *f);

static inline void *field_of(const struct field *row, const void *object)
{
	return (char *)(uintptr_t)object + row->offset;
}

static inline bool field_is_string(const struct field *row)
{
	return row->kind <= FIELD_PATH;
}
