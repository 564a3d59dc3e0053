// SPDX-License-Identifier: GPL-2.0-or-later
/* text-dump.c - the dump as a file, in a report as text, see writing.h. */
#include <inttypes.h>

#include "base/text.h"
#include "vmcore/text/text-kit.h"

/* "Key: what, how many pages, how much memory"; returns the key of the next row, which is empty. */
static const char *write_count(const struct writing *w, const char *key, const char *name,
                               uint64_t n)
{
	char size[TEXT_SIZE_MAX];
	uint64_t bytes;

	if (n == 0)
		return key;
	if (__builtin_mul_overflow(n, dump_page_size(w->r->dump), &bytes))
		bytes = UINT64_MAX;
	fprintf(w->f, "%14s%s %-14s %12" PRIu64 " %8s\n", key, *key ? ":" : " ", name, n,
	        text_from_size(bytes, size));
	return "";
}

static void write_pages(const struct writing *w)
{
	const struct origin *o = w->o->origin;
	const struct pages *p = &w->r->pages;
	const char *key = "Pages";

	if (o && o->n_counts > 0) {
		for (size_t i = 0; i < o->n_counts; i++)
			key = write_count(w, key, o->counts[i].name, o->counts[i].n);
		return;
	}
	if (w->r->no_pages[0]) {
		writing_row(w, key, w->r->no_pages);
		return;
	}
	key = write_count(w, key, "in all", p->total);
	key = write_count(w, key, "saved", p->saved);
	key = write_count(w, key, "left out", p->left_out);
	write_count(w, key, "lost", p->lost);
}

static void write_classes(const struct writing *w)
{
	const struct pages *p = &w->r->pages;
	char size[TEXT_SIZE_MAX];

	writing_heading(w, "Pages by what the kernel used them for");
	writing_missing(w, "remark", p->remark);
	if (!p->classified)
		return;
	fprintf(w->f, "  %-14s %12s %8s %12s\n", "CLASS", "PAGES", "MEMORY", "IN DUMP");
	for (unsigned i = 0; i < PAGE_CLASSES; i++)
		if (p->classes[i].total > 0)
			fprintf(w->f, "  %-14s %12" PRIu64 " %8s %12" PRIu64 "\n",
			        pages_names[i].name, p->classes[i].total,
			        text_from_size(p->classes[i].total << w->r->dump->page_shift, size),
			        p->classes[i].saved);
}

void writing_dump(const struct writing *w)
{
	const struct origin *o = w->o->origin;
	const struct dump *d = w->r->dump;
	char size[TEXT_SIZE_MAX];

	writing_heading(w, "Dump");
	if (o) {
		writing_row(w, "File", o->path);
		writing_row(w, "Size", text_from_size(o->size, size));
	}
	writing_row(w, "Format", dump_format_name(d));
	fprintf(w->f, "%14s: %u\n", "Level", d->level);
	if (o)
		writing_row(w, "Compression", o->codec);
	writing_row(w, "State", d->state == DUMP_COMPLETE ? "complete" : "incomplete");
	if (o) {
		writing_row(w, "Read back", o->verify);
		writing_row(w, "Remark", o->remark);
	}
	write_pages(w);
	if (w->r->pages.classified || w->r->pages.remark[0])
		write_classes(w);
}
