// SPDX-License-Identifier: GPL-2.0-or-later
/* ini.c - the syntax of configuration files, see ini.h. */
#include "config/ini.h"

#include <errno.h>

#include "base/err.h"
#include "base/text.h"

struct parser {
	const char *path;
	ini_fn fn;
	void *arg;
	char *section; /* owned; NULL before the first header */
	unsigned line; /* where the present item starts */
};

static void parser_done(struct parser *p)
{
	free(p->section);
}

static int emit(struct parser *p, const char *key, const char *value)
{
	const struct ini_item item = {
		.path = p->path,
		.line = p->line,
		.section = p->section,
		.key = key,
		.value = value,
	};

	return p->fn(p->arg, &item);
}

static int parse_header(struct parser *p, char *s)
{
	size_t len = strlen(s);
	char *section;

	if (len < 3 || s[len - 1] != ']')
		return errf(-EINVAL, "%s:%u: \"%s\": a section header has the form [Section]",
		            p->path, p->line, s);
	section = strndup(s + 1, len - 2);
	if (!section)
		return errf(-ENOMEM, "%s: no memory", p->path);
	free(p->section);
	p->section = section;
	return emit(p, NULL, NULL);
}

/* One logical line, joined and NUL-terminated; is modified. */
static int parse_line(struct parser *p, char *s)
{
	char *equals;

	s = text_strip(s);
	if (!*s)
		return 0;
	if (*s == '[')
		return parse_header(p, s);
	equals = strchr(s, '=');
	if (!equals || equals == s)
		return errf(-EINVAL, "%s:%u: \"%s\": a setting has the form Key=value", p->path,
		            p->line, s);
	*equals = '\0';
	return emit(p, text_strip(s), text_strip(equals + 1));
}

/* True when the line ends in a backslash that is not itself escaped. */
static bool is_continued(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[len - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

static bool is_comment(const char *s, size_t len)
{
	while (len > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	return len > 0 && (*s == '#' || *s == ';');
}

int ini_parse(const char *path, const char *text, size_t len, ini_fn fn, void *arg)
{
	_cleanup_(parser_done) struct parser p = { .path = path, .fn = fn, .arg = arg };
	_cleanup_free_ char *joined = malloc(len + 1);
	const char *end = text + len;
	bool joining = false;
	unsigned line = 0;
	size_t used = 0;
	int r;

	if (!joined)
		return errf(-ENOMEM, "%s: no memory", path);
	if (memchr(text, '\0', len))
		return errf(-EINVAL, "%s: holds a NUL byte, so it is no text", path);
	for (const char *s = text, *next; s < end; s = next) {
		const char *feed = memchr(s, '\n', end - s);
		size_t n = (feed ? feed : end) - s;

		next = feed ? feed + 1 : end;
		line++;
		if (is_comment(s, n))
			continue;
		if (!joining)
			p.line = line;
		memcpy(joined + used, s, n);
		used += n;
		joining = is_continued(joined, used);
		if (joining) {
			joined[used - 1] = ' ';
			continue;
		}
		joined[used] = '\0';
		used = 0;
		r = parse_line(&p, joined);
		if (r < 0)
			return r;
	}
	/* The last line may end in a backslash. */
	joined[used] = '\0';
	return parse_line(&p, joined);
}
