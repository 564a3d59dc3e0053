// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * meminfo.c - /proc/meminfo of a crashed kernel, see meminfo.h.
 *
 * The rows follow fs/proc/meminfo.c, si_mem_available() and si_meminfo() of mm/show_mem.c,
 * si_swapinfo() of mm/swapfile.c, vm_commit_limit() of mm/util.c and hugetlb_report_meminfo() of
 * mm/hugetlb.c, Linux 6.12. Some counters belong to zones in one version and to nodes in another,
 * so each name is looked for in both.
 */
#include "vmcore/report/meminfo.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/kernel/list.h"
#include "vmcore/view/kcopy.h"
#include "vmcore/view/percpu.h"

/* Limits against broken dumps: files of swap (MAX_SWAPFILES is 32 or less), sizes of huge pages
 * (HUGE_MAX_HSTATE is 4 at most), block devices. */
#define MAX_SWAP_FILES   32
#define MAX_HUGE_SIZES   8
#define MAX_BLOCKDEVICES (1U << 20)

/* include/linux/swap.h: the file is in use; pages may be written to it. */
#define SWP_USED    1
#define SWP_WRITEOK 2

/* A flag in the number of pages in use, SWAP_USAGE_OFFLIST_BIT of mm/swapfile.c: bit 30 from Linux
 * 6.13 on, later bit 62, since a swap file can have that many pages. */
#define SWAP_MARK_OLD (UINT64_C(1) << 30)
#define SWAP_MARK     (UINT64_C(1) << 62)

enum { HUGE_ORDER, HUGE_TOTAL, HUGE_FREE, HUGE_RESERVED, HUGE_SURPLUS, HUGE_MEMBERS };

static const char *const huge_members[HUGE_MEMBERS] = {
	[HUGE_ORDER] = "order",
	[HUGE_TOTAL] = "nr_huge_pages",
	[HUGE_FREE] = "free_huge_pages",
	[HUGE_RESERVED] = "resv_huge_pages",
	[HUGE_SURPLUS] = "surplus_huge_pages",
};

enum { SWAP_FLAGS, SWAP_IN_USE, SWAP_PAGES, SWAP_MEMBERS };

static const char *const swap_members[SWAP_MEMBERS] = {
	[SWAP_FLAGS] = "flags", [SWAP_IN_USE] = "inuse_pages", [SWAP_PAGES] = "pages"
};

enum { INODE_LIST, INODE_MAPPING, INODE_MEMBERS };

static const char *const inode_members[INODE_MEMBERS] = {
	[INODE_LIST] = "i_sb_list", [INODE_MAPPING] = "i_mapping"
};

struct reading {
	const struct kview *v;
	const struct zones *zones;
	struct ktype hstate;
	struct kcopy huge; /* struct hstate of the default size; type is NULL when there is none */
	uint64_t huge_pages; /* of all sizes, counted in small pages */
};

struct row;

/* Returns the value of a row in its unit; -ENOENT when the kernel does not count this. */
typedef int row_fn(struct reading *rd, const struct row *row, int64_t *ret);

struct row {
	const char *name;
	row_fn *get;
	const char *from, *plus; /* the counters that it adds; of names with | the first counts */
	unsigned member;         /* of struct hstate */
	enum unit { PAGES, KILOBYTES, NUMBER } unit;
};

static int one_counter(const struct reading *rd, const char *names, int64_t *ret)
{
	const struct zone_counters *all[] = { &rd->zones->node_counters,
		                              &rd->zones->zone_counters };
	const char *rest = names;
	char name[64];
	int64_t nr;

	while (ktype_next_name(&rest, name, sizeof(name)))
		for (size_t i = 0; i < ARRAY_SIZE(all); i++)
			if (kview_enumerator(rd->v, all[i]->items, name, &nr) == 0 && nr >= 0 &&
			    nr < all[i]->n) {
				*ret = MAX(all[i]->of[nr], 0);
				return 0;
			}
	return -ENOENT;
}

static int counter(struct reading *rd, const struct row *row, int64_t *ret)
{
	int64_t first, second = 0;
	int r = one_counter(rd, row->from, &first);

	if (r < 0)
		return r;
	/* The kernel may be older than the second counter. */
	if (row->plus)
		one_counter(rd, row->plus, &second);
	*ret = first + second;
	return 0;
}

/* Up to Linux 5.10 the kernel counted huge pages, not small pages in them. The version that changed
 * this also made NR_PAGETABLE a counter of nodes. */
