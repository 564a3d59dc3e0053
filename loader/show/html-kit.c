// SPDX-License-Identifier: GPL-2.0-or-later
/* html-kit.c - values of a report as HTML, see html-kit.h. */
#include "loader/show/html-kit.h"

#include <ctype.h>
#include <stdarg.h>
#include <time.h>

#include "base/text.h"
#include "vmcore/text/text-kit.h"

/* Finds a code point that changes the order in which others are shown, U+202A to U+202E and U+2066
 * to U+2069: with them a name could look like another. Returns its length in bytes, or 0. */
static size_t order_mark(const char *s, unsigned *ret)
{
	const uint8_t *u = (const uint8_t *)s;

	if (u[0] != 0xe2 || (u[1] != 0x80 && u[1] != 0x81))
		return 0;
	*ret = 0x2000 | (u[1] & 0x3f) << 6 | (u[2] & 0x3f);
	return (*ret >= 0x202a && *ret <= 0x202e) || (*ret >= 0x2066 && *ret <= 0x2069) ? 3 : 0;
}

static void put_text(FILE *f, const char *s)
{
	static const char *const entities[128] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
	};

	for (; s && *s; s++) {
		unsigned char c = *s;
		unsigned point;

		if (c < 128 && entities[c]) {
			fputs(entities[c], f);
		} else if (order_mark(s, &point) > 0) {
			fprintf(f, "\\u%04x", point);
			s += 2;
		} else {
			fputc(c, f);
		}
	}
}

void html_printf(FILE *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			fputc(*fmt, f);
			continue;
		}
		fmt++;
		if (*fmt == 's')
			put_text(f, va_arg(args, const char *));
		else if (*fmt == 'd')
			fprintf(f, "%d", va_arg(args, int));
		else if (*fmt == 'z' && *++fmt == 'u')
			fprintf(f, "%zu", va_arg(args, size_t));
		else
			fputc(*fmt, f);
	}
	va_end(args);
}

/* Members whose name on the page differs. */
static const struct {
	const char *member, *shown;
} names[] = {
	{ "pid", "PID" },
	{ "cpu", "CPU" },
	{ "cpus", "CPUs" },
	{ "cpu_lists", "CPU lists" },
	{ "meminfo", "As in /proc/meminfo, kB" },
	{ "zones", "Zones, in pages" },
	{ "seconds_since_run", "Not run for" },
	{ "seconds_running", "The task ran for" },
	{ "clock_behind", "Its clock is behind by" },
	{ "to_run", "To run" },
	{ "uptime", "Up" },
	{ "crash_time", "Time" },
	{ "kernel_release", "Kernel" },
	{ "kernel_version", "Version" },
	{ "hostname", "Host" },
	{ "oom_score_adj", "OOM score adj" },
};

const char *html_name(const char *member, char buf[static HTML_NAME_MAX])
{
	snprintf(buf, HTML_NAME_MAX, "%s", member);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(member, names[i].member))
			snprintf(buf, HTML_NAME_MAX, "%s", names[i].shown);
	for (char *c = buf; *c; c++)
		if (*c == '_')
			*c = ' ';
	buf[0] = toupper((unsigned char)buf[0]);
	return buf;
}

bool html_in(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (streq(*list, name))
			return true;
	return false;
}

const char *html_string(const json_t *o, const char *member)
{
	return json_string_value(json_object_get(o, member)) ?: "";
}

/* --- Single values --------------------------------------------------------------------------- */

#define NUMBER_MAX 80

/* Of a table that no part of the page has asked for. */
#define MAX_ROWS 500

static void as_size(double v, char buf[static NUMBER_MAX])
{
	text_from_size(v, buf);
}

static void as_duration(double v, char buf[static NUMBER_MAX])
{
	writing_duration(v, buf);
}

static void as_date(double v, char buf[static NUMBER_MAX])
{
	time_t t = v;
	struct tm tm;

	if (v <= 0 || !gmtime_r(&t, &tm) || !strftime(buf, NUMBER_MAX, "%F %T UTC", &tm))
		strcpy(buf, "not known");
}

/* The unit of a number, by the last word of its member's name. */
static const struct {
	const char *word;
	void (*write)(double v, char buf[static NUMBER_MAX]);
} units[] = {
	{ "size", as_size },
	{ "bytes", as_size },
	{ "seconds", as_duration },
	{ "seconds_since_run", as_duration },
	{ "seconds_running", as_duration },
	{ "clock_behind", as_duration },
	{ "uptime", as_duration },
	{ "age", as_duration },
	{ "crash_time", as_date },
	/* Members of processes. */
	{ "resident", as_size },
	{ "anonymous", as_size },
	{ "files", as_size },
	{ "shared", as_size },
	{ "swap", as_size },
	{ "mapped", as_size },
	{ "page_tables", as_size },
};

static bool ends_in_word(const char *name, const char *word)
{
	size_t n = strlen(name), len = strlen(word);

	return n >= len && streq(name + n - len, word) && (n == len || name[n - len - 1] == '_');
}

