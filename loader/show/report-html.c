// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report-html.c - a report as a page, see report-html.h.
 *
 * The page is html/page.html, with style.css and script.js in their places, as html/embed has put
 * them into the program. Names between two @ in it are marks, which are rows of a table here.
 */
#include "loader/show/report-html.h"

#include <stdio.h>

#include "loader/show/html-parts.h"
#include "base/err.h"

/* Made from html/page.html. */
extern const char report_page[];

static void put_title(FILE *f, const json_t *report)
{
	const char *title = html_string(json_object_get(report, "summary"), "title");

	html_printf(f, "%s", *title ? title : "A crash without a message");
}

/* Behind the title, in that of the window. */
static void put_host(FILE *f, const json_t *report)
{
	const char *host = html_string(json_object_get(report, "summary"), "hostname");

	html_printf(f, *host ? " – %s" : "", host);
}

static void put_version(FILE *f, const json_t *report)
{
	html_printf(f, "%s", KDUMP_LITE_VERSION);
}

/* What stands below the title: each in a span. */
static void put_facts(FILE *f, const json_t *report)
{
	static const char *const members[] = { "hostname", "kernel_release", "crash_time",
		                               "uptime" };
	const json_t *summary = json_object_get(report, "summary");
	char name[HTML_NAME_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const json_t *v = json_object_get(summary, members[i]);

		if (!v)
			continue;
		html_printf(f, "<span><small>%s</small> ", html_name(members[i], name));
		html_value(f, members[i], v);
		html_printf(f, "</span>\n");
	}
}

static const struct {
	const char *mark;
	void (*put)(FILE *f, const json_t *report);
} marks[] = {
	{ "TITLE", put_title }, { "HOST", put_host },          { "VERSION", put_version },
	{ "FACTS", put_facts }, { "CONTENTS", html_contents }, { "PARTS", html_parts },
};

/* Writes what stands for the mark at @at, "@NAME@". Returns its length; 0: it is none. */
static size_t put_mark(FILE *f, const char *at, const json_t *report)
{
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		size_t len = strlen(marks[i].mark);

		if (strncmp(at + 1, marks[i].mark, len) == 0 && at[len + 1] == '@') {
			marks[i].put(f, report);
			return len + 2;
		}
	}
	return 0;
}

static void put_page(FILE *f, const json_t *report)
{
	for (const char *at = report_page; *at;) {
		size_t n = *at == '@' ? put_mark(f, at, report) : 0;

		if (n == 0) {
			n = 1 + strcspn(at + 1, "@");
			fwrite(at, 1, n, f);
		}
		at += n;
	}
}

int report_html(const json_t *report, char **ret)
{
	_cleanup_free_ char *page = NULL;
	size_t len;
	FILE *f = open_memstream(&page, &len);
	bool failed;

	if (!f)
		return oom("the page");
	put_page(f, report);
	failed = ferror(f);
	if (fclose(f) != 0 || failed)
		return oom("the page");
	*ret = TAKE_PTR(page);
	return 0;
}