static int huge_counter(struct reading *rd, const struct row *row, int64_t *ret)
{
	int64_t nr;
	int r = counter(rd, row, ret);

	if (r < 0)
		return r;
	if (kview_enumerator(rd->v, "node_stat_item", "NR_PAGETABLE", &nr) < 0)
		*ret <<= rd->v->ks->dump->page_shift - 3;
	return 0;
}

static int long_variable(const struct reading *rd, const char *names, int64_t *ret)
{
	const char *rest = names;
	int r = -ENOENT;
	char name[64];
	uint64_t n;

	while (r == -ENOENT && ktype_next_name(&rest, name, sizeof(name)))
		r = kview_number(rd->v, name, 8, &n);
	if (r < 0)
		return r;
	*ret = MAX((int64_t)n, 0);
	return 0;
}

/* A variable, or the counter that replaced it. */
static int variable(struct reading *rd, const struct row *row, int64_t *ret)
{
	int r = long_variable(rd, row->from, ret);

	return r == -ENOENT && row->plus ? one_counter(rd, row->plus, ret) : r;
}

/* How many of @pages can be freed before the system has to swap. */
static int64_t takeable(int64_t pages, int64_t low)
{
	return pages - MIN(pages / 2, low);
}

/* More pages than any machine has. */
static bool is_absurd(int64_t pages)
{
	return pages > INT64_C(1) << 52 || pages < -(INT64_C(1) << 52);
}

static int available(struct reading *rd, const struct row *row, int64_t *ret)
{
	int64_t n, reserved, active, inactive, slab, misc = 0, low = rd->zones->all_low;
	int r;

	if (rd->zones->remark[0])
		return errf(-ENODATA, "MemAvailable is not known: not all zones are");
	if ((r = one_counter(rd, "NR_FREE_PAGES", &n)) < 0 ||
	    (r = long_variable(rd, "totalreserve_pages", &reserved)) < 0 ||
	    (r = one_counter(rd, "NR_ACTIVE_FILE", &active)) < 0 ||
	    (r = one_counter(rd, "NR_INACTIVE_FILE", &inactive)) < 0 ||
	    (r = one_counter(rd, "NR_SLAB_RECLAIMABLE_B|NR_SLAB_RECLAIMABLE", &slab)) < 0)
		return r;
	one_counter(rd, "NR_KERNEL_MISC_RECLAIMABLE", &misc);
	if (is_absurd(n) || is_absurd(reserved) || is_absurd(active) || is_absurd(inactive) ||
	    is_absurd(slab) || is_absurd(misc) || is_absurd(low))
		return errf(-EBADMSG, "MemAvailable is not known: counters are overwritten");
	n += takeable(active + inactive, low) + takeable(slab + misc, low) - reserved;
	*ret = MAX(n, 0);
	return 0;
}

/* The page cache of block devices, whose inodes are in a file system of their own. */
static int buffers(struct reading *rd, const struct row *row, int64_t *ret)
{
	_cleanup_(kcopy_done) struct kcopy c = {};
	struct btf_member inodes, pages;
	struct list_walk w;
	struct ktype inode;
	uint64_t super, node, n;
	int64_t all = 0;
	int r;

	if ((r = kview_number(rd->v, "blockdev_superblock", 8, &super)) < 0 ||
	    (r = btf_member(rd->v->types, "super_block", "s_inodes", &inodes)) < 0 ||
	    (r = btf_member(rd->v->types, "address_space", "nrpages", &pages)) < 0 ||
	    (r = ktype_find(rd->v->types, "inode", inode_members, INODE_MEMBERS, &inode)) < 0)
		return r;
	w = list_walk(rd->v->ks, super + inodes.offset, MAX_BLOCKDEVICES);
	while ((r = list_next(&w, &node)) > 0) {
		if ((r = kcopy_read(&c, rd->v->ks, &inode,
		                    ktype_around(&inode, INODE_LIST, node))) < 0 ||
		    (r = kspace_u64(rd->v->ks, kcopy_u64(&c, INODE_MAPPING) + pages.offset, &n)) <
		            0)
			return r;
		all += n;
	}
	if (r < 0)
		return r;
	*ret = all;
	return 0;
}

/* Before NR_SWAPCACHE (5.12) it is known only to be 0 when there is no swap. */
static int swap_cached(struct reading *rd, const struct row *row, int64_t *ret)
{
	int64_t swap;

	if (one_counter(rd, "NR_SWAPCACHE", ret) == 0)
		return 0;
	if (long_variable(rd, "total_swap_pages", &swap) == 0 && swap > 0)
		return -ENOENT;
	*ret = 0;
	return 0;
}

