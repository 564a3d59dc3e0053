// SPDX-License-Identifier: GPL-2.0-or-later
/* settings-text.c - the settings as files: defaults, manual page, in effect; see settings.h. */
#include <errno.h>
#include <inttypes.h>

#include "config/settings.h"
#include "base/err.h"
#include "vmcore/io/codec.h"

#define WIDTH 80

static bool starts_section(size_t i)
{
	return i == 0 || !streq(settings_rows[i].section, settings_rows[i - 1].section);
}

/* The help of a row with the names of the codecs in it, allocated. */
static int help_of(const struct field *row, char **ret)
{
	const char *mark = strstr(row->help, SETTINGS_CODECS);
	char names[CODEC_NAMES_MAX], *help;

	if (!mark)
		help = strdup(row->help);
	else if (asprintf(&help, "%.*s%s%s", (int)(mark - row->help), row->help, codec_names(names),
	                  mark + strlen(SETTINGS_CODECS)) < 0)
		help = NULL;
	if (!help)
		return oom("a help text");
	*ret = help;
	return 0;
}

static int written(FILE *f)
{
	return ferror(f) ? errf(-EIO, "the text cannot be written") : 0;
}

/* Writes words in lines of at most WIDTH columns, each after @lead. */
static void print_wrapped(FILE *f, const char *lead, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column && column + 1 + len > WIDTH) {
			fputc('\n', f);
			column = 0;
		}
		column += fprintf(f, "%s%.*s", column ? " " : lead, (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', f);
}

int settings_print_default(FILE *f)
{
	fputs("# Settings of kdump-lite, see kdump-lite.conf(5).\n"
	      "#\n"
	      "# The lines below show the defaults. Changes are best made in files of their\n"
	      "# own, /etc/kdump-lite.conf.d/NAME.conf, which an update leaves alone;\n"
	      "# \"kdump-lite show-config\" shows what is in effect.\n",
	      f);
	for (size_t i = 0; i < settings_n_rows; i++) {
		_cleanup_free_ char *help = NULL;
		int r = help_of(&settings_rows[i], &help);

		if (r < 0)
			return r;
		if (starts_section(i))
			fprintf(f, "\n[%s]\n", settings_rows[i].section);
		fputc('\n', f);
		print_wrapped(f, "# ", help);
		fprintf(f, "#%s=%s\n", settings_rows[i].key, settings_rows[i].initial);
	}
	return written(f);
}

/* Escapes backslash and minus for troff; no text of ours begins a line with . or '. */
static void print_roff(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", f);
		else if (*text == '-')
			fputs("\\-", f);
		else
			fputc(*text, f);
	}
}

/* Each sentence on its own line, as is usual in manual pages. Takes the text apart. */
static void print_roff_sentences(FILE *f, char *text)
{
	for (char *next; text; text = next) {
		next = strstr(text, ". ");
		if (next) {
			next[1] = '\0';
			next += 2;
		}
		print_roff(f, text);
		fputc('\n', f);
	}
}

static void print_roff_kind(FILE *f, const struct field *row)
{
	switch (row->kind) {
	case FIELD_PATH:
		fputs("An absolute path.\n", f);
		break;
	case FIELD_WORDS:
		fputs("A list of words, separated by white space.\n"
		      "Assignments add to the list, an empty one clears it.\n",
		      f);
		break;
	case FIELD_NUMBER:
		fprintf(f, "A number from %" PRIu64 " to %" PRIu64 ".\n", row->min, row->max);
		break;
	case FIELD_SIZE:
		fputs("A number of bytes, which may have the suffix K, M, G or T", f);
		if (row->zero)
			fprintf(f, ", or %s", row->zero);
		fputs(".\n", f);
		break;
	case FIELD_SECONDS:
		fputs("A time span as in\n.BR systemd.time (7)", f);
		if (row->zero)
			fprintf(f, ",\nor %s", row->zero);
		fputs(".\n", f);
		break;
	default:
		break;
	}
}

int settings_print_man(FILE *f)
{
	for (size_t i = 0; i < settings_n_rows; i++) {
		const struct field *row = &settings_rows[i];
		_cleanup_free_ char *help = NULL;
		int r = help_of(row, &help);

		if (r < 0)
			return r;
		if (starts_section(i))
			fprintf(f, ".SS [%s]\n", row->section);
		fprintf(f, ".TP\n.B %s=\n", row->key);
		print_roff_sentences(f, help);
		print_roff_kind(f, row);
		if (!*row->initial) {
			fputs("Default: empty.\n", f);
			continue;
		}
		fputs("Default:\n.BR \"", f);
		print_roff(f, row->initial);
		fputs("\" .\n", f);
	}
	return written(f);
}

int settings_print(const struct settings *s, FILE *f)
{
	int r;

	for (size_t i = 0; i < settings_n_rows; i++) {
		const struct field *row = &settings_rows[i];

		if (starts_section(i))
			fprintf(f, "%s[%s]\n", i ? "\n" : "", row->section);
		/* Assignments would add to the default. */
		if (row->kind == FIELD_WORDS && *row->initial)
			fprintf(f, "%s=\n", row->key);
		fprintf(f, "%s=", row->key);
		r = field_print(row, s, f);
		if (r < 0)
			return r;
		fputc('\n', f);
	}
	return written(f);
}
