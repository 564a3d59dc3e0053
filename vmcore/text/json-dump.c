// SPDX-License-Identifier: GPL-2.0-or-later
/* json-dump.c - the dump as a file, in a report as JSON, see json-dump.h. */
#include "vmcore/text/json-dump.h"

#include "vmcore/text/json-kit.h"

static json_t *known_json(const char *s)
{
	return text_json(s && *s ? s : NULL);
}

static json_t *pages_json(const struct report *r, const struct origin *o)
{
	const struct pages *p = &r->pages;
	json_t *all = json_object();

	if (!r->no_pages[0])
		json_object_update_new(
			all, json_pack("{s:I, s:I, s:I, s:I}", "total", (json_int_t)p->total,
		                       "saved", (json_int_t)p->saved, "left_out",
		                       (json_int_t)p->left_out, "lost", (json_int_t)p->lost));
	for (size_t i = 0; o && i < o->n_counts; i++)
		json_object_set_new(all, o->counts[i].key, json_integer(o->counts[i].n));
	return all;
}

static json_t *classes_json(const struct pages *p)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < PAGE_CLASSES; i++)
		json_object_set_new(all, pages_names[i].key,
		                    json_pack("{s:I, s:I}", "total",
		                              (json_int_t)p->classes[i].total, "saved",
		                              (json_int_t)p->classes[i].saved));
	return all;
}

json_t *report_json_dump(const struct report *r, const struct origin *o)
{
	const struct dump *d = r->dump;

	return json_pack("{s:o, s:o, s:s, s:i, s:o, s:b, s:o, s:o, s:o}", "path",
	                 known_json(o ? o->path : NULL), "size",
	                 o ? json_integer(o->size) : json_null(), "format", dump_format_name(d),
	                 "level", (int)d->level, "compression", known_json(o ? o->codec : NULL),
	                 "complete", d->state == DUMP_COMPLETE, "verify",
	                 known_json(o ? o->verify : NULL), "pages", pages_json(r, o), "classes",
	                 r->pages.classified ? classes_json(&r->pages) : json_null());
}
