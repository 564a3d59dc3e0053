// SPDX-License-Identifier: GPL-2.0-or-later
/* part-dump.c - the dump as a file, and the pages that it has. */
#include <inttypes.h>

#include "base/text.h"
#include "vmcore/text/json-kit.h"
#include "vmcore/text/text-kit.h"

/* Writes "Key: name, pages, memory". Returns the key of the next row, which is empty. */
static const char *write_count(const struct writing *w, const char *key, const char *name,
                               uint64_t n)
{
	char size[TEXT_SIZE_MAX];
	uint64_t bytes;

	if (n == 0)
		return key;
	if (__builtin_mul_overflow(n, dump_page_size(w->report->dump), &bytes))
		bytes = UINT64_MAX;
	fprintf(w->f, "%14s%s %-14s %12" PRIu64 " %8s\n", key, *key ? ":" : " ", name, n,
	        text_from_size(bytes, size));
	return "";
}

static void write_pages(const struct writing *w)
{
	const struct origin *o = w->o->origin;
	const struct pages *p = &w->report->pages;
	const char *key = "Pages";

	for (size_t i = 0; o && i < o->n_counts; i++)
		key = write_count(w, key, o->counts[i].name, o->counts[i].n);
	if (w->report->why.pages[0])
		return;
	if (!o || o->n_counts == 0) {
		key = write_count(w, key, "in all", p->total);
		key = write_count(w, key, "saved", p->saved);
		key = write_count(w, key, "left out", p->left_out);
		write_count(w, key, "lost", p->lost);
	}
	write_count(w, "Not in dump", "added later", p->lacking);
}

static json_t *pages_json(const struct writing *w)
{
	const struct origin *o = w->o->origin;
	const struct pages *p = &w->report->pages;
	json_t *all = json_object();

	if (!w->report->why.pages[0])
		json_object_update_new(
			all, json_pack("{s:I, s:I, s:I, s:I, s:I}", "total", (json_int_t)p->total,
		                       "saved", (json_int_t)p->saved, "left_out",
		                       (json_int_t)p->left_out, "lost", (json_int_t)p->lost,
		                       "lacking", (json_int_t)p->lacking));
	for (size_t i = 0; o && i < o->n_counts; i++)
		json_object_set_new(all, o->counts[i].key, json_integer(o->counts[i].n));
	return all;
}

const struct report_part part_pages = {
	.name = "pages",
	.within = "dump",
	.title = "Pages",
	.row = true,
	.of_dump = true,
	.needs = REPORT_PAGES,
	.text = write_pages,
	.json = pages_json,
	.reasons = { REPORT_REASON("pages", "remark", why.pages) },
};

static void write_classes(const struct writing *w)
{
	const struct pages *p = &w->report->pages;
	char size[TEXT_SIZE_MAX];

	if (!p->classified)
		return;
	writing_part(w);
	fprintf(w->f, "  %-14s %12s %8s %12s\n", "CLASS", "PAGES", "MEMORY", "IN DUMP");
	for (unsigned i = 0; i < PAGE_CLASSES; i++)
		if (p->classes[i].total > 0)
			fprintf(w->f, "  %-14s %12" PRIu64 " %8s %12" PRIu64 "\n",
			        pages_names[i].name, p->classes[i].total,
			        text_from_size(p->classes[i].total << w->report->dump->page_shift,
			                       size),
			        p->classes[i].saved);
}

static json_t *classes_json(const struct writing *w)
{
	const struct pages *p = &w->report->pages;
	json_t *all = p->classified ? json_object() : json_null();

	for (unsigned i = 0; p->classified && i < PAGE_CLASSES; i++)
		json_object_set_new(all, pages_names[i].key,
		                    json_pack("{s:I, s:I}", "total",
		                              (json_int_t)p->classes[i].total, "saved",
		                              (json_int_t)p->classes[i].saved));
	return all;
}

const struct report_part part_classes = {
	.name = "classes",
	.within = "dump",
	.title = "Pages by what the kernel used them for",
	.of_dump = true,
	.text = write_classes,
	.json = classes_json,
	.reasons = { REPORT_REASON("classes", "remark", pages.remark) },
};

static void write_dump(const struct writing *w)
{
	const struct origin *o = w->o->origin;
	const struct dump *d = w->report->dump;
	char size[TEXT_SIZE_MAX];

	writing_part(w);
	if (o) {
		writing_row(w, "File", o->path);
		writing_row(w, "Size", text_from_size(o->size, size));
	}
	writing_row(w, "Format", dump_format_name(d));
	fprintf(w->f, "%14s: %u\n", "Level", d->level);
	if (o)
		writing_row(w, "Compression", o->codec);
	writing_row(w, "Remark", d->remark);
	writing_row(w, "State", d->state == DUMP_COMPLETE ? "complete" : "incomplete");
	if (o) {
		writing_row(w, "Read back", o->verify);
		writing_row(w, "Remark", o->remark);
	}
}

static json_t *known_json(const char *s)
{
	return text_json(s && *s ? s : NULL);
}

static json_t *dump_json(const struct writing *w)
{
	const struct origin *o = w->o->origin;
	const struct dump *d = w->report->dump;

	return json_pack(
		"{s:o, s:o, s:s, s:i, s:o, s:b, s:o}", "path", known_json(o ? o->path : NULL),
		"size", o ? json_integer(o->size) : json_null(), "format", dump_format_name(d),
		"level", (int)d->level, "compression", known_json(o ? o->codec : NULL), "complete",
		d->state == DUMP_COMPLETE, "verify", known_json(o ? o->verify : NULL));
}

const struct report_part part_dump = {
	.name = "dump",
	.title = "Dump",
	.of_dump = true,
	.text = write_dump,
	.json = dump_json,
};
