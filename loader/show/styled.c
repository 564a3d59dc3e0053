// SPDX-License-Identifier: GPL-2.0-or-later
/* styled.c - the text of a report with or without colours, see styled.h. */
#include "loader/show/styled.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/err.h"
#include "base/printable.h"
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
	/* Other values are numbers of colours, all of which are enough. */
	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && term && !streq(term, "dumb");
}

/* Text of one style, up to the next stretch. */
struct stretch {
	enum report_style style;
	size_t at;
};

struct stretches {
	FILE *f; /* the text, while it is written */
	struct stretch *list;
	size_t n;
	int error;
};

static void stretches_done(struct stretches *s)
{
	free(s->list);
}

/* The style() of struct report_options. */
static void note_style(void *arg, enum report_style style)
{
	struct stretches *s = arg;

	if (s->error == 0)
		s->error = array_grow(&s->list, s->n, "the report");
	if (s->error == 0)
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

static int put_stretches(FILE *f, const char *text, size_t len, const struct stretches *s)
{
	enum report_style style = REPORT_PLAIN;
	size_t at = 0;

	for (size_t i = 0; i < s->n; i++) {
		int r = put_stretch(f, text + at, s->list[i].at - at, style);

		if (r < 0)
			return r;
		at = s->list[i].at;
		style = s->list[i].style;
	}
	return put_stretch(f, text + at, len - at, style);
}

static int put_all(const char *text, size_t len, const struct stretches *s, char **ret)
{
	_cleanup_free_ char *out = NULL;
	size_t out_len;
	FILE *f = open_memstream(&out, &out_len);
	int r;

	if (!f)
		return oom("the report");
	r = put_stretches(f, text, len, s);
	if (fclose(f) != 0)
		return oom("the report");
	if (r == 0)
		*ret = TAKE_PTR(out);
	return r;
}

int styled_report(struct report *report, const struct report_options *o, bool colors, char **ret)
{
	_cleanup_(stretches_done) struct stretches s = {};
	_cleanup_free_ char *text = NULL;
	struct report_options all = *o;
	size_t len = 0;
	int r;

	s.f = open_memstream(&text, &len);
	if (!s.f)
		return oom("the report");
	if (colors) {
		all.style = note_style;
		all.arg = &s;
	}
	r = report_text(report, &all, s.f);
	if (fclose(s.f) != 0)
		return oom("the report");
	if (r < 0 || s.error < 0)
		return r < 0 ? r : s.error;
	return put_all(text, len, &s, ret);
}
