// SPDX-License-Identifier: GPL-2.0-or-later
/* grubenv.c - reads GRUB's environment block, see grubenv.h. */
#include "loader/boot/grubenv.h"

#include <errno.h>
#include <stdio.h>

#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* No command line is longer. */
#define EXPANDED_MAX ((long)KIB(64))

/* Real ones have some dozens. */
#define VARIABLES_MAX 512

void grubenv_done(struct grubenv *g)
{
	g->words = strv_free(g->words);
}

/* Takes one assignment off *@pos and removes its backslashes in place; NULL at the end. */
static char *next_line(char **pos)
{
	char *line = *pos, *in = line, *out = line;

	if (!*line)
		return NULL;
	for (; *in && *in != '\n'; in++) {
		if (*in == '\\' && in[1])
			in++;
		*out++ = *in;
	}
	*pos = in + (*in == '\n');
	*out = '\0';
	return line;
}

int grubenv_read(int root_fd, struct grubenv *ret)
{
	static const char *const paths[] = { "/boot/grub2/grubenv", "/boot/grub/grubenv" };
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < ARRAY_SIZE(paths); i++)
		r = grubenv_read_file(root_fd, paths[i], ret);
	return r;
}

int grubenv_read_file(int root_fd, const char *path, struct grubenv *ret)
{
	_cleanup_(grubenv_done) struct grubenv g = {};
	_cleanup_free_ char *text = NULL;
	int r = tree_read(root_fd, path, KIB(16), &text, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : -ENOENT;
	for (char *pos = text, *line; (line = next_line(&pos));)
		if (*line != '#' && strchr(line, '=') && (r = strv_push(&g.words, line)) < 0)
			return r;
	*ret = TAKE_STRUCT(g);
	return 0;
}

static char **find_word(const struct grubenv *g, const char *name, size_t len)
{
	for (char **w = g->words; w && *w; w++)
		if (strncmp(*w, name, len) == 0 && (*w)[len] == '=')
			return w;
	return NULL;
}

const char *grubenv_value(const struct grubenv *g, const char *name, size_t len)
{
	char **word = find_word(g, name, len);

	return word ? *word + len + 1 : NULL;
}

const char *grubenv_get(const struct grubenv *g, const char *name)
{
	return grubenv_value(g, name, strlen(name));
}

int grubenv_set(struct grubenv *g, const char *name, const char *value)
{
	char **old = find_word(g, name, strlen(name));
	_cleanup_free_ char *word = NULL;
	int r;

	if (!value) {
		if (old) {
			free(*old);
			do
				old[0] = old[1];
			while (*old++);
		}
		return 0;
	}
	if ((r = text_printf(&word, "%s=%s", name, value)) < 0)
		return r;
	if (old)
		return text_replace(old, word);
	if (strv_length(g->words) >= VARIABLES_MAX)
		return errf(-E2BIG, "GRUB has too many variables");
	return strv_push(&g->words, word);
}

/* Finds the name behind a "$"; returns its length, 0: no variable. *@ret_next is what follows. */
static size_t variable_length(const char *s, const char **ret_name, const char **ret_next)
{
	bool braced = s[1] == '{';
	const char *name = s + 1 + braced;
	size_t len =
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	if (braced && name[len] != '}')
		return 0;
	*ret_name = name;
	*ret_next = name + len + braced;
	return len;
}

int grubenv_unset(const struct grubenv *g, const char *text, char **ret)
{
	while ((text = strchr(text, '$'))) {
		const char *name, *next;
		size_t len = variable_length(text, &name, &next);

		if (len > 0 && !grubenv_value(g, name, len)) {
			*ret = strndup(name, len);
			return *ret ? 1 : -ENOMEM;
		}
		text++;
	}
	return 0;
}

int grubenv_expand(const struct grubenv *g, const char *text, char **ret)
{
	_cleanup_free_ char *expanded = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&expanded, &size);
	bool failed;

	if (!f)
		return -ENOMEM;
	while (*text && ftell(f) < EXPANDED_MAX) {
		const char *name, *next, *value;
		size_t len = *text == '$' ? variable_length(text, &name, &next) : 0;

		if (len == 0) {
			fputc(*text++, f);
			continue;
		}
		value = grubenv_value(g, name, len);
		if (value)
			fputs(value, f);
		text = next;
	}
	failed = ferror(f);
	if (fclose(f) != 0 || failed)
		return -ENOMEM;
	if (*text)
		return -E2BIG;
	*ret = TAKE_PTR(expanded);
	return 0;
}