/* Returns true when the text differs from the number, which a table is then sorted by. */
static bool number_text(const char *name, const json_t *v, char buf[static NUMBER_MAX])
{
	double number = json_number_value(v);

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (ends_in_word(name, units[i].word) && number >= 0) {
			units[i].write(number, buf);
			return true;
		}
	if (json_is_integer(v))
		snprintf(buf, NUMBER_MAX, "%lld", (long long)json_integer_value(v));
	else
		snprintf(buf, NUMBER_MAX, "%.6g", number);
	return false;
}

static void put_scalar(FILE *f, const char *name, const json_t *v)
{
	const char *s = json_string_value(v);
	char buf[NUMBER_MAX];

	if (json_is_number(v)) {
		number_text(name, v, buf);
		html_printf(f, "%s", buf);
	} else if (json_is_boolean(v)) {
		html_printf(f, json_is_true(v) ? "yes" : "no");
	} else if (!s || !*s) {
		html_printf(f, "<span class=none>–</span>");
	} else if (strncmp(s, "0x", 2) == 0 || streq(name, "code")) {
		html_printf(f, "<code>%s</code>", s);
	} else if (strchr(s, '\n')) {
		html_printf(f, "<pre>%s</pre>", s);
	} else {
		html_printf(f, "%s", s);
	}
}

static bool is_nested(const json_t *v)
{
	return json_is_object(v) || json_is_array(v);
}

/* --- Values made of values ------------------------------------------------------------------- */

static bool is_trace(const json_t *v)
{
	return json_is_array(json_object_get(v, "frames"));
}

/* True when an object is too large for a row of a table. */
static bool is_large(const json_t *o)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)o, key, v)
		if (is_trace(v) || json_is_object(json_array_get(v, 0)))
			return true;
	return false;
}

/* An object that unfolds. Its single values are always seen. */
static void put_card(FILE *f, const json_t *o)
{
	char name[HTML_NAME_MAX];
	const char *key;
	json_t *v;

	html_fold(f, false, "card");
	json_object_foreach((json_t *)o, key, v)
		if (!is_nested(v)) {
			html_printf(f, "<span class=fact><small>%s</small> ", html_name(key, name));
			put_scalar(f, key, v);
			html_printf(f, "</span> ");
		}
	html_printf(f, "</summary>");
	json_object_foreach((json_t *)o, key, v)
		if (is_nested(v)) {
			html_printf(f, "<h3>%s</h3>", html_name(key, name));
			html_value(f, key, v);
		}
	html_printf(f, "</details>\n");
}

/* A list begins with what counts most. */
static void put_table(FILE *f, const json_t *list)
{
	json_auto_t *head = json_array();
	size_t i, n = json_array_size(list);
	json_t *v;

	json_array_foreach((json_t *)list, i, v)
		if (i < MAX_ROWS)
			json_array_append(head, v);
	html_table(f, head, NULL, NULL);
	if (n > MAX_ROWS)
		html_printf(f, "<p>and %zu more</p>", n - MAX_ROWS);
}

static void put_array(FILE *f, const char *name, const json_t *list)
{
	bool objects = json_array_size(list) > 0, large = false;
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)list, i, v) {
		objects = objects && json_is_object(v);
		large = large || is_large(v);
	}
	if (objects && !large) {
		put_table(f, list);
		return;
	}
	json_array_foreach((json_t *)list, i, v) {
		if (objects) {
			put_card(f, v);
			continue;
		}
		html_printf(f, is_nested(v) ? "<div>" : i > 0 ? ", " : "");
		html_value(f, name, v);
		html_printf(f, is_nested(v) ? "</div>" : "");
	}
	if (json_array_size(list) == 0)
		html_printf(f, "<span class=none>none</span>");
}

static void put_pairs(FILE *f, const json_t *o, const char *const *skip, const char *class);

void html_value(FILE *f, const char *name, const json_t *v)
{
	if (is_trace(v))
		html_trace(f, v);
	else if (json_is_object(v))
		put_pairs(f, v, NULL, streq(name, "registers") ? "registers" : "");
	else if (json_is_array(v))
		put_array(f, name, v);
	else
		put_scalar(f, name, v);
}

static void put_pairs(FILE *f, const json_t *o, const char *const *skip, const char *class)
{
	char name[HTML_NAME_MAX];
	bool any = false;
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)o, key, v) {
		if (html_in(skip, key))
			continue;
		if (!any)
			html_printf(f, "<dl class=\"%s\">", class);
		any = true;
		html_printf(f, "<div><dt>%s</dt><dd>", html_name(key, name));
		html_value(f, key, v);
		html_printf(f, "</dd></div>");
	}
	html_printf(f, any ? "</dl>\n" : "");
}

void html_pairs(FILE *f, const json_t *o, const char *const *skip)
{
	put_pairs(f, o, skip, "");
}

/* --- Tables ---------------------------------------------------------------------------------- */

#define COLUMNS_MAX 32

struct columns {
	const char *names[COLUMNS_MAX + 1]; /* NULL at the end */
	bool numbers[COLUMNS_MAX];          /* the column has only numbers */
	size_t n;
};

