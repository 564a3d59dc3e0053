// SPDX-License-Identifier: GPL-2.0-or-later
/* output.c - has each part of a report tell itself, see output.h. */
#include "vmcore/text/output.h"

#include <errno.h>

#include "base/err.h"
#include "vmcore/text/json-kit.h"
#include "vmcore/text/parts.h"
#include "vmcore/text/text-kit.h"

/* What one part has found, while it is told. */
struct telling {
	struct writing w;
	void *data;
	char why[REPORT_WHY];
	bool said;
};

static void telling_done(struct telling *t)
{
	if (t->w.part->done && t->data)
		t->w.part->done(t->data);
	free(t->data);
}

/* Reads what @part tells. Fails for lack of memory only. */
static int telling_start(struct telling *t, struct report *r, const struct report_options *o,
                         const struct report_part *part, FILE *f)
{
	int e;

	t->w = (struct writing){
		.r = r, .o = o, .part = part, .why = t->why, .f = f, .said = &t->said
	};
	e = report_need(r, part->needs);
	if (e < 0 || !part->read)
		return e;
	t->data = calloc(1, part->size);
	if (!t->data)
		return oom("a part of the report");
	t->w.data = t->data;
	return err_note(part->read(r, t->data), t->why, sizeof(t->why));
}

/* --- Text ------------------------------------------------------------------------------------ */

static bool has_reasons(const struct writing *w)
{
	if (w->why[0])
		return true;
	for (size_t i = 0; i < REPORT_REASONS && w->part->reasons[i].name; i++)
		if (w->part->reasons[i].label && writing_reason(w, i)[0])
			return true;
	return false;
}

/* A part cannot leave out why it is not whole. */
static void say_reasons(const struct writing *w)
{
	if (*w->said || !has_reasons(w))
		return;
	if (!w->part->row) {
		writing_part(w);
		return;
	}
	writing_row(w, w->part->title, w->why);
	for (size_t i = 0; i < REPORT_REASONS && w->part->reasons[i].name; i++)
		writing_row(w, w->part->title, writing_reason(w, i));
}

static int write_part(struct report *r, const struct report_options *o,
                      const struct report_part *part, FILE *f)
{
	_cleanup_(telling_done) struct telling t = {};
	int e;

	if (!part->text)
		return 0;
	e = telling_start(&t, r, o, part, f);
	if (e < 0)
		return e;
	if (!t.why[0])
		part->text(&t.w);
	say_reasons(&t.w);
	return 0;
}

static int write_parts(struct report *r, const struct report_options *o, bool of_dump, FILE *f)
{
	for (size_t i = 0; report_parts[i]; i++) {
		int e = 0;

		if (report_parts[i]->of_dump == of_dump)
			e = write_part(r, o, report_parts[i], f);
		if (e < 0)
			return e;
	}
	return 0;
}

int report_text(struct report *r, const struct report_options *o, FILE *f)
{
	int e = 0;

	if (r->ks)
		e = write_parts(r, o, false, f);
	else
		fprintf(f, "The kernel cannot be found in this dump: %s\n", r->why.kernel);
	if (e < 0)
		return e;
	e = write_parts(r, o, true, f);
	if (e < 0)
		return e;
	return ferror(f) ? errf(-EIO, "the report cannot be written") : 0;
}

/* --- JSON ------------------------------------------------------------------------------------ */

/* The member @name of @all, an object; it is made when it is not there. NULL: no memory. */
static json_t *object_in(json_t *all, const char *name)
{
	json_t *o = json_object_get(all, name);

	if (!o && json_object_set_new(all, name, json_object()) == 0)
		o = json_object_get(all, name);
	return o;
}

static int add_remark(json_t *all, const char *name, const char *why)
{
	if (!*why)
		return 0;
	return json_object_set_new(json_object_get(all, "remarks"), name, text_json(why));
}

static int add_remarks(json_t *all, const struct writing *w)
{
	int e = add_remark(all, w->part->name, w->why);

	for (size_t i = 0; i < REPORT_REASONS && w->part->reasons[i].name && e == 0; i++)
		e = add_remark(all, w->part->reasons[i].name, writing_reason(w, i));
	return e;
}

static int add_value(json_t *all, const struct writing *w)
{
	const struct report_part *part = w->part;
	json_t *in = part->within ? object_in(all, part->within) : all;
	json_t *value = w->why[0] ? json_null() : part->json(w);

	if (value && part->spread && json_is_object(value))
		return json_object_update_new(in, value);
	return json_object_set_new(in, part->name, value);
}

/* Returns -1 for lack of memory. */
static int add_part(json_t *all, struct report *r, const struct report_options *o,
                    const struct report_part *part)
{
	_cleanup_(telling_done) struct telling t = {};

	if (!part->json)
		return 0;
	if (telling_start(&t, r, o, part, NULL) < 0 || add_remarks(all, &t.w) < 0)
		return -1;
	return add_value(all, &t.w);
}

static int add_parts(json_t *all, struct report *r, const struct report_options *o, bool of_dump)
{
	for (size_t i = 0; report_parts[i]; i++)
		if (report_parts[i]->of_dump == of_dump && add_part(all, r, o, report_parts[i]) < 0)
			return -1;
	return 0;
}

json_t *report_json(struct report *r, const struct report_options *o)
{
	json_t *all = json_pack("{s:i, s:{}}", "schema", REPORT_SCHEMA, "remarks");

	if (all && add_remark(all, "kernel", r->why.kernel) == 0 &&
	    add_parts(all, r, o, true) == 0 && (!r->ks || add_parts(all, r, o, false) == 0))
		return all;
	json_decref(all);
	return NULL;
}
