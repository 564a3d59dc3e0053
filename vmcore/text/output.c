// SPDX-License-Identifier: GPL-2.0-or-later
/* output.c - has each part of a report tell itself, see output.h. */
#include "vmcore/text/output.h"

#include <errno.h>

#include "base/err.h"
#include "vmcore/text/json-kit.h"
#include "vmcore/text/parts.h"
#include "vmcore/text/text-kit.h"

/* --- Text ------------------------------------------------------------------------------------ */

/* A row that is not known says so, and why stands in the row below. */
static void write_row_reasons(const struct writing *w)
{
	if (w->part->title)
		writing_row(w, w->part->title, "not known");
	for (size_t i = 0; i < w->n_reasons; i++)
		if (w->reasons[i].label && writing_is_new(w, w->reasons[i].text))
			writing_row(w, "Remark", w->reasons[i].text);
}

static void write_part(const struct writing *w)
{
	bool any = false;

	if (!w->why[0])
		w->part->text(w);
	for (size_t i = 0; i < w->n_reasons; i++)
		any |= w->reasons[i].label != NULL;
	if (*w->said || !any)
		return;
	if (w->part->row)
		write_row_reasons(w);
	else
		writing_part(w);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static int add_member(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) < 0 ? oom("the report as JSON") : 0;
}

static int add_remark(json_t *all, const char *name, const char *why)
{
	if (!*why)
		return 0;
	return add_member(json_object_get(all, "remarks"), name, text_json(why));
}

static json_t *list_json(const struct writing *w)
{
	json_auto_t *traces = json_object();
	json_t *list = json_array();
	struct writing in = *w;

	in.traces = traces;
	for (size_t i = 0, n = w->part->length(&in); i < n; i++)
		json_array_append_new(list, w->part->element(&in, i));
	return list;
}

/* @later: "true" stands in for the lists that have elements. */
static int add_part(json_t *all, bool later, const struct writing *w)
{
	const struct report_part *part = w->part;
	json_t *in = all, *value;

	for (size_t i = 0; i < w->n_reasons; i++) {
		int r = add_remark(all, w->reasons[i].name, w->reasons[i].text);

		if (r < 0)
			return r;
	}
	if (part->within) {
		if (!json_object_get(all, part->within))
			json_object_set_new(all, part->within, json_object());
		in = json_object_get(all, part->within);
	}
	if (part->element && !w->why[0])
		value = later ? json_true() : list_json(w);
	else
		value = w->why[0] ? json_null() : part->json(w);
	if (value && part->spread && !w->why[0])
		return json_object_update_new(in, value) < 0 ? oom("the report as JSON") : 0;
	return add_member(in, part->name, value);
}

/* --- Both ------------------------------------------------------------------------------------ */

static void writing_done(struct writing *w)
{
	if (w->data && w->part->done)
		w->part->done(w->data);
	free(w->data);
}

static void add_reason(struct writing *w, const char *name, const char *label, const char *text)
{
	if (*text) {
		w->reasons[w->n_reasons].name = name;
		w->reasons[w->n_reasons].label = label;
		w->reasons[w->n_reasons++].text = text;
	}
}

/* Where parts are told: as text, or as members of an object. */
struct telling {
	FILE *f;
	struct report_told *told;
	json_t *all; /* NULL: as text */
	bool later;  /* see add_part() */
};

/* Reads what the part needs, and tells it. */
static int tell(struct writing *w, struct report *report, const struct telling *to)
{
	const struct report_part *part = w->part;
	int r = report_need(report, part->needs);

	if (r < 0)
		return r;
	if (part->read) {
		w->data = calloc(1, part->size);
		if (!w->data)
			return oom("a part of the report");
		r = part->read(report, w->data);
		w->from_log = r > 0;
		if (r < 0 && (r = err_note(r, w->why)) < 0)
			return r;
	}
	add_reason(w, part->name, "remark", w->why);
	/* What the log tells stands in for what is missing. */
	if (w->from_log)
		add_reason(w, part->name, NULL, writing_from_log);
	for (size_t i = 0; i < REPORT_REASONS && part->reasons[i].name; i++)
		if (!w->from_log || !streq(part->reasons[i].name, part->name))
			add_reason(w, part->reasons[i].name, part->reasons[i].label,
			           (const char *)report + part->reasons[i].at);
	if (to->all)
		return add_part(to->all, to->later, w);
	write_part(w);
	return 0;
}

/* Fails for lack of memory only. */
static int tell_parts(struct report *report, const struct report_options *o, bool of_dump,
                      const struct telling *to)
{
	for (size_t i = 0; report_parts[i]; i++) {
		const struct report_part *part = report_parts[i];
		bool said = false;
		_cleanup_(writing_done) struct writing w = { .report = report,
			                                     .o = o,
			                                     .part = part,
			                                     .f = to->f,
			                                     .said = &said,
			                                     .told = to->told };
		int r;

		if (part->of_dump != of_dump ||
		    (to->all ? !part->json && !part->element : !part->text))
			continue;
		r = tell(&w, report, to);
		if (r < 0)
			return r;
	}
	return 0;
}

