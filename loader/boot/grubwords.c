// SPDX-License-Identifier: GPL-2.0-or-later
/* grubwords.c - words of GRUB's script language, see grubwords.h. */
#include "loader/boot/grubwords.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "base/err.h"

#define BLANKS " \t\r"

/* The end of a part in quotes that begins at @at; a quote that stays open ends at @end. */
static const char *quoted_end(const char *at, const char *end)
{
	char quote = *at++;

	while (at < end && *at != quote)
		at += quote == '"' && *at == '\\' && at + 1 < end ? 2 : 1;
	return at < end ? at + 1 : end;
}

/* The end of "${name}" at @at, or of its first character if it is none. */
static const char *braced_end(const char *at, const char *end)
{
	const char *c = at + 2;

	while (c < end && (isalnum((unsigned char)*c) || strchr("_?#*@", *c)))
		c++;
	return c < end && *c == '}' ? c + 1 : at + 1;
}

const char *grub_word_end(const char *at, const char *end)
{
	while (at < end && !strchr(BLANKS "\n;{}|&<>", *at)) {
		if (*at == '\'' || *at == '"')
			at = quoted_end(at, end);
		else if (*at == '$' && at + 1 < end && at[1] == '{')
			at = braced_end(at, end);
		else
			at += *at == '\\' && at + 1 < end ? 2 : 1;
	}
	return at;
}

static int put(struct grub_words *w, char c)
{
	if (w->len + 2 > sizeof(w->text) || w->n >= GRUB_WORDS_MAX)
		return errf(-E2BIG, "a command of GRUB has too many words, or too long ones");
	if (!w->open)
		w->list[w->n] = w->text + w->len;
	w->open = true;
	if (c)
		w->text[w->len++] = c;
	return 0;
}

static void end_word(struct grub_words *w)
{
	if (!w->open)
		return;
	w->text[w->len++] = '\0';
	w->list[++w->n] = NULL;
	w->open = false;
}

/* Puts the value of the variable whose "$" is at *@at, and moves *@at behind it. */
static int put_variable(struct grub_words *w, const char **at, const char *end, bool quoted,
                        const struct grubenv *vars)
{
	bool braced = *at + 1 < end && (*at)[1] == '{';
	const char *name = *at + 1 + braced, *stop = name;
	const char *value;
	int r = 0;

	while (stop < end && (isalnum((unsigned char)*stop) || *stop == '_'))
		stop++;
	if (stop == name && stop < end && strchr("?#*@", *stop))
		stop++;
	if (stop == name || (braced && (stop == end || *stop != '}')))
		return put(w, *(*at)++);
	/* Arguments of functions and results of commands are known to GRUB only. */
	value = strchr("?#*@", *name) ? GRUB_UNKNOWN_VALUE : grubenv_value(vars, name, stop - name);
	*at = stop + braced;
	for (; r == 0 && value && *value; value++) {
		if (quoted || !strchr(BLANKS "\n", *value))
			r = put(w, *value);
		else
			end_word(w);
	}
	return r;
}

/* What is within double quotes; *@at is behind the first. */
static int put_quoted(struct grub_words *w, const char **at, const char *end,
                      const struct grubenv *vars)
{
	int r = put(w, '\0');

	while (r == 0 && *at < end && **at != '"') {
		if (**at == '$') {
			r = put_variable(w, at, end, true, vars);
			continue;
		}
		if (**at == '\\' && *at + 1 < end && strchr("$\"\\\n", (*at)[1]))
			(*at)++;
		r = put(w, *(*at)++);
	}
	*at += *at < end;
	return r;
}

int grub_words_add(struct grub_words *w, struct grub_text word, const struct grubenv *vars)
{
	const char *at = word.at;
	int r = 0;

	while (r == 0 && at < word.end) {
		if (*at == '"') {
			at++;
			r = put_quoted(w, &at, word.end, vars);
		} else if (*at == '\'') {
			r = put(w, '\0');
			for (at++; r == 0 && at < word.end && *at != '\''; at++)
				r = put(w, *at);
			at += at < word.end;
		} else if (*at == '$') {
			r = put_variable(w, &at, word.end, false, vars);
		} else if (*at == '\\' && at + 1 < word.end) {
			if (at[1] != '\n')
				r = put(w, at[1]);
			at += 2;
		} else {
			r = put(w, *at++);
		}
	}
	end_word(w);
	return r;
}

int grub_words_split(struct grub_words *w, const char *text, const struct grubenv *vars)
{
	const char *end = text + strlen(text);
	int r = 0;

	for (text += strspn(text, BLANKS "\n"); r == 0 && text < end;
	     text += strspn(text, BLANKS "\n")) {
		const char *stop = text;

		/* Signs of a script, which end a word too, are plain characters here. */
		while (stop < end && !strchr(BLANKS "\n", *stop)) {
			const char *part = grub_word_end(stop, end);

			stop = part > stop ? part : stop + 1;
		}
		r = grub_words_add(w, (struct grub_text){ text, stop }, vars);
		text = stop;
	}
	return r;
}

int grub_words_cmdline(char *const *words, char **ret)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&line, &size);
	bool failed;

	if (!f)
		return oom("a command line");
	for (char *const *w = words; *w; w++) {
		const char *quote = strchr(*w, ' ') ? "\"" : "";

		fprintf(f, "%s%s", w > words ? " " : "", quote);
		for (const char *c = *w; *c; c++)
			fprintf(f, strchr("\\'\"", *c) ? "\\%c" : "%c", *c);
		fputs(quote, f);
	}
	failed = ferror(f);
	if (fclose(f) != 0 || failed)
		return oom("a command line");
	*ret = TAKE_PTR(line);
	return 0;
}
