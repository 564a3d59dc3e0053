// SPDX-License-Identifier: GPL-2.0-or-later
/* styled.c - the text of a report with or without colours, see styled.h. */
#include "loader/show/styled.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/printable.h"
#include "base/err.h"
#include "base/text.h"

/* Parameters of "Select Graphic Rendition" (ECMA-48), in front of "m". */
static const char *const sequences[REPORT_STYLES] = {
	[REPORT_TITLE] = "1;31", [REPORT_HEADING] = "1", [REPORT_PANICKED] = "31",
	[REPORT_ASIDE] = "2",    [REPORT_REMARK] = "33", [REPORT_ERROR] = "31",
	[REPORT_WARNING] = "33", [REPORT_NOTICE] = "1",
};

bool styled_wanted(void)
{
	const char *setting = getenv("SYSTEMD_COLORS"), *term = getenv("TERM");
	bool on;

	if (setting && text_to_bool(setting, &on) == 0)
		return on;
	/* Other values say how many colours there are; these few all of them have. */
	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && term && !streq(term, "dumb");
}

/* A stretch reaches to where the next begins. */
struct stretch {
	enum report_style style;
	size_t at;
};

struct stretches {
	FILE *f; /* what is written */
	struct stretch *list;
	size_t n, room;
	bool failed;
};

/* As in struct report_options. */
static void note_style(void *arg, enum report_style style)
{
	struct stretches *s = arg;

	if (s->n == s->room) {
		size_t room = MAX(2 * s->room, 256);
		struct stretch *grown = reallocarray(s->list, room, sizeof(*grown));

		if (!grown) {
			s->failed = true;
			return;
		}
		s->list = grown;
		s->room = room;
	}
	s->list[s->n++] = (struct stretch){ style, ftello(s->f) };
}

static int put_stretch(FILE *f, const char *text, size_t len, enum report_style style)
{
	_cleanup_free_ char *clean = NULL;
	const char *sequence = sequences[style];
	int r = printable(text, len, true, &clean);

	if (r < 0)
		return r;
	for (const char *line = clean; *line;) {
		size_t n = strcspn(line, "\n");

		if (sequence && n > 0)
			fprintf(f, "\033[%sm%.*s\033[0m", sequence, (int)n, line);
		else
			fwrite(line, 1, n, f);
		if (line[n] == '\n')
			fputc('\n', f);
		line += n + (line[n] == '\n');
	}
	return 0;
}

static int put_all(const char *text, size_t len, const struct stretches *s, char **ret)
{
	enum report_style style = REPORT_PLAIN;
	size_t at = 0, out_len;
	char *out = NULL;
	FILE *f = open_memstream(&out, &out_len);
	int r = f ? 0 : -ENOMEM;

	for (size_t i = 0; i <= s->n && r == 0; i++) {
		size_t end = i < s->n ? s->list[i].at : len;

		r = put_stretch(f, text + at, end - at, style);
		at = end;
		if (i < s->n)
			style = s->list[i].style;
	}
	if (f && fclose(f) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0)
		free(out);
	else
		*ret = out;
	return r;
}

int styled_report(struct report *r, const struct report_options *o, bool colors, char **ret)
{
	struct report_options all = *o;
	struct stretches s = {};
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int e;

	s.f = open_memstream(&text, &len);
	if (!s.f)
		return errf(-ENOMEM, "no memory for the report");
	if (colors) {
		all.style = note_style;
		all.arg = &s;
	}
	e = report_text(r, &all, s.f);
	if ((fclose(s.f) != 0 || s.failed) && e == 0)
		e = -ENOMEM;
	if (e == 0)
		e = put_all(text, len, &s, ret);
	free(s.list);
	return e == -ENOMEM ? errf(e, "no memory for the report") : e;
}