int report_text(struct report *report, const struct report_options *o, FILE *f)
{
	struct report_told told = {};
	const struct telling to = { .f = f, .told = &told };
	int r;

	if (!report->ks)
		fprintf(f, "The kernel cannot be found in this dump: %s\n", report->why.kernel);
	if (report->ks && (r = tell_parts(report, o, false, &to)) < 0)
		return r;
	if (!o->of_memory && (r = tell_parts(report, o, true, &to)) < 0)
		return r;
	return ferror(f) ? errf(-EIO, "the report cannot be written") : 0;
}

/* @later: see add_part(). */
static json_t *make_json(struct report *report, const struct report_options *o, bool later)
{
	const struct telling to = {
		.all = json_pack("{s:i, s:{}}", "schema", REPORT_SCHEMA, "remarks"), .later = later
	};

	if (to.all && add_remark(to.all, "kernel", report->why.kernel) == 0 &&
	    tell_parts(report, o, true, &to) == 0 &&
	    (!report->ks || tell_parts(report, o, false, &to) == 0))
		return to.all;
	json_decref(to.all);
	return NULL;
}

json_t *report_json(struct report *report, const struct report_options *o)
{
	return make_json(report, o, false);
}

/* --- JSON, written element by element -------------------------------------------------------- */

#define INDENT 2

struct json_writer {
	FILE *f;
	const struct report *report;
	const struct report_options *o;
};

static void put_line_end(FILE *f, unsigned depth)
{
	fprintf(f, "\n%*s", (int)(depth * INDENT), "");
}

/* Strings have no raw line feeds. */
static int put_value(FILE *f, const json_t *value, unsigned depth)
{
	_cleanup_free_ char *text =
		json_dumps(value, JSON_INDENT(INDENT) | JSON_REAL_PRECISION(6) | JSON_ENCODE_ANY);

	if (!text)
		return oom("the report as JSON");
	for (const char *at = text; *at;) {
		size_t n = strcspn(at, "\n");

		fwrite(at, 1, n, f);
		at += n;
		if (*at++ == '\n')
			put_line_end(f, depth);
		else
			break;
	}
	return 0;
}

static int put_list(const struct json_writer *to, const struct report_part *part, unsigned depth)
{
	json_auto_t *traces = json_object();
	const struct writing w = {
		.report = to->report, .o = to->o, .part = part, .traces = traces
	};
	size_t n = part->length(&w);

	fputc('[', to->f);
	for (size_t i = 0; i < n; i++) {
		json_auto_t *element = part->element(&w, i);
		int r;

		fputs(i > 0 ? "," : "", to->f);
		put_line_end(to->f, depth + 1);
		r = put_value(to->f, element, depth + 1);
		if (r < 0)
			return r;
	}
	if (n > 0)
		put_line_end(to->f, depth);
	fputc(']', to->f);
	return 0;
}

/* The part whose list the member @name has; NULL: none. @name NULL: any in @within. */
static const struct report_part *find_list(const char *within, const char *name)
{
	for (size_t i = 0; report_parts[i]; i++) {
		const struct report_part *part = report_parts[i];

		if (part->element && (!name || streq(part->name, name)) &&
		    (within ? part->within && streq(part->within, within) : !part->within))
			return part;
	}
	return NULL;
}

static int put_object(const struct json_writer *to, const char *within, json_t *object)
{
	unsigned depth = within ? 1 : 0;
	bool any = false;
	const char *name;
	json_t *value;
	int r;

	fputc('{', to->f);
	json_object_foreach(object, name, value) {
		const struct report_part *part = find_list(within, name);

		fputs(any ? "," : "", to->f);
		any = true;
		put_line_end(to->f, depth + 1);
		fprintf(to->f, "\"%s\": ", name);
		if (part && json_is_true(value))
			r = put_list(to, part, depth + 1);
		else if (!within && find_list(name, NULL) && json_is_object(value))
			r = put_object(to, name, value);
		else
			r = put_value(to->f, value, depth + 1);
		if (r < 0)
			return r;
	}
	put_line_end(to->f, depth);
	fputc('}', to->f);
	return 0;
}

int report_json_write(struct report *report, const struct report_options *o, FILE *f)
{
	const struct json_writer to = { .f = f, .report = report, .o = o };
	json_auto_t *all = make_json(report, o, true);
	int r;

	if (!all)
		return oom("the report as JSON");
	r = put_object(&to, NULL, all);
	if (r < 0)
		return r;
	fputc('\n', f);
	return ferror(f) ? errf(-EIO, "the report cannot be written") : 0;
}
