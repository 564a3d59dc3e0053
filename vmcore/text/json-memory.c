// SPDX-License-Identifier: GPL-2.0-or-later
/* json-memory.c - the memory part of a report as JSON, see json-memory.h. */
#include "vmcore/text/json-memory.h"

#include "vmcore/text/json-kit.h"

static json_t *meminfo_json(const struct meminfo *m)
{
	json_t *o = m->n > 0 ? json_object() : json_null();

	for (size_t i = 0; i < m->n; i++)
		json_object_set_new(o, m->rows[i].name, json_integer(m->rows[i].value));
	return o;
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

static json_t *zones_json(const struct zones *zones)
{
	json_t *list = json_array();

	for (size_t i = 0; i < zones->n; i++)
		json_array_append_new(list, zone_json(&zones->list[i]));
	return list;
}

/* What the kernel does not count is null. */
static json_t *count_json(bool counted, uint64_t n)
{
	return counted ? json_integer(n) : json_null();
}

static json_t *slabs_json(const struct slabs *s)
{
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

static json_t *rss_json(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->rss.n; i++) {
		const struct rss *rss = r->rss.by_size[i];
		const struct task *task = &r->tasks.list[rss->task];

		json_array_append_new(
			list,
			json_pack("{s:i, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i}",
		                  "process", task->tgid, "name", text_json(task->name), "tasks",
		                  (json_int_t)rss->tasks, "resident", (json_int_t)rss_total(rss),
		                  "anonymous", (json_int_t)rss->anon, "files",
		                  (json_int_t)rss->file, "shared", (json_int_t)rss->shmem, "swap",
		                  (json_int_t)rss->swap, "mapped", (json_int_t)rss->mapped,
		                  "page_tables", (json_int_t)rss->tables, "oom_score_adj",
		                  rss->oom_score_adj));
	}
	return list;
}

json_t *report_json_memory(const struct report *r)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "meminfo", meminfo_json(&r->meminfo), "zones",
	                 zones_json(&r->zones), "caches", slabs_json(&r->slabs), "processes",
	                 rss_json(r));
}

void report_json_rss(const struct report *r, const struct task *task, json_t *o)
{
	const struct rss *rss = rss_of(&r->rss, task);

	json_object_set_new(o, "resident", rss ? json_integer(rss_total(rss)) : json_null());
}
