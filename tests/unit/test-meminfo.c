// SPDX-License-Identifier: GPL-2.0-or-later
/* test-meminfo.c - zones and /proc/meminfo of a kernel that was never there. */
#include "tests/unit/schema.h"
#include "tests/unit/synth-kernel.h"

#define AT(offset) SYNTH_VA(SYNTH_DATA + (offset))

#define ZONES_PER_NODE 3
#define ORDERS         4

/* Offsets in struct zone, in struct pglist_data and in others. */
enum {
	WATERMARK = 0,
	BOOST = 32,
	PAGESET = 40,
	ZONESTATS = 48,
	MANAGED = 56,
	SPANNED = 64,
	PRESENT = 72,
	NAME = 80,
	AREAS = 88,
	AREA_SIZE = 24,
	NR_FREE = 16,
	ZONE_STAT = 184,
	ZONE_SIZE = 256,
	NODE_ID = ZONE_SIZE * ZONES_PER_NODE,
	NODESTATS = NODE_ID + 8,
	NODE_STAT = NODE_ID + 16,
	PCP_COUNT = 4,
	DIFF = 3,
	PCP_IN_PAGESET = 8, /* struct per_cpu_pageset of old kernels, with DIFF */
};

/* Where things are. */
#define NODE(n)    AT(0x0 + (n)*0x1000)
#define ZONE(n, z) (NODE(n) + (uint64_t)(z)*ZONE_SIZE)
#define PERCPU(n)  AT(0x3000 + (n)*0x40)
#define NODE_TABLE AT(0x4000)
#define VARIABLES  AT(0x5000)
#define STAT_ZONES AT(0x6000)
#define STAT_NODES AT(0x6800)
#define SUPER      AT(0x7000)
#define INODE(n)   AT(0x7100 + (n)*0x40)
#define HSTATES    AT(0x8000)
#define SWAP_INFO  AT(0x8800)
#define COMMITTED  AT(0x9000)
#define DIRECT     AT(0x9800)
#define NAMES      AT(0xa000)

static const char *const zone_items[] = { "NR_MLOCK", "NR_BOUNCE", "NR_FREE_PAGES", NULL };
static const char *const node_items[] = {
	"NR_FILE_PAGES",
	"NR_ACTIVE_FILE",
	"NR_INACTIVE_FILE",
	"NR_SLAB_UNRECLAIMABLE_B",
	"NR_ACTIVE_ANON",
	"NR_SLAB_RECLAIMABLE_B",
	"NR_KERNEL_STACK_KB",
	"NR_SWAPCACHE",
	"NR_KERNEL_MISC_RECLAIMABLE",
	"NR_ANON_THPS",
	"NR_INACTIVE_ANON",
	"NR_PAGETABLE",
	NULL,
};
#define FREE_ITEM 2

/* Zones with memory: what the kernel has counted, marks min, low and high, */
static const struct {
	unsigned node, zone;
	const char *name, *below;
	uint64_t counted, boost, marks[3];
} all[] = {
	{ 0, 0, "DMA", NULL, 3000, 0, { 90, 110, 130 } },
	{ 0, 1, "Nor\033al", "low", 1000, 40, { 900, 970, 1100 } },
	{ 1, 1, "Normal", "min", 100, 0, { 101, 200, 300 } },
};
#define N ARRAY_SIZE(all)

/* pages managed, present and spanned, and what the CPUs keep to themselves. */
static const struct {
	uint64_t sizes[3], blocks[ORDERS];
	int diffs[2], lists[2];
} more[N] = {
	{ { 3800, 3998, 4095 }, { 4, 3, 2, 1 }, { 5, -105 }, { 0, 7 } },
	{ { 9000, 9500, 9600 }, { 0, 0, 0, 9 }, { -30, -1 }, { 60, 63 } },
	{ { 7000, 7100, 8000 }, { 100 }, { -100, 0 }, { 0, 0 } },
};