static int cached(struct reading *rd, const struct row *row, int64_t *ret)
{
	int64_t files, swap, devices;
	int r;

	if ((r = one_counter(rd, "NR_FILE_PAGES", &files)) < 0 ||
	    (r = swap_cached(rd, row, &swap)) < 0 || (r = buffers(rd, row, &devices)) < 0)
		return r;
	*ret = MAX(files - swap - devices, 0);
	return 0;
}

/* Pages in use in swap files that are being turned off, which the kernel's sums leave out. */
static int swap_leaving(struct reading *rd, int64_t *ret)
{
	_cleanup_(kcopy_done) struct kcopy c = {};
	uint64_t n, table, file;
	struct ktype t;
	int64_t all = 0;
	int r;

	if ((r = kview_number(rd->v, "nr_swapfiles", 4, &n)) < 0 ||
	    (r = kview_address(rd->v, "swap_info", &table)) < 0 ||
	    (r = ktype_find(rd->v->types, "swap_info_struct", swap_members, SWAP_MEMBERS, &t)) < 0)
		return r;
	for (uint64_t i = 0; i < MIN(n, MAX_SWAP_FILES); i++) {
		r = kspace_u64(rd->v->ks, table + 8 * i, &file);
		if (r < 0)
			return r;
		if (file == 0)
			continue;
		r = kcopy_read(&c, rd->v->ks, &t, file);
		if (r < 0)
			return r;
		if ((kcopy_u64(&c, SWAP_FLAGS) & (SWP_USED | SWP_WRITEOK)) == SWP_USED) {
			uint64_t used = kcopy_u64(&c, SWAP_IN_USE) & ~SWAP_MARK;

			if (used > kcopy_u64(&c, SWAP_PAGES))
				used &= ~SWAP_MARK_OLD;
			all += used;
		}
	}
	*ret = all;
	return 0;
}

/* Kernels without CONFIG_SWAP have none of the variables. */
static int swap(struct reading *rd, const struct row *row, int64_t *ret)
{
	int64_t pages, leaving = 0;
	int r = long_variable(rd, row->from, &pages);

	if (r == 0)
		r = swap_leaving(rd, &leaving);
	if (r < 0 && r != -ENOENT)
		return r;
	*ret = r < 0 ? 0 : pages + leaving;
	return 0;
}

static int commit_limit(struct reading *rd, const struct row *row, int64_t *ret)
{
	int64_t pages, fixed, swap_pages;
	uint64_t ratio;
	int r;

	if ((r = long_variable(rd, "sysctl_overcommit_kbytes", &fixed)) < 0 ||
	    (r = kview_number(rd->v, "sysctl_overcommit_ratio", 4, &ratio)) < 0 ||
	    (r = long_variable(rd, "_totalram_pages|totalram_pages", &pages)) < 0)
		return r;
	if (long_variable(rd, "total_swap_pages", &swap_pages) < 0)
		swap_pages = 0;
	pages -= MIN(pages, (int64_t)rd->huge_pages);
	pages = fixed ? fixed >> (rd->v->ks->dump->page_shift - 10)
	              : (int64_t)((double)pages * (uint32_t)ratio / 100);
	*ret = pages + swap_pages;
	return 0;
}

/* A struct percpu_counter. */
static int committed(struct reading *rd, const struct row *row, int64_t *ret)
{
	static const char *const members[] = { "count", "?counters" };
	_cleanup_(kcopy_done) struct kcopy c = {};
	struct ktype t;
	uint64_t address;
	int64_t sum;
	int r;

	if ((r = kview_address(rd->v, row->from, &address)) < 0 ||
	    (r = ktype_find(rd->v->types, "percpu_counter", members, 2, &t)) < 0)
		return r;
	if ((r = kcopy_read(&c, rd->v->ks, &t, address)) < 0 ||
	    (r = percpu_counter_sum(rd->v, kcopy_s64(&c, 0), kcopy_u64(&c, 1), &sum)) < 0)
		return r;
	*ret = MAX(sum, 0);
	return 0;
}

static int percpu(struct reading *rd, const struct row *row, int64_t *ret)
{
	uint64_t units;
	int64_t pages;
	int r;

	if ((r = long_variable(rd, "pcpu_nr_populated", &pages)) < 0 ||
	    (r = kview_number(rd->v, "pcpu_nr_units", 4, &units)) < 0)
		return r;
	*ret = pages * (int64_t)units;
	return 0;
}

