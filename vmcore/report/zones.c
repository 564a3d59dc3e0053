// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zones.c - the zones of memory, see zones.h.
 *
 * node_data[] points to a struct pglist_data for each node (kernels for one node have just
 * contig_page_data), which has an array of zones (include/linux/mmzone.h, Linux 6.12). Counters are
 * kept three times: for each zone or node in vm_stat[]; for all of them in vm_zone_stat[] and
 * vm_node_stat[]; and, in vm_stat_diff[] and vm_node_stat_diff[] of each CPU, the differences of
 * -125 to 125 that it has not added to these yet (mm/vmstat.c). Zones without memory share a
 * boot-time set of differences, which does not count. Up to Linux 5.13 the differences and the
 * CPU's list of pages were one structure, per_cpu_pageset.
 */
#include "vmcore/report/zones.h"

#include <endian.h>
#include <errno.h>

#include "base/array.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/view/kcopy.h"

/* MAX_NUMNODES of the largest kernels; more zones than a node can have. */
#define MAX_NODES 1024
#define MAX_ZONES 8

/* enum zone_watermarks, include/linux/mmzone.h: these three since 2.6. */
enum { WMARK_MIN, WMARK_LOW, WMARK_HIGH };

enum { NODE_ZONES, NODE_ID, NODE_STATS, NODE_MEMBERS };