struct fixture {
	struct synth_kernel k;
	uint64_t swap_mark;
	struct zones zones;
	struct meminfo meminfo;
	struct report *report;
	char *text;
};

static void put_number(struct fixture *f, const char *name, uint64_t v)
{
	uint64_t va = VARIABLES + 8 * f->k.n;

	synth_kernel_symbol(&f->k, name, va);
	synth_kernel_put(&f->k, va, v, 8);
}

/* Before Linux 5.14 a CPU had one structure for its list and its differences. */
static void put_types(struct fixture *f, bool old)
{
	struct synth_kernel *k = &f->k;
	uint32_t area, zone, diff = synth_btf_array(&k->btf, k->s8, ARRAY_SIZE(zone_items) - 1);
	uint32_t node_diff = synth_btf_array(&k->btf, k->s8, ARRAY_SIZE(node_items) - 1);
	uint32_t stat = synth_btf_array(&k->btf, k->u64, ARRAY_SIZE(zone_items) - 1);
	uint32_t node_stat = synth_btf_array(&k->btf, k->u64, ARRAY_SIZE(node_items) - 1);
	uint32_t marks = synth_btf_array(&k->btf, k->u64, 4), pcp;

	area = synth_kernel_struct(k, "free_area", AREA_SIZE,
	                           (struct synth_field[]){ { "free_list", k->list, 0 },
	                                                   { "nr_free", k->u64, NR_FREE },
	                                                   {} });
	pcp = synth_kernel_struct(k, "per_cpu_pages", 8,
	                          (struct synth_field[]){ { "count", k->u32, PCP_COUNT }, {} });
	if (old)
		synth_kernel_struct(k, "per_cpu_pageset", 32,
		                    (struct synth_field[]){ { "pcp", pcp, PCP_IN_PAGESET },
		                                            { "vm_stat_diff", diff, DIFF },
		                                            {} });
	else
		synth_kernel_struct(k, "per_cpu_zonestat", 8,
		                    (struct synth_field[]){ { "vm_stat_diff", diff, DIFF }, {} });
	synth_kernel_struct(k, "per_cpu_nodestat", 16,
	                    (struct synth_field[]){ { "vm_node_stat_diff", node_diff, DIFF }, {} });
	zone = synth_kernel_struct(
		k, "zone", ZONE_SIZE,
		(struct synth_field[]){
			{ old ? "watermark" : "_watermark", marks, WATERMARK },
			{ old ? "pageset" : "per_cpu_pageset", k->pointer, PAGESET },
			{ "managed_pages", k->u64, MANAGED },
			{ "spanned_pages", k->u64, SPANNED },
			{ "present_pages", k->u64, PRESENT },
			{ "name", k->pointer, NAME },
			{ "free_area", synth_btf_array(&k->btf, area, ORDERS), AREAS },
			{ "vm_stat", stat, ZONE_STAT },
			{ old ? NULL : "per_cpu_zonestats", k->pointer, ZONESTATS },
			{ "watermark_boost", k->u64, BOOST },
			{} });
	synth_kernel_struct(
		k, "pglist_data", NODE_STAT + 8 * ARRAY_SIZE(node_items),
		(struct synth_field[]){
			{ "node_zones", synth_btf_array(&k->btf, zone, ZONES_PER_NODE), 0 },
			{ "node_id", k->u32, NODE_ID },
			{ "per_cpu_nodestats", k->pointer, NODESTATS },
			{ "vm_stat", node_stat, NODE_STAT },
			{} });
	synth_kernel_enum(k, "zone_stat_item", zone_items);
	synth_kernel_enum(k, "node_stat_item", node_items);
}

