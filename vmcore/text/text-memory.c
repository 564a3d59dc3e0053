// SPDX-License-Identifier: GPL-2.0-or-later
/* text-memory.c - the memory part of a report as text, see writing.h. */
#include <inttypes.h>

#include "base/text.h"
#include "vmcore/text/text-kit.h"

/* Lines of a table that people read. */
#define TOP 10

static void write_meminfo(const struct writing *w)
{
	const struct meminfo *m = &w->r->meminfo;

	writing_heading(w, "Memory");
	writing_missing(w, "remark", m->remark);
	for (size_t i = 0; i < m->n; i++)
		fprintf(w->f, "  %-18s %12" PRIu64 "%s\n", m->rows[i].name, m->rows[i].value,
		        m->rows[i].number ? "" : " kB");
}

static void write_size(const struct writing *w, uint64_t pages)
{
	char size[TEXT_SIZE_MAX];

	fprintf(w->f, " %9s", text_from_size(pages << w->r->dump->page_shift, size));
}

static void write_zones(const struct writing *w)
{
	const struct zones *zones = &w->r->zones;
	unsigned orders = 0;

	writing_heading(w, "Zones");
	writing_missing(w, "remark", zones->remark);
	if (zones->n > 0)
		fprintf(w->f, "  %4s %-8s %9s %9s %9s %9s %9s %9s %9s %9s\n", "NODE", "ZONE",
		        "FREE", "MIN", "LOW", "HIGH", "MANAGED", "PRESENT", "SPANNED", "CPU LISTS");
	for (size_t i = 0; i < zones->n; i++) {
		const struct zone *z = &zones->list[i];
		const char *below = zone_is_below(z);
		const uint64_t columns[] = { z->free,    z->min,     z->low,     z->high,
			                     z->managed, z->present, z->spanned, z->cpu_lists };

		fprintf(w->f, "  %4u %-8s", z->node, z->name);
		for (size_t j = 0; j < ARRAY_SIZE(columns); j++)
			write_size(w, columns[j]);
		fprintf(w->f, "%s%s\n", below ? "  below " : "", below ?: "");
		orders = MAX(orders, z->n_orders);
	}
	if (orders == 0)
		return;
	writing_heading(w, "Free blocks, by their size");
	fprintf(w->f, "  %4s %-8s", "NODE", "ZONE");
	for (unsigned order = 0; order < orders; order++) {
		char size[TEXT_SIZE_MAX];

		fprintf(w->f, " %7s",
		        text_from_size(UINT64_C(1) << order << w->r->dump->page_shift, size));
	}
	fputc('\n', w->f);
	for (size_t i = 0; i < zones->n; i++) {
		const struct zone *z = &zones->list[i];

		fprintf(w->f, "  %4u %-8s", z->node, z->name);
		for (unsigned order = 0; order < z->n_orders; order++)
			fprintf(w->f, " %7" PRIu64, z->blocks[order]);
		fputc('\n', w->f);
	}
}

static void write_slabs(const struct writing *w)
{
	const struct slabs *s = &w->r->slabs;
	char size[TEXT_SIZE_MAX];

	writing_heading(w, "Largest caches");
	writing_missing(w, "remark", s->remark);
	if (!s->counted || s->n == 0)
		return;
	fprintf(w->f, "  %9s %10s %8s %8s %8s %8s  %s\n", "SIZE", "OBJECTS", "OF BYTES", "SLABS",
	        "PARTIAL", "PER SLAB", "NAME");
	for (size_t i = 0; i < MIN(s->n, TOP); i++) {
		const struct slab_cache *c = &s->list[i];

		fprintf(w->f, "  %9s %10" PRIu64 " %8u %8" PRIu64 " %8" PRIu64 " %8u  %s\n",
		        text_from_size(c->bytes, size), c->objects, c->size, c->slabs, c->partial,
		        c->per_slab, c->name);
	}
	if (s->n > TOP)
		fprintf(w->f, "  and %zu more\n", s->n - TOP);
}

static void write_bytes(const struct writing *w, uint64_t bytes)
{
	char size[TEXT_SIZE_MAX];

	fprintf(w->f, " %9s", text_from_size(bytes, size));
}

static void write_rss(const struct writing *w)
{
	const struct rss_list *l = &w->r->rss;

	writing_heading(w, "Largest processes");
	writing_missing(w, "remark", l->remark);
	if (l->n == 0)
		return;
	fprintf(w->f, "  %9s %9s %9s %9s %9s %9s %9s %9s %6s  %s\n", "PROCESS", "IN MEMORY",
	        "ANONYMOUS", "FILES", "SHARED", "SWAP", "MAPPED", "TABLES", "SCORE", "NAME");
	for (size_t i = 0; i < MIN(l->n, TOP); i++) {
		const struct rss *r = l->by_size[i];
		const struct task *task = &w->r->tasks.list[r->task];
		const uint64_t columns[] = { rss_total(r), r->anon,   r->file,  r->shmem,
			                     r->swap,      r->mapped, r->tables };

		fprintf(w->f, "  %9d", task->tgid);
		for (size_t j = 0; j < ARRAY_SIZE(columns); j++)
			write_bytes(w, columns[j]);
		fprintf(w->f, " %6d  %s\n", r->oom_score_adj, task->name);
	}
	if (l->n > TOP)
		fprintf(w->f, "  and %zu more\n", l->n - TOP);
}

void writing_memory(const struct writing *w)
{
	write_meminfo(w);
	write_zones(w);
	write_slabs(w);
	write_rss(w);
}
