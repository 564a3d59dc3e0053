// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zones.c - the zones of memory, see zones.h.
 *
 * Each node has a struct pglist_data, to which node_data[] leads (kernels for one node have just
 * contig_page_data), with an array of zones in it (include/linux/mmzone.h, Linux 6.12). What is
 * counted is kept three times: for each zone or node in vm_stat[], for all of them in
 * vm_zone_stat[] and vm_node_stat[], and what a CPU has not added to these yet, -125 to 125 of
 * each, in vm_stat_diff[] and vm_node_stat_diff[] of its own (mm/vmstat.c). Zones without memory
 * share a boot-time set of the latter, which does not count. Up to Linux 5.13 the differences and
 * the CPU's list of pages were one structure, per_cpu_pageset.
 */
#include "vmcore/report/zones.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "base/text.h"
#include "vmcore/view/kcopy.h"

/* MAX_NUMNODES of the largest kernels, and more zones than a node can have. */
#define MAX_NODES 1024
#define MAX_ZONES 8

/* enum zone_watermarks, include/linux/mmzone.h: these three since 2.6. */
enum {
	WMARK_MIN,
	WMARK_LOW,
	WMARK_HIGH,
};

enum {
	NODE_ZONES,
	NODE_ID,
	NODE_STATS,
	NODE_MEMBERS,
};

static const char *const node_members[NODE_MEMBERS] = {
	[NODE_ZONES] = "node_zones",
	[NODE_ID] = "node_id",
	[NODE_STATS] = "?per_cpu_nodestats",
};

enum {
	WATERMARK,
	BOOST,
	PAGESET,
	ZONESTATS,
	MANAGED,
	SPANNED,
	PRESENT,
	NAME,
	FREE_AREA,
	VM_STAT,
	ZONE_MEMBERS,
};

static const char *const zone_members[ZONE_MEMBERS] = {
	[WATERMARK] = "_watermark|watermark",
	[BOOST] = "?watermark_boost",
	[PAGESET] = "?per_cpu_pageset|pageset",
	[ZONESTATS] = "?per_cpu_zonestats|pageset",
	[MANAGED] = "managed_pages",
	[SPANNED] = "spanned_pages",
	[PRESENT] = "present_pages",
	[NAME] = "name",
	[FREE_AREA] = "?free_area",
	[VM_STAT] = "vm_stat",
};

enum {
	COUNT,
};

static const char *const pages_members[] = { [COUNT] = "pcp.count|count" };

enum {
	DIFFS,
};

static const char *const zone_diff_members[] = { [DIFFS] = "vm_stat_diff" };
static const char *const node_diff_members[] = { [DIFFS] = "vm_node_stat_diff" };

/* A type that may be missing, for which n is 0 then. */
static void find_optional(const struct kview *v, const char *structure, const char *const *members,
                          struct ktype *ret)
{
	*ret = (struct ktype){};
	ktype_find(v->types, structure, members, 1, ret);
}

/* What is needed while zones are read. */
struct reading {
	const struct kview *v;
	struct zones *zones;
	struct ktype node, zone, pages, zone_diff, node_diff;
	struct btf_member nr_free; /* of free_area; size 0: not known */
	struct kcopy node_copy, zone_copy, cpu_copy;
	unsigned free_item; /* NR_FREE_PAGES */
};

/* The first that is wrong is told, the rest is looked for all the same. */
static int note_fault(char remark[static 256], int error)
{
	if (error < 0 && error != -ENOMEM && !remark[0])
		snprintf(remark, 256, "%s", err_text(error));
	return error == -ENOMEM ? error : 0;
}

/* Adds to @to what each CPU has of differences at the per-CPU address @at. */
static int add_diffs(struct reading *r, const struct ktype *t, uint64_t at, int64_t *to, unsigned n)
{
	const struct bitmap *cpus = &r->v->possible;
	int e = 0;

	if (t->n == 0 || at == 0)
		return 0;
	n = MIN(n, t->members[DIFFS].count);
	for (uint64_t cpu = bitmap_next_set(cpus, 0); e == 0 && cpu < cpus->bits;
	     cpu = bitmap_next_set(cpus, cpu + 1)) {
		e = kcopy_read(&r->cpu_copy, r->v->ks, t, kview_on_cpu(r->v, at, cpu));
		for (unsigned i = 0; i < n && e == 0; i++)
			to[i] += (int8_t)kcopy_item(&r->cpu_copy, DIFFS, i);
	}
	return note_fault(r->zones->counters, e);
}