static void put_other_types(struct fixture *f)
{
	struct synth_kernel *k = &f->k;

	synth_kernel_struct(k, "super_block", 64,
	                    (struct synth_field[]){ { "s_inodes", k->list, 16 }, {} });
	synth_kernel_struct(k, "inode", 64,
	                    (struct synth_field[]){ { "i_mapping", k->pointer, 8 },
	                                            { "i_sb_list", k->list, 24 },
	                                            {} });
	synth_kernel_struct(k, "address_space", 16,
	                    (struct synth_field[]){ { "nrpages", k->u64, 8 }, {} });
	synth_kernel_struct(k, "percpu_counter", 32,
	                    (struct synth_field[]){
				    { "count", k->u64, 8 }, { "counters", k->pointer, 16 }, {} });
	synth_kernel_struct(k, "swap_info_struct", 32,
	                    (struct synth_field[]){ { "flags", k->u64, 0 },
	                                            { "inuse_pages", k->u64, 16 },
	                                            { "pages", k->u32, 12 },
	                                            {} });
	synth_kernel_struct(k, "hstate", 64,
	                    (struct synth_field[]){ { "order", k->u32, 4 },
	                                            { "nr_huge_pages", k->u64, 8 },
	                                            { "free_huge_pages", k->u64, 16 },
	                                            { "resv_huge_pages", k->u64, 24 },
	                                            { "surplus_huge_pages", k->u64, 32 },
	                                            {} });
	synth_kernel_enum(k, "pg_level",
	                  (const char *const[]){ "PG_LEVEL_NONE", "PG_LEVEL_4K", "PG_LEVEL_2M",
	                                         "PG_LEVEL_1G", NULL });
}

static void put_zone(struct fixture *f, size_t i, bool old)
{
	struct synth_kernel *k = &f->k;
	uint64_t zone = ZONE(all[i].node, all[i].zone), lists = PERCPU(4 * i);
	uint64_t diffs = old ? lists : PERCPU(4 * i + 1);

	synth_kernel_put(k, zone + WATERMARK, all[i].marks[0], 8);
	synth_kernel_put(k, zone + WATERMARK + 8, all[i].marks[1], 8);
	synth_kernel_put(k, zone + WATERMARK + 16, all[i].marks[2], 8);
	synth_kernel_put(k, zone + BOOST, all[i].boost, 8);
	synth_kernel_put(k, zone + PAGESET, lists, 8);
	synth_kernel_put(k, zone + ZONESTATS, diffs, 8);
	synth_kernel_put(k, zone + MANAGED, more[i].sizes[0], 8);
	synth_kernel_put(k, zone + SPANNED, more[i].sizes[2], 8);
	synth_kernel_put(k, zone + PRESENT, more[i].sizes[1], 8);
	synth_kernel_put(k, zone + NAME, NAMES + 32 * i, 8);
	synth_kernel_text(k, NAMES + 32 * i, all[i].name);
	synth_kernel_put(k, zone + ZONE_STAT + 8 * FREE_ITEM, all[i].counted, 8);
	for (unsigned o = 0; o < ORDERS; o++)
		synth_kernel_put(k, zone + AREAS + o * AREA_SIZE + NR_FREE, more[i].blocks[o], 8);
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		synth_kernel_put(
			k, lists + SYNTH_CPU_OFFSET(cpu) + PCP_COUNT + (old ? PCP_IN_PAGESET : 0),
			more[i].lists[cpu], 4);
		synth_kernel_put(k, diffs + SYNTH_CPU_OFFSET(cpu) + DIFF + FREE_ITEM,
		                 (uint8_t)more[i].diffs[cpu], 1);
	}
}

static void put_node(struct fixture *f, unsigned n)
{
	synth_kernel_put(&f->k, NODE_TABLE + 8 * n, NODE(n), 8);
	synth_kernel_put(&f->k, NODE(n) + NODE_ID, n, 4);
	synth_kernel_put(&f->k, NODE(n) + NODESTATS, PERCPU(20 + n), 8);
	/* Of each node the second CPU has two pages less of the page cache. */
	synth_kernel_put(&f->k, PERCPU(20 + n) + SYNTH_CPU_OFFSET(1) + DIFF, (uint8_t)-2, 1);
}

