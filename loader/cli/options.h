/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - options of a command: one row each, in a table of the verb that takes them.
 *
 *	struct read_options {
 *		bool raw;
 *	};
 *
 *	static const struct option_row options[] = {
 *		{ "raw", FIELD(struct read_options, raw), .help = "write the bytes alone" },
 *		{},
 *	};
 *
 * The C type of the field says what the option takes. A row with a field of another type does not
 * compile.
 */
#pragma once

#include "base/base.h"

enum option_kind {
	OPTION_IGNORED, /* no field: the option is taken, and does nothing */
	OPTION_FLAG,    /* bool: true when it was given */
	OPTION_TEXT,    /* const char *: its argument, borrowed; NULL when it was not given */
	OPTION_MAYBE,   /* struct option_maybe: it may be given without an argument */
	OPTION_LIST,    /* char **: the arguments of each time; NULL when it was not given */
	OPTION_NUMBER,  /* unsigned, from min to max */
	OPTION_PARSED,  /* what parse() fills; zeroes when it was not given */
};

struct option_maybe {
	bool given;
	const char *value; /* borrowed; NULL: without an argument */
};

struct option_row {
	const char *name; /* without the dashes; NULL ends a table */
	char letter;      /* its short form; 0: none */
	const char *arg;  /* what --help calls the argument; NULL: it takes none */
	const char *help; /* NULL: not shown by --help */

	enum option_kind kind;
	size_t offset, size; /* of the field in the struct of the table, and of that struct */
	unsigned min, max;   /* of numbers */
	const char *initial; /* the argument that counts when none is given; NULL: zeroes */
	unsigned takes;      /* a bit that the verb must have in its takes; 0: goes with all */
	const char *(*list)(char *buf); /* appends to the help what can be given; NULL: nothing */

	/* Fills the field from the argument; -EINVAL with a text that says what is expected. */
	int (*parse)(const char *value, void *field);
};

#define OPTION_HELP_MAX 128 /* of list() */

/* clang-format off */
#define FIELD(type, member)                                                                        \
	.kind = _Generic(((type *)0)->member,                                                      \
		bool: OPTION_FLAG,                                                                 \
		const char *: OPTION_TEXT,                                                         \
		struct option_maybe: OPTION_MAYBE,                                                 \
		char **: OPTION_LIST,                                                              \
		unsigned: OPTION_NUMBER),                                                          \
	.offset = offsetof(type, member), .size = sizeof(type)

/* A field of any other type, which @fn fills. */
#define FIELD_BY(type, member, fn)                                                                 \
	.kind = OPTION_PARSED, .parse = fn,                                                        \
	.offset = offsetof(type, member), .size = sizeof(type)
/* clang-format on */

/* An option as it was typed. */
struct option_given {
	const struct option_row *row; /* the first of its name in the tables */
	bool by_letter;
	const char *value; /* NULL: none */
};

struct option_words {
	struct option_given *given; /* in the order of the command line */
	size_t n_given;
	char **args; /* the other words, borrowed */
	int n_args;
};

/* Takes a command line apart. Options may stand anywhere, also before the verb, so all @tables
 * count; NULL entries are passed over. Rows of one name have to agree in whether they take an
 * argument. -EINVAL after getopt_long(3) has told of a wrong option on stderr. */
int options_split(int argc, char *argv[], const struct option_row *const *tables, size_t n,
                  struct option_words *ret);
void option_words_done(struct option_words *w);

/* "--level=" or "-q"; returns @buf. */
#define OPTION_NAME_MAX 64
const char *option_name(const struct option_given *g, char buf[static OPTION_NAME_MAX]);

/* NULL when @rows, which may be NULL, have no such option. */
const struct option_row *option_find(const struct option_row *rows, const char *name);

/* The struct that @rows fill, without options given; NULL: no fields. Freed by options_free(). */
int options_new(const struct option_row *rows, void **ret);
void options_free(const struct option_row *rows, void *object);

/* Fills the field of @row in @object. -EINVAL with a text that says what is expected. */
int option_set(const struct option_row *row, const char *value, void *object);

/* Prints a line for each row that has a help, and that goes with the bits @takes. */
void options_print(const struct option_row *rows, unsigned takes);