static const char *const node_members[NODE_MEMBERS] = {
	[NODE_ZONES] = "node_zones", [NODE_ID] = "node_id", [NODE_STATS] = "?per_cpu_nodestats"
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

enum { COUNT };

static const char *const pages_members[] = { [COUNT] = "pcp.count|count" };

enum { DIFFS };

static const char *const zone_diff_members[] = { [DIFFS] = "vm_stat_diff" };
static const char *const node_diff_members[] = { [DIFFS] = "vm_node_stat_diff" };

/* Finds a type that may be missing: its n is 0 then. */
static void find_optional(const struct kview *v, const char *structure, const char *const *members,
                          struct ktype *ret)
{
	*ret = (struct ktype){};
	ktype_find(v->types, structure, members, 1, ret);
}

struct reading {
	const struct kview *v;
	struct zones *zones;
	struct ktype node, zone, pages, zone_diff, node_diff;
	struct btf_member nr_free; /* of free_area; size 0: not known */
	struct kcopy node_copy, zone_copy, cpu_copy;
	unsigned free_item; /* NR_FREE_PAGES */
};

/* Adds the differences of all CPUs at the per-CPU address @at to the @n counters @to. */
static int add_diffs(struct reading *rd, const struct ktype *t, uint64_t at, int64_t *to,
                     unsigned n)
{
	const struct bitmap *cpus = &rd->v->possible;

	if (t->n == 0 || at == 0)
		return 0;
	n = MIN(n, t->members[DIFFS].count);
	for (uint64_t cpu = bitmap_next_set(cpus, 0); cpu < cpus->bits;
	     cpu = bitmap_next_set(cpus, cpu + 1)) {
		int r = kcopy_read(&rd->cpu_copy, rd->v->ks, t, kview_on_cpu(rd->v, at, cpu));

		if (r < 0)
			return err_note(r, rd->zones->counters);
		for (unsigned i = 0; i < n; i++)
			to[i] += (int8_t)kcopy_item(&rd->cpu_copy, DIFFS, i);
	}
	return 0;
}

/* Adds to @to the pages that the lists of all CPUs have at the per-CPU address @at. */
static int count_lists(struct reading *rd, uint64_t at, uint64_t *to)
{
	const struct bitmap *cpus = &rd->v->possible;

	if (rd->pages.n == 0 || at == 0)
		return 0;
	for (uint64_t cpu = bitmap_next_set(cpus, 0); cpu < cpus->bits;
	     cpu = bitmap_next_set(cpus, cpu + 1)) {
		int r = kcopy_read(&rd->cpu_copy, rd->v->ks, &rd->pages,
		                   kview_on_cpu(rd->v, at, cpu));

		if (r < 0)
			return err_note(r, rd->zones->counters);
		*to += kcopy_u64(&rd->cpu_copy, COUNT);
	}
	return 0;
}

static int read_blocks(struct reading *rd, struct zone *z)
{
	const struct btf_member *areas = &rd->zone.members[FREE_AREA];

	if (!ktype_has(&rd->zone, FREE_AREA) || rd->nr_free.size != 8 || areas->count == 0)
		return 0;
	for (uint64_t i = 0; i < MIN(areas->count, ZONE_ORDERS); i++) {
		uint64_t area =
			kcopy_at(&rd->zone_copy, FREE_AREA) + i * (areas->size / areas->count);
		int r = kspace_u64(rd->v->ks, area + rd->nr_free.offset, &z->blocks[i]);

		if (r < 0)
			return err_note(r, rd->zones->remark);
		z->n_orders++;
	}
	return 0;
}

/* Adds the zone at @address if it has memory. */
static int read_zone(struct reading *rd, unsigned node, uint64_t address)
{
	const struct kcopy *c = &rd->zone_copy;
	struct zones *zones = rd->zones;
	struct zone *z;
	int64_t diffs[ZONE_COUNTERS] = {}, free;
	uint64_t boost;
	int r = kcopy_read(&rd->zone_copy, rd->v->ks, &rd->zone, address);

	if (r < 0 || kcopy_u64(c, PRESENT) == 0)
		return r;
	r = array_grow(&zones->list, zones->n, "a list of zones");
	if (r < 0)
		return r;
	z = &zones->list[zones->n++];
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
	if (kview_string(rd->v, kcopy_u64(c, NAME), z->name, sizeof(z->name)) < 0)
		strcpy(z->name, "?");
	text_mask(z->name, strlen(z->name));
	r = add_diffs(rd, &rd->zone_diff, kcopy_u64(c, ZONESTATS), diffs, ZONE_COUNTERS);
	for (unsigned i = 0; i < zones->zone_counters.n; i++)
		zones->zone_counters.of[i] += diffs[i];
	free = (int64_t)kcopy_item(c, VM_STAT, rd->free_item) + diffs[rd->free_item];
	z->free = MAX(free, 0);
	if (r < 0)
		return r;
	r = count_lists(rd, kcopy_u64(c, PAGESET), &z->cpu_lists);
	return r < 0 ? r : read_blocks(rd, z);
}

static int read_node(struct reading *rd, uint64_t address)
{
	const struct btf_member *zones = &rd->node.members[NODE_ZONES];
	int r = kcopy_read(&rd->node_copy, rd->v->ks, &rd->node, address);

	if (r < 0)
		return r;
	if (zones->count > MAX_ZONES)
		return errf(-EBADMSG, "a node with %llu zones cannot be",
		            (unsigned long long)zones->count);
	for (uint64_t i = 0; i < zones->count; i++) {
		r = read_zone(rd, kcopy_u64(&rd->node_copy, NODE_ID),
		              kcopy_at(&rd->node_copy, NODE_ZONES) +
		                      i * (zones->size / zones->count));
		if ((r = err_note(r, rd->zones->remark)) < 0)
			return r;
	}
	return add_diffs(rd, &rd->node_diff, kcopy_u64(&rd->node_copy, NODE_STATS),
	                 rd->zones->node_counters.of, rd->zones->node_counters.n);
}

static int read_nodes(struct reading *rd)
{
	uint64_t table, node, n = 1;
	int r;

	if (kview_address(rd->v, "node_data", &table) < 0) {
		r = kview_address(rd->v, "contig_page_data", &node);
		return r < 0 ? r : read_node(rd, node);
	}
	r = kview_number(rd->v, "nr_node_ids", 4, &n);
	if (r < 0)
		return r;
	for (uint64_t i = 0; i < MIN(n, MAX_NODES); i++) {
		r = kspace_u64(rd->v->ks, table + 8 * i, &node);
		if (r < 0)
			return r;
		r = node ? err_note(read_node(rd, node), rd->zones->remark) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

/* Reads the @n counters of all zones or nodes. */
static int read_counters(const struct kview *v, const char *symbol, uint64_t n,
                         struct zone_counters *ret)
{
	uint64_t address;
	int r;

	if (n > ZONE_COUNTERS)
		return errf(-EBADMSG, "%s: %llu counters are more than there can be", symbol,
		            (unsigned long long)n);
	if ((r = kview_address(v, symbol, &address)) < 0 ||
	    (r = kspace_read(v->ks, address, ret->of, n * sizeof(*ret->of))) < 0)
		return r;
	for (unsigned i = 0; i < n; i++)
		ret->of[i] = le64toh(ret->of[i]);
	ret->n = n;
	return 0;
}

static int find_types(struct reading *rd)
{
	const struct btf *b = rd->v->types;
	int64_t free_item;
	int r;

	if (!b)
		return errf(-ENODATA, "the kernel's types are not known: %s", rd->v->no_types);
	if ((r = ktype_find(b, "pglist_data", node_members, NODE_MEMBERS, &rd->node)) < 0 ||
	    (r = ktype_find(b, "zone", zone_members, ZONE_MEMBERS, &rd->zone)) < 0 ||
	    (r = btf_enumerator(b, "zone_stat_item", "NR_FREE_PAGES", &free_item)) < 0)
		return r;
	if (free_item < 0 || free_item >= ZONE_COUNTERS)
		return errf(-EBADMSG, "NR_FREE_PAGES cannot be %lld", (long long)free_item);
	rd->free_item = free_item;
	find_optional(rd->v, "per_cpu_pageset|per_cpu_pages", pages_members, &rd->pages);
	find_optional(rd->v, "per_cpu_zonestat|per_cpu_pageset", zone_diff_members, &rd->zone_diff);
	find_optional(rd->v, "per_cpu_nodestat", node_diff_members, &rd->node_diff);
	btf_member(b, "free_area", "nr_free", &rd->nr_free);
	return 0;
}

static int read_all(struct reading *rd)
{
	const struct kview *v = rd->v;
	struct zones *zones = rd->zones;
	struct btf_member stat;
	int r = find_types(rd);

	if (r < 0)
		return r;
	r = err_note(read_counters(v, "vm_zone_stat", rd->zone.members[VM_STAT].count,
	                           &zones->zone_counters),
	             zones->counters);
	if (r < 0)
		return r;
	if (btf_member(v->types, "pglist_data", "vm_stat", &stat) == 0 &&
	    (r = err_note(read_counters(v, "vm_node_stat", stat.count, &zones->node_counters),
	                  zones->counters)) < 0)
		return r;
	if (v->no_cpus[0])
		err_note(errf(-ENODATA, "the CPUs are not known: %s", v->no_cpus), zones->counters);
	return read_nodes(rd);
}

int zones_read(const struct kview *v, struct zones *ret)
{
	struct reading rd = { .v = v, .zones = ret };
	int r;

	*ret = (struct zones){ .zone_counters.items = "zone_stat_item",
		               .node_counters.items = "node_stat_item" };
	r = read_all(&rd);
	kcopy_done(&rd.node_copy);
	kcopy_done(&rd.zone_copy);
	kcopy_done(&rd.cpu_copy);
	r = err_note(r, ret->remark);
	if (r < 0)
		zones_done(ret);
	return r;
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