static void put_counters(struct fixture *f)
{
	static const uint64_t nodes[] = { 5000, 700, 601, 40, 300, 90, 1234, 17, 10, 1024, 20, 33 };
	static const uint64_t zones[] = { 5, 0, 4100 };

	_Static_assert(ARRAY_SIZE(nodes) == ARRAY_SIZE(node_items) - 1, "one for each");
	synth_kernel_symbol(&f->k, "vm_zone_stat", STAT_ZONES);
	synth_kernel_symbol(&f->k, "vm_node_stat", STAT_NODES);
	for (size_t i = 0; i < ARRAY_SIZE(zones); i++)
		synth_kernel_put(&f->k, STAT_ZONES + 8 * i, zones[i], 8);
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++)
		synth_kernel_put(&f->k, STAT_NODES + 8 * i, nodes[i], 8);
}

/* Two block devices with 11 and 12 pages in the cache. */
static void put_devices(struct fixture *f)
{
	const uint64_t ring[] = { SUPER + 16, INODE(0) + 24, INODE(1) + 24 };

	put_number(f, "blockdev_superblock", SUPER);
	synth_kernel_ring(&f->k, ring, ARRAY_SIZE(ring));
	for (unsigned i = 0; i < 2; i++) {
		synth_kernel_put(&f->k, INODE(i) + 8, INODE(i) + 0x400, 8);
		synth_kernel_put(&f->k, INODE(i) + 0x400 + 8, 11 + i, 8);
	}
}

/* Two files of swap, the second of which is being turned off with 64 pages still in use. */
static void put_swap(struct fixture *f)
{
	put_number(f, "total_swap_pages", 1000);
	put_number(f, "nr_swap_pages", 900);
	put_number(f, "nr_swapfiles", 3);
	synth_kernel_symbol(&f->k, "swap_info", SWAP_INFO);
	for (unsigned i = 0; i < 2; i++) {
		synth_kernel_put(&f->k, SWAP_INFO + 16 * i, SWAP_INFO + 0x100 * (i + 1), 8);
		synth_kernel_put(&f->k, SWAP_INFO + 0x100 * (i + 1), i ? 0x401 : 0x403, 8);
		synth_kernel_put(&f->k, SWAP_INFO + 0x100 * (i + 1) + 12, 128, 4);
		synth_kernel_put(&f->k, SWAP_INFO + 0x100 * (i + 1) + 16, 64 | f->swap_mark, 8);
	}
}

/* Huge pages of 2 MiB, the default, and of 1 GiB, which come first. */
static void put_huge(struct fixture *f)
{
	static const uint64_t sizes[2][5] = { { 18, 1, 1, 0, 0 }, { 9, 4, 3, 2, 1 } };

	synth_kernel_symbol(&f->k, "hstates", HSTATES);
	put_number(f, "hugetlb_max_hstate", 2);
	put_number(f, "default_hstate_idx", 1);
	for (unsigned i = 0; i < 2; i++) {
		synth_kernel_put(&f->k, HSTATES + 64 * i + 4, sizes[i][0], 4);
		for (unsigned j = 1; j < 5; j++)
			synth_kernel_put(&f->k, HSTATES + 64 * i + 8 * j, sizes[i][j], 8);
	}
}

static void put_rest(struct fixture *f)
{
	put_number(f, "_totalram_pages", 600000);
	put_number(f, "totalreserve_pages", 2000);
	put_number(f, "sysctl_overcommit_kbytes", 0);
	put_number(f, "sysctl_overcommit_ratio", 50);
	put_number(f, "pcpu_nr_populated", 20);
	put_number(f, "pcpu_nr_units", 2);
	synth_kernel_symbol(&f->k, "vm_committed_as", COMMITTED);
	synth_kernel_put(&f->k, COMMITTED + 8, 5000, 8);
	synth_kernel_put(&f->k, COMMITTED + 16, PERCPU(40), 8);
	synth_kernel_put(&f->k, PERCPU(40) + SYNTH_CPU_OFFSET(0), (uint32_t)-70, 4);
	synth_kernel_put(&f->k, PERCPU(40) + SYNTH_CPU_OFFSET(1), 3, 4);
	synth_kernel_symbol(&f->k, "direct_pages_count", DIRECT);
	for (unsigned i = 1; i < 4; i++)
		synth_kernel_put(&f->k, DIRECT + 8 * i, i, 8);
}

