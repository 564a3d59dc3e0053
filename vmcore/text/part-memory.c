// SPDX-License-Identifier: GPL-2.0-or-later
/* part-memory.c - what memory was used for, and by which processes. */
#include <inttypes.h>

#include "base/text.h"
#include "vmcore/text/json-kit.h"
#include "vmcore/text/text-kit.h"

/* The most lines of a table. */
#define TOP 10

static void write_meminfo(const struct writing *w)
{
	const struct meminfo *m = &w->report->meminfo;

	writing_part(w);
	for (size_t i = 0; i < m->n; i++)
		fprintf(w->f, "  %-18s %12" PRIu64 "%s\n", m->rows[i].name, m->rows[i].value,
		        m->rows[i].number ? "" : " kB");
}

static json_t *meminfo_json(const struct writing *w)
{
	const struct meminfo *m = &w->report->meminfo;
	json_t *o = m->n > 0 ? json_object() : json_null();

	for (size_t i = 0; i < m->n; i++)
		json_object_set_new(o, m->rows[i].name, json_integer(m->rows[i].value));
	return o;
}

const struct report_part part_meminfo = {
	.name = "meminfo",
	.within = "memory",
	.title = "Memory",
	.needs = REPORT_MEMINFO,
	.text = write_meminfo,
	.json = meminfo_json,
	.reasons = { REPORT_REASON("meminfo", "remark", meminfo.remark) },
};

static void write_bytes(const struct writing *w, uint64_t bytes)
{
	char size[TEXT_SIZE_MAX];

	fprintf(w->f, " %9s", text_from_size(bytes, size));
}

static void write_zones(const struct writing *w)
{
	const struct zones *zones = &w->report->zones;
	unsigned orders = 0;

	writing_part(w);
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
			write_bytes(w, columns[j] << w->report->dump->page_shift);
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
		        text_from_size(UINT64_C(1) << order << w->report->dump->page_shift, size));
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

static json_t *zone_json(const struct zone *z)
{
	const char *below = zone_is_below(z);
	json_t *blocks = json_array();

	for (unsigned i = 0; i < z->n_orders; i++)
		json_array_append_new(blocks, json_integer(z->blocks[i]));
	return json_pack("{s:i, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:o}", "node",
	                 (int)z->node, "name", text_json(z->name), "free", (json_int_t)z->free,
	                 "min", (json_int_t)z->min, "low", (json_int_t)z->low, "high",
	                 (json_int_t)z->high, "managed", (json_int_t)z->managed, "present",
	                 (json_int_t)z->present, "spanned", (json_int_t)z->spanned, "cpu_lists",
	                 (json_int_t)z->cpu_lists, "below", below, "blocks", blocks);
}

static json_t *zones_json(const struct writing *w)
{
	const struct zones *zones = &w->report->zones;
	json_t *list = json_array();

	for (size_t i = 0; i < zones->n; i++)
		json_array_append_new(list, zone_json(&zones->list[i]));
	return list;
}

const struct report_part part_zones = {
	.name = "zones",
	.within = "memory",
	.title = "Zones",
	.needs = REPORT_ZONES,
	.text = write_zones,
	.json = zones_json,
	.reasons = { REPORT_REASON("zones", "remark", zones.remark) },
};

static void write_slabs(const struct writing *w)
{
	const struct slabs *s = &w->report->slabs;
	char size[TEXT_SIZE_MAX];

	writing_part(w);
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

/* Null when the kernel does not count this. */
static json_t *count_json(bool counted, uint64_t n)
{
	return counted ? json_integer(n) : json_null();
}

static json_t *slabs_json(const struct writing *w)
{
	const struct slabs *s = &w->report->slabs;
	json_t *list = json_array();

	for (size_t i = 0; i < s->n; i++) {
		const struct slab_cache *c = &s->list[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:I, s:I, s:I, s:i, s:I, s:o, s:o, s:o}", "name",
		                  text_json(c->name), "address", address_json(c->address), "size",
		                  (json_int_t)c->size, "object_size", (json_int_t)c->object_size,
		                  "objects_per_slab", (json_int_t)c->per_slab, "order",
		                  (int)c->order, "partial", (json_int_t)c->partial, "slabs",
		                  count_json(s->counted, c->slabs), "objects",
		                  count_json(s->counted, c->objects), "bytes",
		                  count_json(s->counted, c->bytes)));
	}
	return list;
}

const struct report_part part_caches = {
	.name = "caches",
	.within = "memory",
	.title = "Largest caches",
	.needs = REPORT_SLABS,
	.text = write_slabs,
	.json = slabs_json,
	.reasons = { REPORT_REASON("caches", "remark", slabs.remark) },
};

static void write_rss(const struct writing *w)
{
	const struct rss_list *l = &w->report->rss;

	writing_part(w);
	if (l->n == 0)
		return;
	fprintf(w->f, "  %9s %9s %9s %9s %9s %9s %9s %9s %6s  %s\n", "PROCESS", "IN MEMORY",
	        "ANONYMOUS", "FILES", "SHARED", "SWAP", "MAPPED", "TABLES", "SCORE", "NAME");
	for (size_t i = 0; i < MIN(l->n, TOP); i++) {
		const struct rss *rss = l->by_size[i];
		const struct task *task = &w->report->tasks.list[rss->task];
		const uint64_t columns[] = { rss_total(rss), rss->anon,   rss->file,  rss->shmem,
			                     rss->swap,      rss->mapped, rss->tables };

		fprintf(w->f, "  %9d", task->tgid);
		for (size_t j = 0; j < ARRAY_SIZE(columns); j++)
			write_bytes(w, columns[j]);
		fprintf(w->f, " %6d  %s\n", rss->oom_score_adj, task->name);
	}
	if (l->n > TOP)
		fprintf(w->f, "  and %zu more\n", l->n - TOP);
}

static size_t count_rss(const struct writing *w)
{
	return w->report->rss.n;
}

static json_t *process_json(const struct writing *w, size_t i)
{
	const struct rss *rss = w->report->rss.by_size[i];
	const struct task *task = &w->report->tasks.list[rss->task];

	return json_pack("{s:i, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i}", "process",
	                 task->tgid, "name", text_json(task->name), "tasks", (json_int_t)rss->tasks,
	                 "resident", (json_int_t)rss_total(rss), "anonymous", (json_int_t)rss->anon,
	                 "files", (json_int_t)rss->file, "shared", (json_int_t)rss->shmem, "swap",
	                 (json_int_t)rss->swap, "mapped", (json_int_t)rss->mapped, "page_tables",
	                 (json_int_t)rss->tables, "oom_score_adj", rss->oom_score_adj);
}

const struct report_part part_processes = {
	.name = "processes",
	.within = "memory",
	.title = "Largest processes",
	.needs = REPORT_TASKS | REPORT_RSS,
	.text = write_rss,
	.length = count_rss,
	.element = process_json,
	.reasons = { REPORT_REASON("processes", "remark", rss.remark) },
};