static void add_column(struct columns *c, const char *name)
{
	if (c->n < COLUMNS_MAX && !html_in(c->names, name)) {
		c->numbers[c->n] = true;
		c->names[c->n++] = name;
	}
}

static void find_columns(const json_t *list, const char *const *first, const char *const *skip,
                         struct columns *c)
{
	size_t i;
	json_t *o, *v;
	const char *key;

	json_array_foreach((json_t *)list, i, o)
		for (const char *const *name = first; name && *name; name++)
			if (json_object_get(o, *name))
				add_column(c, *name);
	json_array_foreach((json_t *)list, i, o)
		json_object_foreach(o, key, v)
			if (!html_in(skip, key))
				add_column(c, key);
	json_array_foreach((json_t *)list, i, o)
		for (size_t k = 0; k < c->n; k++) {
			v = json_object_get(o, c->names[k]);
			if (v && !json_is_number(v) && !json_is_null(v))
				c->numbers[k] = false;
		}
}

/* There may be a hundred thousand cells, so each is short. */
static void put_cell(FILE *f, const char *name, const json_t *v)
{
	char buf[NUMBER_MAX];

	/* The script sorts by this. */
	if (json_is_number(v) && number_text(name, v, buf))
		fprintf(f, "<td data-v=%.7g>", json_number_value(v));
	else
		html_printf(f, "<td>");
	if (v && !json_is_null(v))
		html_value(f, name, v);
}

void html_table(FILE *f, const json_t *list, const char *const *first, const char *const *skip)
{
	char name[HTML_NAME_MAX];
	struct columns c = {};
	size_t i;
	json_t *o;

	find_columns(list, first, skip, &c);
	html_printf(f, "<div class=wide><table class=\"");
	for (size_t k = 0; k < c.n; k++)
		if (c.numbers[k])
			html_printf(f, "n%zu ", k + 1);
	html_printf(f, "\"><thead><tr>");
	for (size_t k = 0; k < c.n; k++)
		html_printf(f, c.numbers[k] ? "<th class=n>%s" : "<th>%s",
		            html_name(c.names[k], name));
	html_printf(f, "</thead><tbody>\n");
	json_array_foreach((json_t *)list, i, o) {
		html_printf(f, "<tr>");
		for (size_t k = 0; k < c.n; k++)
			put_cell(f, c.names[k], json_object_get(o, c.names[k]));
		html_printf(f, "\n");
	}
	html_printf(f, "</tbody></table></div>\n");
}

/* --- Traces ---------------------------------------------------------------------------------- */

void html_fold(FILE *f, bool open, const char *class)
{
	html_printf(f,
	            open ? "<details open class=\"%s\"><summary>"
	                 : "<details class=\"%s\"><summary>",
	            class);
}

/* "name+0x12/0x340 [module]" in its parts. */
static void put_symbol(FILE *f, const char *symbol)
{
	size_t name = strcspn(symbol, "+ "), offset = strcspn(symbol + name, " ");
	_cleanup_free_ char *copy = strndup(symbol, name), *behind = strndup(symbol + name, offset);

	html_printf(f, "<b>%s</b><small>%s</small><em>%s</em>", copy, behind,
	            symbol + name + offset);
}

/* @before is the frame that this one called, or NULL. */
static void put_frame(FILE *f, const json_t *frame, const json_t *before)
{
	static const char *const known[] = { "address",     "symbol", "sure",
		                             "interrupted", "stack",  NULL };
	bool sure = !json_is_false(json_object_get(frame, "sure"));
	const char *stack = html_string(frame, "stack");
	const char *key;
	json_t *v;

	if (*stack && !streq(stack, html_string(before, "stack")))
		html_printf(f, "<li class=cut>%s stack", stack);
	if (before && json_is_true(json_object_get(frame, "interrupted")))
		html_printf(f, "<li class=cut>interrupted");
	html_printf(f, sure ? "<li title=\"%s\">" : "<li class=unsure title=\"%s\">",
	            html_string(frame, "address"));
	put_symbol(f, html_string(frame, "symbol"));
	json_object_foreach((json_t *)frame, key, v)
		if (!html_in(known, key)) {
			html_printf(f, " <span class=fact>");
			html_value(f, key, v);
			html_printf(f, "</span>");
		}
	html_printf(f, "\n");
}

void html_trace(FILE *f, const json_t *trace)
{
	static const char *const known[] = { "frames", "end", "reason", NULL };
	const char *end = html_string(trace, "end");
	json_t *frames = json_object_get(trace, "frames"), *frame;
	size_t i;

	html_printf(f, "<ol class=trace>");
	json_array_foreach(frames, i, frame)
		put_frame(f, frame, i > 0 ? json_array_get(frames, i - 1) : NULL);
	if (streq(end, "user"))
		html_printf(f, "<li class=end>from user space");
	else if (streq(end, "broken"))
		html_printf(f, "<li class=end>%s", html_string(trace, "reason"));
	html_printf(f, "</ol>\n");
	html_pairs(f, trace, known);
}