static void put_all(struct fixture *f, bool old)
{
	put_types(f, old);
	put_other_types(f);
	for (unsigned n = 0; n < 2; n++)
		put_node(f, n);
	for (size_t i = 0; i < N; i++)
		put_zone(f, i, old);
	/* Differences of a zone that has no memory are those of all such zones. */
	synth_kernel_put(&f->k, ZONE(1, 2) + ZONESTATS, PERCPU(30), 8);
	synth_kernel_put(&f->k, PERCPU(30) + SYNTH_CPU_OFFSET(0) + DIFF + FREE_ITEM, 99, 1);
	put_counters(f);
	put_devices(f);
	put_swap(f);
	put_huge(f);
	put_rest(f);
	synth_kernel_symbol(&f->k, "node_data", NODE_TABLE);
	put_number(f, "nr_node_ids", 4);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_kernel_init(&f->k);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	zones_done(&f->zones);
	report_free(f->report);
	synth_kernel_done(&f->k);
	free(f->text);
	free(f);
	return 0;
}

static void read_memory(struct fixture *f)
{
	const struct kview *v = synth_kernel_open(&f->k);

	assert_int_equal(zones_read(v, &f->zones), 0);
	assert_int_equal(meminfo_read(v, &f->zones, &f->meminfo), 0);
}

static void check_zones(const struct zones *zones, bool boost)
{
	assert_string_equal(zones->remark, "");
	assert_string_equal(zones->counters, "");
	assert_int_equal(zones->n, N);
	for (size_t i = 0; i < N; i++) {
		const struct zone *z = &zones->list[i];
		uint64_t boosted = boost ? all[i].boost : 0;

		assert_int_equal(z->node, all[i].node);
		assert_int_equal(z->free, all[i].counted + more[i].diffs[0] + more[i].diffs[1]);
		assert_int_equal(z->min, all[i].marks[0] + boosted);
		assert_int_equal(z->low, all[i].marks[1] + boosted);
		assert_int_equal(z->high, all[i].marks[2] + boosted);
		assert_int_equal(z->managed, more[i].sizes[0]);
		assert_int_equal(z->present, more[i].sizes[1]);
		assert_int_equal(z->spanned, more[i].sizes[2]);
		assert_int_equal(z->cpu_lists, more[i].lists[0] + more[i].lists[1]);
		assert_int_equal(z->n_orders, ORDERS);
		assert_memory_equal(z->blocks, more[i].blocks, sizeof(more[i].blocks));
		if (all[i].below)
			assert_string_equal(zone_is_below(z), all[i].below);
		else
			assert_null(zone_is_below(z));
	}
	assert_string_equal(zones->list[0].name, "DMA");
	assert_string_equal(zones->list[1].name, "Nor?al");
}

static void zones_are_read(void **state)
{
	struct fixture *f = *state;

	put_all(f, false);
	read_memory(f);
	check_zones(&f->zones, true);
}

/* One structure for the list and the differences of a CPU, and another name of the watermarks. */
static void zones_of_old_kernels_are_read(void **state)
{
	struct fixture *f = *state;

	put_all(f, true);
	read_memory(f);
	/* The table of members ends there in old kernels: no boost. */
	check_zones(&f->zones, false);
}

static uint64_t row(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->meminfo.n; i++)
		if (streq(f->meminfo.rows[i].name, name))
			return f->meminfo.rows[i].value;
	fail_msg("no row %s", name);
	return 0;
}

