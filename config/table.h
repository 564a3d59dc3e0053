/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - structs that can be written as text: one row per field.
 *
 * The settings and the plan are such structs. A row says how the field is called, of what kind it
 * is, where it lies, what it is at the start and what it means; parsing, printing, the default file
 * and the manual page come from it.
 */
#pragma once

#include <stdio.h>

#include "base/base.h"

enum table_kind {
	TABLE_TEXT,    /* char *; never NULL */
	TABLE_PATH,    /* char *; absolute, or empty where the row starts empty */
	TABLE_WORDS,   /* char **; NULL when empty. Assignments add up, an empty one clears, as in
	                  systemd. Quotes keep white space in a word and stay part of it */
	TABLE_NUMBER,  /* uint64_t within min..max, or 0 by a name */
	TABLE_SECONDS, /* uint64_t; UINT64_MAX is infinity */
	TABLE_CHOICE,  /* unsigned: index into choices */
	TABLE_CUSTOM,  /* char * that must pass check() */
};

struct table_row {
	const char *section;
	const char *key;
	enum table_kind kind;
	size_t offset;
	const char *initial;             /* as it would be written */
	uint64_t min, max;               /* of numbers and seconds */
	const char *const *choices;      /* NULL-terminated */
	const char *zero;                /* of numbers: what 0 is called, beside min..max */
	int (*check)(const char *value); /* 0, or errf() that says what would be right */
	const char *help; /* one paragraph of plain text for the manual and the default file */
};

/* Sets all fields to what they are at the start; table_done() frees them. */
int table_init(const struct table_row *rows, size_t n, void *object);
void table_done(const struct table_row *rows, size_t n, void *object);

/* Looks a row up; NULL when there is none. @section may be NULL: any. */
const struct table_row *table_find(const struct table_row *rows, size_t n, const char *section,
                                   const char *key);

/* Sets one field from text; an empty one gives back the value at the start, except for words.
 * -EINVAL with a text that says what is allowed; the field is then unchanged. */
int table_set(const struct table_row *row, void *object, const char *value);

/* Writes one field as text that table_set() understands, lists on one line. -EINVAL when it cannot
 * be written so: a line feed in a string, a word with white space outside of quotes. */
int table_print(const struct table_row *row, const void *object, FILE *f);