/* How many pages the lists of all CPUs have at the per-CPU address @at. */
static int count_lists(struct reading *r, uint64_t at, uint64_t *ret)
{
	const struct bitmap *cpus = &r->v->possible;
	uint64_t n = 0;
	int e = 0;

	if (r->pages.n == 0 || at == 0)
		return 0;
	for (uint64_t cpu = bitmap_next_set(cpus, 0); e == 0 && cpu < cpus->bits;
	     cpu = bitmap_next_set(cpus, cpu + 1)) {
		e = kcopy_read(&r->cpu_copy, r->v->ks, &r->pages, kview_on_cpu(r->v, at, cpu));
		if (e == 0)
			n += kcopy_u64(&r->cpu_copy, COUNT);
	}
	*ret = n;
	return note_fault(r->zones->counters, e);
}

static int read_blocks(struct reading *r, struct zone *z)
{
	const struct btf_member *areas = &r->zone.members[FREE_AREA];
	int e = 0;

	if (!ktype_has(&r->zone, FREE_AREA) || r->nr_free.size != 8 || areas->count == 0)
		return 0;
	for (uint64_t i = 0; i < MIN(areas->count, ZONE_ORDERS) && e == 0; i++) {
		uint64_t area =
			kcopy_at(&r->zone_copy, FREE_AREA) + i * (areas->size / areas->count);

		e = kspace_u64(r->v->ks, area + r->nr_free.offset, &z->blocks[i]);
		z->n_orders += e == 0;
	}
	return note_fault(r->zones->remark, e);
}