static void meminfo_adds_up(void **state)
{
	/* 4100 counted and -231 with the CPUs; low marks 110 + 970 + 40 + 200; half of 1301 and of
	 * 100 is less than these. */
	static const uint64_t free = 4100 + 5 - 105 - 30 - 1 - 100;
	static const struct {
		const char *name;
		uint64_t value;
	} expected[] = {
		{ "MemTotal", 600000 * 4 },
		{ "MemFree", free * 4 },
		{ "MemAvailable", (free - 2000 + 1301 - 650 + 100 - 50) * 4 },
		{ "Buffers", 23 * 4 },
		{ "Cached", (5000 - 4 - 17 - 23) * 4 },
		{ "SwapCached", 17 * 4 },
		{ "Active", 1000 * 4 },
		{ "Inactive", 621 * 4 },
		{ "Active(anon)", 300 * 4 },
		{ "Inactive(file)", 601 * 4 },
		{ "Mlocked", 5 * 4 },
		{ "SwapTotal", 1064 * 4 },
		{ "SwapFree", 964 * 4 },
		{ "KReclaimable", 100 * 4 },
		{ "Slab", 130 * 4 },
		{ "SReclaimable", 90 * 4 },
		{ "SUnreclaim", 40 * 4 },
		{ "KernelStack", 1234 },
		{ "PageTables", 33 * 4 },
		{ "CommitLimit", ((600000 - 4 * 512 - 262144) / 2 + 1000) * 4 },
		{ "Committed_AS", (5000 - 67) * 4 },
		{ "Percpu", 40 * 4 },
		{ "AnonHugePages", 1024 * 4 },
		{ "HugePages_Total", 4 },
		{ "HugePages_Free", 3 },
		{ "HugePages_Rsvd", 2 },
		{ "HugePages_Surp", 1 },
		{ "Hugepagesize", 2048 },
		{ "Hugetlb", (4 * 512 + 262144) * 4 },
		{ "DirectMap4k", 4 },
		{ "DirectMap2M", 2 * 2048 },
		{ "DirectMap1G", UINT64_C(3) << 20 },
	};
	struct fixture *f = *state;

	put_all(f, false);
	read_memory(f);
	assert_string_equal(f->meminfo.remark, "");
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		if (row(f, expected[i].name) != expected[i].value)
			fail_msg("%s: %llu, not %llu", expected[i].name,
			         (unsigned long long)row(f, expected[i].name),
			         (unsigned long long)expected[i].value);
	/* What this kernel does not count is not there. */
	for (size_t i = 0; i < f->meminfo.n; i++)
		assert_string_not_equal(f->meminfo.rows[i].name, "Unaccepted");
	/* The order is that of the kernel. */
	assert_string_equal(f->meminfo.rows[0].name, "MemTotal");
	assert_string_equal(f->meminfo.rows[f->meminfo.n - 1].name, "DirectMap1G");
}

/* The count of what is in use has had a mark in two places. */
static void marks_of_swap_do_not_count(void **state)
{
	struct fixture *f = *state;

	f->swap_mark = UINT64_C(1) << 30 | UINT64_C(1) << 62;
	put_all(f, false);
	read_memory(f);
	assert_int_equal(row(f, "SwapTotal"), 1064 * 4);
}

/* Kernels for one node have no table; those without swap none of its variables. */
static void small_kernels_are_read(void **state)
{
	struct fixture *f = *state;

	put_all(f, false);
	synth_kernel_drop(&f->k, "node_data");
	synth_kernel_drop(&f->k, "total_swap_pages");
	synth_kernel_drop(&f->k, "nr_swap_pages");
	synth_kernel_symbol(&f->k, "contig_page_data", NODE(0));
	read_memory(f);
	assert_string_equal(f->zones.remark, "");
	assert_int_equal(f->zones.n, 2);
	assert_int_equal(row(f, "SwapTotal"), 0);
	assert_int_equal(row(f, "SwapFree"), 0);
}

