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

static int add_part(json_t *all, const struct writing *w)
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

/* Reads what the part needs, and tells it: as text, or as members of @all. */
static int tell(struct writing *w, struct report *report, json_t *all)
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
	if (all)
		return add_part(all, w);
	write_part(w);
	return 0;
}

/* Fails for lack of memory only. */
static int tell_parts(struct report *report, const struct report_options *o, bool of_dump, FILE *f,
                      struct report_told *told, json_t *all)
{
	for (size_t i = 0; report_parts[i]; i++) {
		const struct report_part *part = report_parts[i];
		bool said = false;
		_cleanup_(writing_done) struct writing w = {
			.report = report, .o = o, .part = part, .f = f, .said = &said, .told = told
		};
		int r;

		if (part->of_dump != of_dump || (all ? !part->json : !part->text))
			continue;
		r = tell(&w, report, all);
		if (r < 0)
			return r;
	}
	return 0;
}

int report_text(struct report *report, const struct report_options *o, FILE *f)
{
	struct report_told told = {};
	int r;

	if (!report->ks)
		fprintf(f, "The kernel cannot be found in this dump: %s\n", report->why.kernel);
	if (report->ks && (r = tell_parts(report, o, false, f, &told, NULL)) < 0)
		return r;
	r = tell_parts(report, o, true, f, &told, NULL);
	if (r < 0)
		return r;
	return ferror(f) ? errf(-EIO, "the report cannot be written") : 0;
}

json_t *report_json(struct report *report, const struct report_options *o)
{
	json_t *all = json_pack("{s:i, s:{}}", "schema", REPORT_SCHEMA, "remarks");

	if (all && add_remark(all, "kernel", report->why.kernel) == 0 &&
	    tell_parts(report, o, true, NULL, NULL, all) == 0 &&
	    (!report->ks || tell_parts(report, o, false, NULL, NULL, all) == 0))
		return all;
	json_decref(all);
	return NULL;
}
