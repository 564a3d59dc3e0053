// SPDX-License-Identifier: GPL-2.0-or-later
/* options.c - takes a command line apart and fills structs from it, see options.h. */
#include "loader/cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "base/array.h"
#include "base/err.h"
#include "base/text.h"

/* What getopt_long() returns: the letter, or this and more for an option by its name. */
#define BY_NAME 0x100

void option_words_done(struct option_words *w)
{
	free(w->given);
	*w = (struct option_words){};
}

const struct option_row *option_find(const struct option_row *rows, const char *name)
{
	for (; rows && rows->name; rows++)
		if (streq(rows->name, name))
			return rows;
	return NULL;
}

/* The rows of all tables, each name once: what getopt_long() is told. */
struct known {
	const struct option_row **rows;
	struct option *options; /* the same, ends with zeroes */
	char *letters;
	size_t n;
};

static void known_done(struct known *k)
{
	free(k->rows);
	free(k->options);
	free(k->letters);
}

static bool has_name(const struct known *k, const char *name)
{
	for (size_t i = 0; i < k->n; i++)
		if (streq(k->rows[i]->name, name))
			return true;
	return false;
}

static int collect(const struct option_row *const *tables, size_t n, struct known *k)
{
	char *letter;
	int r;

	for (size_t i = 0; i < n; i++)
		for (const struct option_row *row = tables[i]; row && row->name; row++) {
			if (has_name(k, row->name))
				continue;
			if ((r = array_grow(&k->rows, k->n, "the options")) < 0)
				return r;
			k->rows[k->n++] = row;
		}
	k->options = calloc(k->n + 1, sizeof(*k->options));
	k->letters = letter = calloc(3 * k->n + 1, 1);
	if (!k->options || !letter)
		return oom("the options");
	for (size_t i = 0; i < k->n; i++) {
		const struct option_row *row = k->rows[i];
		int arg = !row->arg                   ? no_argument
		          : row->kind == OPTION_MAYBE ? optional_argument
		                                      : required_argument;

		k->options[i] = (struct option){ row->name, arg, NULL, BY_NAME + (int)i };
		if (!row->letter)
			continue;
		*letter++ = row->letter;
		for (int colons = arg; colons > 0; colons--)
			*letter++ = ':';
	}
	return 0;
}

static const struct option_row *row_of(const struct known *k, int c)
{
	if (c >= BY_NAME)
		return k->rows[c - BY_NAME];
	for (size_t i = 0; i < k->n; i++)
		if (k->rows[i]->letter == c)
			return k->rows[i];
	return NULL;
}

int options_split(int argc, char *argv[], const struct option_row *const *tables, size_t n,
                  struct option_words *ret)
{
	_cleanup_(option_words_done) struct option_words w = {};
	_cleanup_(known_done) struct known k = {};
	int c, r;

	r = collect(tables, n, &k);
	if (r < 0)
		return r;
	optind = 0;
	while ((c = getopt_long(argc, argv, k.letters, k.options, NULL)) != -1) {
		const struct option_row *row = row_of(&k, c);

		if (!row)
			return -EINVAL;
		r = array_grow(&w.given, w.n_given, "the options");
		if (r < 0)
			return r;
		w.given[w.n_given++] = (struct option_given){ row, c < BY_NAME, optarg };
	}
	w.args = argv + optind;
	w.n_args = argc - optind;
	*ret = TAKE_STRUCT(w);
	return 0;
}

const char *option_name(const struct option_given *g, char buf[static OPTION_NAME_MAX])
{
	if (g->by_letter)
		snprintf(buf, OPTION_NAME_MAX, "-%c", g->row->letter);
	else
		snprintf(buf, OPTION_NAME_MAX, "--%s%s", g->row->name, g->value ? "=" : "");
	return buf;
}

int option_set(const struct option_row *row, const char *value, void *object)
{
	uint64_t number;
	void *field = (char *)object + row->offset;

	switch (row->kind) {
	case OPTION_IGNORED:
		return 0;
	case OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)field = value;
		return 0;
	case OPTION_MAYBE:
		*(struct option_maybe *)field = (struct option_maybe){ true, value };
		return 0;
	case OPTION_LIST:
		return strv_push(field, value);
	case OPTION_NUMBER:
		if (text_to_u64(value, 10, &number) < 0 || number < row->min || number > row->max)
			return errf(-EINVAL, "--%s=%s: a number from %u to %u is expected",
			            row->name, value, row->min, row->max);
		*(unsigned *)field = number;
		return 0;
	case OPTION_PARSED:
		return row->parse(value, field);
	}
	return 0;
}

void options_free(const struct option_row *rows, void *object)
{
	for (; object && rows->name; rows++)
		if (rows->kind == OPTION_LIST)
			strv_freep((char ***)((char *)object + rows->offset));
	free(object);
}

int options_new(const struct option_row *rows, void **ret)
{
	size_t size = 0;
	void *object;
	int r;

	for (const struct option_row *row = rows; row && row->name; row++)
		size = MAX(size, row->size);
	*ret = NULL;
	if (size == 0)
		return 0;
	object = calloc(1, size);
	if (!object)
		return oom("the options");
	for (const struct option_row *row = rows; row->name; row++) {
		if (!row->initial)
			continue;
		r = option_set(row, row->initial, object);
		if (r < 0) {
			options_free(rows, object);
			return r;
		}
	}
	*ret = object;
	return 0;
}

void options_print(const struct option_row *rows, unsigned takes)
{
	for (; rows && rows->name; rows++) {
		const char *arg = rows->arg ?: "", *equals = rows->arg ? "=" : "";
		bool maybe = rows->kind == OPTION_MAYBE;
		char list[OPTION_HELP_MAX], shown[OPTION_NAME_MAX], letter[] = "-? ";

		if (!rows->help || (takes & rows->takes) != rows->takes)
			continue;
		letter[rows->letter ? 1 : 0] = rows->letter;
		snprintf(shown, sizeof(shown), "%s--%s%s%s%s%s", letter, rows->name,
		         maybe ? "[" : "", equals, arg, maybe ? "]" : "");
		printf("  %-21s %s%s\n", shown, rows->help, rows->list ? rows->list(list) : "");
	}
}