/* A node that cannot be read costs its zones, and what needs all of them. */
static void broken_nodes_are_told(void **state)
{
	struct fixture *f = *state;

	put_all(f, false);
	synth_kernel_put(&f->k, NODE_TABLE, 0x1000, 8);
	read_memory(f);
	assert_int_equal(f->zones.n, 1);
	assert_string_equal(f->zones.list[0].name, "Normal");
	assert_non_null(strstr(f->meminfo.remark, "MemAvailable"));
	for (size_t i = 0; i < f->meminfo.n; i++)
		assert_string_not_equal(f->meminfo.rows[i].name, "MemAvailable");
	assert_int_equal(row(f, "MemTotal"), 600000 * 4);
}

/* So does what the CPUs have counted. */
static void lost_differences_are_told(void **state)
{
	struct fixture *f = *state;

	put_all(f, false);
	synth_kernel_put(&f->k, ZONE(0, 0) + ZONESTATS, 0x1000, 8);
	read_memory(f);
	assert_int_equal(f->zones.n, N);
	assert_int_equal(f->zones.list[0].free, 3000);
	assert_string_not_equal(f->zones.counters, "");
	assert_string_equal(f->meminfo.remark, f->zones.counters);
}

static void unknown_cpus_are_told(void **state)
{
	struct fixture *f = *state;

	put_all(f, false);
	synth_kernel_drop(&f->k, "__cpu_online_mask");
	read_memory(f);
	assert_int_equal(f->zones.n, N);
	assert_non_null(strstr(f->zones.counters, "the CPUs are not known"));
}

static void kernels_without_types_say_so(void **state)
{
	struct fixture *f = *state;

	put_all(f, false);
	synth_kernel_drop(&f->k, "__start_BTF");
	read_memory(f);
	assert_int_equal(f->zones.n, 0);
	assert_int_equal(f->meminfo.n, 0);
	assert_non_null(strstr(f->zones.remark, "types are not known"));
	assert_non_null(strstr(f->meminfo.remark, "types are not known"));
}

static void check_text(const struct fixture *f, const char *part)
{
	if (!strstr(f->text, part))
		fail_msg("\"%s\" is not in:\n%s", part, strstr(f->text, "\nZones") ?: f->text);
}

static void text_has_memory(void **state)
{
	struct fixture *f = *state;
	size_t len;
	FILE *out = open_memstream(&f->text, &len);

	assert_non_null(out);
	put_all(f, false);
	assert_int_equal(report_open(synth_kernel_dump(&f->k), &f->report), 0);
	assert_int_equal(report_text(f->report, &(struct report_options){}, out), 0);
	assert_int_equal(fclose(out), 0);
	check_text(f, "\nMemory\n  MemTotal                2400000 kB\n");
	check_text(f, "  HugePages_Total               4\n");
	check_text(f, "     0 DMA          11.3M    360.0K    440.0K    520.0K     14.8M     15.6M "
	              "    15.9M     28.0K\n");
	check_text(f, "     1 Normal          0B    404.0K    800.0K");
	check_text(f, "        0B  below min\n");
	check_text(f, "  NODE ZONE        4.0K    8.0K   16.0K   32.0K\n"
	              "     0 DMA            4       3       2       1\n");
	check_text(f, "\nLargest caches\n  remark: the kernel has no structure kmem_cache\n");
	schema_check_report(f->report, "memory/zones");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(zones_are_read),
		TEST(zones_of_old_kernels_are_read),
		TEST(meminfo_adds_up),
		TEST(marks_of_swap_do_not_count),
		TEST(small_kernels_are_read),
		TEST(broken_nodes_are_told),
		TEST(lost_differences_are_told),
		TEST(unknown_cpus_are_told),
		TEST(kernels_without_types_say_so),
		TEST(text_has_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