static int huge(struct reading *rd, const struct row *row, int64_t *ret)
{
	if (!rd->huge.type)
		return -ENOENT;
	*ret = row->member == HUGE_ORDER ? INT64_C(1) << (kcopy_u64(&rd->huge, HUGE_ORDER) & 31)
	                                 : kcopy_s64(&rd->huge, row->member);
	return 0;
}

static int hugetlb(struct reading *rd, const struct row *row, int64_t *ret)
{
	if (!rd->huge.type)
		return -ENOENT;
	*ret = rd->huge_pages;
	return 0;
}

/* The part of the direct map with pages of one size, x86_64 only (arch/x86/mm/pat/set_memory.c). */
static int direct_map(struct reading *rd, const struct row *row, int64_t *ret)
{
	uint64_t table, n;
	int64_t level;
	int r;

	if ((r = kview_address(rd->v, "direct_pages_count", &table)) < 0 ||
	    (r = kview_enumerator(rd->v, "pg_level", row->from, &level)) < 0)
		return r;
	/* PG_LEVEL_4K is 1, and a page of each level has 512 of the level below. */
	if (level < 1 || level > 3)
		return -ENOENT;
	r = kspace_u64(rd->v->ks, table + 8 * level, &n);
	if (r < 0)
		return r;
	*ret = n << 9 * (level - 1);
	return 0;
}

static const struct row rows[] = {
	{ "MemTotal", variable, "_totalram_pages|totalram_pages" },
	{ "MemFree", counter, "NR_FREE_PAGES" },
	{ "MemAvailable", available },
	{ "Buffers", buffers },
	{ "Cached", cached },
	{ "SwapCached", swap_cached },
	{ "Active", counter, "NR_ACTIVE_ANON", "NR_ACTIVE_FILE" },
	{ "Inactive", counter, "NR_INACTIVE_ANON", "NR_INACTIVE_FILE" },
	{ "Active(anon)", counter, "NR_ACTIVE_ANON" },
	{ "Inactive(anon)", counter, "NR_INACTIVE_ANON" },
	{ "Active(file)", counter, "NR_ACTIVE_FILE" },
	{ "Inactive(file)", counter, "NR_INACTIVE_FILE" },
	{ "Unevictable", counter, "NR_UNEVICTABLE" },
	{ "Mlocked", counter, "NR_MLOCK" },
	{ "SwapTotal", swap, "total_swap_pages" },
	{ "SwapFree", swap, "nr_swap_pages" },
	{ "Dirty", counter, "NR_FILE_DIRTY" },
	{ "Writeback", counter, "NR_WRITEBACK" },
	{ "AnonPages", counter, "NR_ANON_MAPPED" },
	{ "Mapped", counter, "NR_FILE_MAPPED" },
	{ "Shmem", counter, "NR_SHMEM" },
	{ "KReclaimable", counter, "NR_SLAB_RECLAIMABLE_B|NR_SLAB_RECLAIMABLE",
	  "NR_KERNEL_MISC_RECLAIMABLE" },
	{ "Slab", counter, "NR_SLAB_RECLAIMABLE_B|NR_SLAB_RECLAIMABLE",
	  "NR_SLAB_UNRECLAIMABLE_B|NR_SLAB_UNRECLAIMABLE" },
	{ "SReclaimable", counter, "NR_SLAB_RECLAIMABLE_B|NR_SLAB_RECLAIMABLE" },
	{ "SUnreclaim", counter, "NR_SLAB_UNRECLAIMABLE_B|NR_SLAB_UNRECLAIMABLE" },
	{ "KernelStack", counter, "NR_KERNEL_STACK_KB", .unit = KILOBYTES },
	{ "ShadowCallStack", counter, "NR_KERNEL_SCS_KB", .unit = KILOBYTES },
	{ "PageTables", counter, "NR_PAGETABLE" },
	{ "SecPageTables", counter, "NR_SECONDARY_PAGETABLE" },
	{ "NFS_Unstable", counter, "NR_UNSTABLE_NFS" },
	{ "Bounce", counter, "NR_BOUNCE" },
	{ "WritebackTmp", counter, "NR_WRITEBACK_TEMP" },
	{ "CommitLimit", commit_limit },
	{ "Committed_AS", committed, "vm_committed_as" },
	{ "VmallocUsed", variable, "nr_vmalloc_pages", "NR_VMALLOC" },
	{ "Percpu", percpu },
	{ "HardwareCorrupted", variable, "num_poisoned_pages" },
	{ "AnonHugePages", huge_counter, "NR_ANON_THPS" },
	{ "ShmemHugePages", huge_counter, "NR_SHMEM_THPS" },
	{ "ShmemPmdMapped", huge_counter, "NR_SHMEM_PMDMAPPED" },
	{ "FileHugePages", huge_counter, "NR_FILE_THPS" },
	{ "FilePmdMapped", huge_counter, "NR_FILE_PMDMAPPED" },
	{ "CmaTotal", variable, "totalcma_pages" },
	{ "CmaFree", counter, "NR_FREE_CMA_PAGES" },
	{ "Unaccepted", counter, "NR_UNACCEPTED" },
	{ "Balloon", counter, "NR_BALLOON_PAGES" },
	{ "GPUActive", counter, "NR_GPU_ACTIVE" },
	{ "GPUReclaim", counter, "NR_GPU_RECLAIM" },
	{ "HugePages_Total", huge, .member = HUGE_TOTAL, .unit = NUMBER },
	{ "HugePages_Free", huge, .member = HUGE_FREE, .unit = NUMBER },
	{ "HugePages_Rsvd", huge, .member = HUGE_RESERVED, .unit = NUMBER },
	{ "HugePages_Surp", huge, .member = HUGE_SURPLUS, .unit = NUMBER },
	{ "Hugepagesize", huge, .member = HUGE_ORDER },
	{ "Hugetlb", hugetlb },
	{ "DirectMap4k", direct_map, "PG_LEVEL_4K" },
	{ "DirectMap2M", direct_map, "PG_LEVEL_2M" },
	{ "DirectMap1G", direct_map, "PG_LEVEL_1G" },
};
_Static_assert(ARRAY_SIZE(rows) <= MEMINFO_ROWS, "room for all rows");