/* Adds the zone at @address, unless it has no memory. */
static int read_zone(struct reading *r, unsigned node, uint64_t address)
{
	const struct kcopy *c = &r->zone_copy;
	struct zones *zones = r->zones;
	struct zone *grown, *z;
	int64_t diffs[ZONE_COUNTERS] = {}, free;
	uint64_t boost;
	int e;

	e = kcopy_read(&r->zone_copy, r->v->ks, &r->zone, address);
	if (e < 0 || kcopy_u64(c, PRESENT) == 0)
		return e;
	grown = reallocarray(zones->list, zones->n + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	zones->list = grown;
	z = &grown[zones->n++];
	boost = kcopy_u64(c, BOOST);
	*z = (struct zone){
		.node = node,
		.min = kcopy_item(c, WATERMARK, WMARK_MIN) + boost,
		.low = kcopy_item(c, WATERMARK, WMARK_LOW) + boost,
		.high = kcopy_item(c, WATERMARK, WMARK_HIGH) + boost,
		.managed = kcopy_u64(c, MANAGED),
		.present = kcopy_u64(c, PRESENT),
		.spanned = kcopy_u64(c, SPANNED),
	};
	zones->all_low += z->low;
	if (kview_string(r->v, kcopy_u64(c, NAME), z->name, sizeof(z->name)) < 0)
		strcpy(z->name, "?");
	text_mask(z->name, strlen(z->name));
	e = add_diffs(r, &r->zone_diff, kcopy_u64(c, ZONESTATS), diffs, ZONE_COUNTERS);
	for (unsigned i = 0; i < zones->zone_counters.n; i++)
		zones->zone_counters.of[i] += diffs[i];
	free = (int64_t)kcopy_item(c, VM_STAT, r->free_item) + diffs[r->free_item];
	z->free = MAX(free, 0);
	if (e == 0)
		e = count_lists(r, kcopy_u64(c, PAGESET), &z->cpu_lists);
	return e < 0 ? e : read_blocks(r, z);
}

static int read_node(struct reading *r, uint64_t address)
{
	const struct btf_member *zones = &r->node.members[NODE_ZONES];
	int e;

	e = kcopy_read(&r->node_copy, r->v->ks, &r->node, address);
	if (e == 0 && zones->count > MAX_ZONES)
		e = errf(-EBADMSG, "a node with %llu zones cannot be",
		         (unsigned long long)zones->count);
	for (uint64_t i = 0; e == 0 && i < zones->count; i++)
		e = note_fault(r->zones->remark,
		               read_zone(r, kcopy_u64(&r->node_copy, NODE_ID),
		                         kcopy_at(&r->node_copy, NODE_ZONES) +
		                                 i * (zones->size / zones->count)));
	if (e == 0)
		e = add_diffs(r, &r->node_diff, kcopy_u64(&r->node_copy, NODE_STATS),
		              r->zones->node_counters.of, r->zones->node_counters.n);
	return e;
}

static int read_nodes(struct reading *r)
{
	uint64_t table, node, n = 1;
	int e;

	if (kview_address(r->v, "node_data", &table) < 0) {
		e = kview_address(r->v, "contig_page_data", &node);
		return e < 0 ? e : read_node(r, node);
	}
	e = kview_number(r->v, "nr_node_ids", 4, &n);
	for (uint64_t i = 0; i < MIN(n, MAX_NODES) && e == 0; i++) {
		e = kspace_u64(r->v->ks, table + 8 * i, &node);
		if (e == 0 && node)
			e = note_fault(r->zones->remark, read_node(r, node));
	}
	return e;
}

/* The counters of all zones or nodes, of which there are @n. */
static int read_counters(const struct kview *v, const char *symbol, uint64_t n,
                         struct zone_counters *ret)
{
	uint64_t address;
	int e;

	if (n > ZONE_COUNTERS)
		return errf(-EBADMSG, "%s: %llu counters are more than there can be", symbol,
		            (unsigned long long)n);
	e = kview_address(v, symbol, &address);
	if (e == 0)
		e = kspace_read(v->ks, address, ret->of, n * sizeof(*ret->of));
	if (e < 0)
		return e;
	for (unsigned i = 0; i < n; i++)
		ret->of[i] = le64toh(ret->of[i]);
	ret->n = n;
	return 0;
}

static int find_types(struct reading *r)
{
	const struct btf *b = r->v->types;
	int64_t free_item;
	int e;

	if (!b)
		return errf(-ENODATA, "the kernel's types are not known: %s", r->v->no_types);
	e = ktype_find(b, "pglist_data", node_members, NODE_MEMBERS, &r->node);
	if (e == 0)
		e = ktype_find(b, "zone", zone_members, ZONE_MEMBERS, &r->zone);
	if (e == 0)
		e = btf_enumerator(b, "zone_stat_item", "NR_FREE_PAGES", &free_item);
	if (e < 0)
		return e;
	if (free_item < 0 || free_item >= ZONE_COUNTERS)
		return errf(-EBADMSG, "NR_FREE_PAGES cannot be %lld", (long long)free_item);
	r->free_item = free_item;
	find_optional(r->v, "per_cpu_pageset|per_cpu_pages", pages_members, &r->pages);
	find_optional(r->v, "per_cpu_zonestat|per_cpu_pageset", zone_diff_members, &r->zone_diff);
	find_optional(r->v, "per_cpu_nodestat", node_diff_members, &r->node_diff);
	btf_member(b, "free_area", "nr_free", &r->nr_free);
	return 0;
}

int zones_read(const struct kview *v, struct zones *ret)
{
	struct reading r = { .v = v, .zones = ret };
	struct btf_member stat;
	int e;

	*ret = (struct zones){ .zone_counters.items = "zone_stat_item",
		               .node_counters.items = "node_stat_item" };
	e = find_types(&r);
	if (e == 0)
		e = note_fault(ret->counters,
		               read_counters(v, "vm_zone_stat", r.zone.members[VM_STAT].count,
		                             &ret->zone_counters));
	if (e == 0 && btf_member(v->types, "pglist_data", "vm_stat", &stat) == 0)
		e = note_fault(ret->counters,
		               read_counters(v, "vm_node_stat", stat.count, &ret->node_counters));
	if (e == 0 && v->no_cpus[0])
		e = note_fault(ret->counters,
		               errf(-ENODATA, "the CPUs are not known: %s", v->no_cpus));
	if (e == 0)
		e = read_nodes(&r);
	kcopy_done(&r.node_copy);
	kcopy_done(&r.zone_copy);
	kcopy_done(&r.cpu_copy);
	e = note_fault(ret->remark, e);
	if (e < 0)
		zones_done(ret);
	return e;
}

void zones_done(struct zones *z)
{
	free(z->list);
	*z = (struct zones){};
}

const char *zone_is_below(const struct zone *z)
{
	return z->free < z->min ? "min" : z->free < z->low ? "low" : NULL;
}