/* Counts huge pages of all sizes, and keeps the default size in rd->huge. */
static int read_huge(struct reading *rd)
{
	_cleanup_(kcopy_done) struct kcopy c = {};
	uint64_t table, n, which;
	int r;

	if ((r = kview_address(rd->v, "hstates", &table)) < 0 ||
	    (r = kview_number(rd->v, "hugetlb_max_hstate", 4, &n)) < 0 ||
	    (r = kview_number(rd->v, "default_hstate_idx", 4, &which)) < 0 ||
	    (r = ktype_find(rd->v->types, "hstate", huge_members, HUGE_MEMBERS, &rd->hstate)) < 0)
		return r;
	for (uint64_t i = 0; i < MIN(n, MAX_HUGE_SIZES); i++) {
		r = kcopy_read(&c, rd->v->ks, &rd->hstate, table + i * rd->hstate.size);
		if (r < 0)
			return r;
		rd->huge_pages += kcopy_u64(&c, HUGE_TOTAL) << (kcopy_u64(&c, HUGE_ORDER) & 31);
		if (i == which)
			rd->huge = TAKE_STRUCT(c);
	}
	return 0;
}

/* A kernel that lacks a counter is no fault. */
static int note_fault(struct meminfo *m, int error)
{
	return error == -ENOENT ? 0 : err_note(error, m->remark);
}

static int read_rows(struct reading *rd, struct meminfo *m)
{
	unsigned shift = rd->v->ks->dump->page_shift - 10;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t value;
		int r = rows[i].get(rd, &rows[i], &value);

		if (r == 0)
			m->rows[m->n++] = (struct meminfo_row){
				.name = rows[i].name,
				.value = (uint64_t)value << (rows[i].unit == PAGES ? shift : 0),
				.number = rows[i].unit == NUMBER,
			};
		r = note_fault(m, r);
		if (r < 0)
			return r;
	}
	return 0;
}

int meminfo_read(const struct kview *v, const struct zones *z, struct meminfo *ret)
{
	struct reading rd = { .v = v, .zones = z };
	int r;

	*ret = (struct meminfo){};
	if (!v->types)
		return note_fault(
			ret, errf(-ENODATA, "the kernel's types are not known: %s", v->no_types));
	snprintf(ret->remark, sizeof(ret->remark), "%s", z->counters);
	r = note_fault(ret, read_huge(&rd));
	if (r < 0)
		return r;
	r = read_rows(&rd, ret);
	kcopy_done(&rd.huge);
	return r;
}
