// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-kernel.c - the way into a kernel's memory when it is not what it should be: page tables,
 * memory map, struct pages, log, tasks; the survey, the filter, the estimate, convert and verify.
 *
 * There is a small machine where all is well. The bytes are what is wrong with it: first one with
 * the dump level and the format to write, then changes of eleven bytes, each a key of VMCOREINFO or
 * eight bytes of memory that get another value.
 */
#include <endian.h>
#include <stdio.h>

#include "tests/fuzz/fuzz.h"
#include "vmcore/filter/estimate.h"
#include "vmcore/filter/verify.h"

#define PAGE    UINT64_C(4096)
#define PAGES   16                           /* in the file */
#define TIMES   32                           /* that they come again: two sections of memory */
#define IMAGE   UINT64_C(0xffffffff80000000) /* page 0 */
#define DIRECT  UINT64_C(0xffff888000000000) /* all 16 pages; their own page tables are ... */
#define TABLES  1                            /* ... pages 1 to 4 */
#define LOG     5                            /* descriptors, text */
#define TASK    7                            /* and its stack */
#define MEMMAP  8                            /* up to the end: struct pages of 256 pages, twice */
#define SECTION 256                          /* pages */

/* In the kernel image. */
enum {
	UTS = 0x100,
	ROOTS = 0x400,    /* of the memory map */
	SECTIONS = 0x500, /* the array that they lead to */
	PRB = 0x600,
	RING = 0x610,
	TOP = TABLES * PAGE,
};

struct key {
	const char *name;
	uint64_t value;
	bool absent; /* unless a change gives a value */
};

static const struct key machine_keys[] = {
	{ "PAGESIZE", PAGE },
	{ "SYMBOL(init_uts_ns)", IMAGE + UTS },
	{ "OFFSET(uts_namespace.name)", 0 },
	{ "SYMBOL(init_top_pgt)", IMAGE + TOP },
	{ "SYMBOL(swapper_pg_dir)", IMAGE + TOP, true },
	{ "NUMBER(phys_base)", 0 },
	{ "NUMBER(pgtable_l5_enabled)", 0 },
	{ "NUMBER(sme_mask)", 0 },
	{ "NUMBER(KERNEL_IMAGE_SIZE)", MIB(1024) },
	{ "CRASHTIME", 1795442701 },

	{ "SYMBOL(mem_section)", IMAGE + ROOTS },
	{ "LENGTH(mem_section)", 64 },
	{ "SIZE(mem_section)", 16 },
	{ "OFFSET(mem_section.section_mem_map)", 0 },
	{ "NUMBER(SECTION_SIZE_BITS)", 20 },
	{ "NUMBER(MAX_PHYSMEM_BITS)", 34 },

	{ "SIZE(page)", 64 },
	{ "OFFSET(page.flags)", 0 },
	{ "OFFSET(page.compound_head)", 8 },
	{ "OFFSET(page.compound_info)", 8, true },
	{ "OFFSET(page.mapping)", 24 },
	{ "OFFSET(page.private)", 40 },
	{ "OFFSET(page._mapcount)", 48 },
	{ "OFFSET(folio._folio_order)", 81, true },
	{ "OFFSET(folio._folio_dtor)", 80, true },
	{ "OFFSET(page.compound_order)", 17, true },
	{ "OFFSET(page.compound_dtor)", 16, true },
	{ "NUMBER(HUGETLB_PAGE_DTOR)", 2, true },
	{ "NUMBER(PG_hugetlb)", 8, true },
	{ "NUMBER(PG_slab)", 9, true },
	{ "NUMBER(PG_lru)", 5 },
	{ "NUMBER(PG_private)", 14 },
	{ "NUMBER(PG_swapcache)", 10 },
	{ "NUMBER(PG_swapbacked)", 17 },
	{ "NUMBER(PG_hwpoison)", 20 },
	{ "NUMBER(PG_head_mask)", 1 << 6 },
	{ "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", 0xf0000000 },
	{ "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)", 0xf1000000 },
	{ "NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)", 0xf4000000 },
	{ "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)", 0xf5000000 },
	{ "NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)", 0xf7000000 },
	{ "LENGTH(zone.free_area)", 11 },

	{ "SYMBOL(prb)", IMAGE + PRB },
	{ "OFFSET(printk_ringbuffer.desc_ring)", 0 },
	{ "OFFSET(printk_ringbuffer.text_data_ring)", 48 },
	{ "OFFSET(prb_desc_ring.count_bits)", 0 },
	{ "OFFSET(prb_desc_ring.descs)", 8 },
	{ "OFFSET(prb_desc_ring.infos)", 16 },
	{ "OFFSET(prb_desc_ring.head_id)", 24 },
	{ "OFFSET(prb_desc_ring.tail_id)", 32 },
	{ "OFFSET(prb_desc.state_var)", 0 },
	{ "OFFSET(prb_desc.text_blk_lpos)", 8 },
	{ "OFFSET(prb_data_blk_lpos.begin)", 0 },
	{ "OFFSET(prb_data_blk_lpos.next)", 8 },
	{ "OFFSET(printk_info.ts_nsec)", 8 },
	{ "OFFSET(printk_info.text_len)", 16 },
	{ "OFFSET(prb_data_ring.size_bits)", 0 },
	{ "OFFSET(prb_data_ring.data)", 8 },
	{ "OFFSET(atomic_long_t.counter)", 0 },
	{ "SIZE(prb_desc)", 24 },
	{ "SIZE(printk_info)", 88 },

	{ "SYMBOL(init_task)", DIRECT + TASK *PAGE },
	{ "SIZE(task_struct)", 256 },
	{ "OFFSET(task_struct.tasks)", 16 },
	{ "OFFSET(task_struct.stack)", 32 },
};

/* Memory and keys as they are changed. */
struct machine {
	uint64_t words[PAGES * PAGE / 8];
	struct key keys[ARRAY_SIZE(machine_keys)];
	char info[80 * ARRAY_SIZE(machine_keys)];
};

static void put(struct machine *m, uint64_t pa, uint64_t value)
{
	m->words[pa / 8] = htole64(value);
}

static void put_names(struct machine *m)
{
	static const char *const names[6] = { "Linux",  "fuzz",   "6.12.48",
		                              "#1 SMP", "x86_64", "(none)" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		strcpy((char *)m->words + UTS + i * 65, names[i]);
}

/* One way through four levels of tables, on which both the direct map and the image lie. */
static void put_tables(struct machine *m)
{
	const uint64_t present = 0x63;
	const unsigned direct = DIRECT >> 39 & 511;

	put(m, TOP + direct * 8, (TABLES + 1) * PAGE | present);
	put(m, TOP + 511 * 8, (TABLES + 1) * PAGE | present);
	put(m, (TABLES + 1) * PAGE, (TABLES + 2) * PAGE | present);
	put(m, (TABLES + 1) * PAGE + 510 * 8, (TABLES + 2) * PAGE | present);
	put(m, (TABLES + 2) * PAGE, (TABLES + 3) * PAGE | present);
	for (unsigned i = 0; i < PAGES; i++)
		put(m, (TABLES + 3) * PAGE + i * 8, i * PAGE | present);
}

/* A record of four that fit the ring. */
static void put_log(struct machine *m)
{
	const uint64_t descs = LOG * PAGE, infos = descs + 512, text = descs + PAGE;

	put(m, PRB, IMAGE + RING);
	put(m, RING, 2);
	put(m, RING + 8, DIRECT + descs);
	put(m, RING + 16, DIRECT + infos);
	put(m, RING + 24, 7);
	put(m, RING + 32, 6);
	put(m, RING + 48, 8);
	put(m, RING + 56, DIRECT + text);
	for (unsigned id = 6; id < 8; id++) {
		unsigned slot = id % 4;

		put(m, descs + slot * 24, (id == 6 ? UINT64_C(2) << 62 : 0) | id);
		put(m, descs + slot * 24 + 8, slot * 64);
		put(m, descs + slot * 24 + 16, slot * 64 + 64);
		put(m, infos + slot * 88 + 8, id * UINT64_C(1234567890));
		put(m, infos + slot * 88 + 16, 8);
		put(m, text + slot * 64, id);
		memcpy(&m->words[(text + slot * 64 + 8) / 8], "one\ntwo", 8);
	}
}

static void put_task(struct machine *m)
{
	const uint64_t task = TASK * PAGE;

	put(m, task + 16, DIRECT + task + 256 + 16);
	put(m, task + 32, DIRECT + task);
	put(m, task + 256 + 16, DIRECT + task + 16);
	put(m, task + 256 + 32, DIRECT + task);
}

/* Struct pages of every kind, in blocks of four and of one. */
static void put_memmap(struct machine *m)
{
	static const struct {
		uint64_t flags, mapping, private;
		uint32_t mapcount;
	} kinds[] = {
		{ 0, 0, 0, -1 },                       /* the kernel's */
		{ 0, 0, 2, 0xf0000000 },               /* free */
		{ 1 << 5, DIRECT, 0, 0 },              /* cache */
		{ 1 << 5 | 1 << 14, DIRECT, 0, 0 },    /* with private data */
		{ 1 << 6, DIRECT | 1, 0, 0 },          /* a process's, of four */
		{ 1 << 6, 0, 0, 0xf4000000 },          /* hugetlb */
		{ 1 << 5, DIRECT | 1, 0, 0xf5000000 }, /* slab */
		{ 1 << 20, 0, 0, -1 },                 /* poisoned */
		{ 0, 0, 0, 0xf1000000 },               /* offline */
		{ 0, 0, 0, 0xf7000000 },               /* unaccepted */
	};

	for (unsigned nr = 0; nr < 2; nr++) {
		put(m, ROOTS + nr * 8, IMAGE + SECTIONS);
		put(m, SECTIONS + nr * 16, (DIRECT + MEMMAP * PAGE) | 0xf);
	}
	/* The first pages are the kernel's own. */
	for (unsigned pfn = 0; pfn < 2 * SECTION; pfn++) {
		unsigned kind = pfn < PAGES ? 0 : pfn / 4 % ARRAY_SIZE(kinds);
		uint64_t at = MEMMAP * PAGE + pfn * 64;

		put(m, at, pfn % 4 ? 0 : kinds[kind].flags);
		if (kinds[kind].flags & 1 << 6 && pfn % 4)
			put(m, at + 8, (DIRECT + ALIGN_DOWN(at, 256)) | 1);
		if (kinds[kind].flags & 1 << 6 && pfn % 4 == 1)
			put(m, at, 2);
		put(m, at + 24, pfn % 4 ? 0 : kinds[kind].mapping);
		put(m, at + 40, pfn % 4 ? 0 : kinds[kind].private);
		put(m, at + 48, pfn % 4 ? UINT32_MAX : kinds[kind].mapcount);
	}
}

static void machine_init(struct machine *m)
{
	memcpy(m->keys, machine_keys, sizeof(machine_keys));
	put_names(m);
	put_tables(m);
	put_log(m);
	put_task(m);
	put_memmap(m);
}

/* 0 to 127: a key, which an odd second number takes away; above: memory. */
static void machine_change(struct machine *m, const uint8_t *change)
{
	struct key *key = &m->keys[change[0] % ARRAY_SIZE(m->keys)];
	uint16_t where;
	uint64_t value;

	memcpy(&where, change + 1, sizeof(where));
	memcpy(&value, change + 3, sizeof(value));
	where = le16toh(where);
	if (change[0] & 0x80) {
		m->words[where % ARRAY_SIZE(m->words)] = value;
	} else {
		key->value = le64toh(value);
		key->absent = where & 1;
	}
}

static void machine_tell(struct machine *m)
{
	size_t len = sprintf(m->info, "OSRELEASE=6.12.48\n");

	for (size_t i = 0; i < ARRAY_SIZE(m->keys); i++) {
		const struct key *key = &m->keys[i];
		bool symbol = strncmp(key->name, "SYMBOL", 6) == 0;

		if (!key->absent)
			len += sprintf(m->info + len, symbol ? "%s=%llx\n" : "%s=%lld\n", key->name,
			               (unsigned long long)key->value);
	}
}

static void estimate(const struct dump *d, const struct fuzz_converted *c)
{
	_cleanup_(bitmap_done) struct bitmap pages = {};
	struct estimate e;

	if (filter_all(d, &pages) < 0 ||
	    estimate_run(d, c->selection.ks, &c->selection.needed[NEEDED_ALL], &pages, NULL, 0,
	                 &e) < 0)
		return;
	for (unsigned level = 0; level <= LEVEL_MAX; level++)
		fuzz_check(estimate_level(&e, level).pages <= e.pages);
}

/* True if each page that readers need was saved, but for pages that are not safe to read. */
static bool has_needed(const struct dump *d, const struct selection *s)
{
	const struct bitmap *needed = &s->needed[NEEDED_ALL];
	_cleanup_(bitmap_done) struct bitmap pages = {};

	if (selection_pages(d, false, &pages) < 0)
		return false;
	for (uint64_t pfn = 0; (pfn = bitmap_next_set(needed, pfn)) < needed->bits; pfn++)
		if (bitmap_test(&pages, pfn) && !bitmap_test(&s->keep, pfn))
			return false;
	return true;
}

/* Then a look through both finds the same. */
static void check_needed(const struct dump *d, const struct fuzz_converted *c)
{
	struct verify_result before, after;

	if (!has_needed(d, &c->selection) || verify_dump(d, 0, &before) < 0)
		return;
	fuzz_check(verify_dump(c->dump, 0, &after) == 0 && after.missing == before.missing &&
	           after.broken == before.broken);
}

/* All that is done with a dump, and with what was made of it. */
static void use(const struct dump *d, unsigned level, const struct writer_format *f)
{
	struct fuzz_converted c, again;

	if (!fuzz_convert(d, level, f, &c))
		return;
	estimate(d, &c);
	check_needed(d, &c);
	if (fuzz_convert(c.dump, level, writer_formats[0], &again))
		fuzz_converted_done(&again);
	fuzz_converted_done(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ struct machine *m = calloc(1, sizeof(*m));
	_cleanup_free_ uint8_t *core = NULL;
	_cleanup_(dump_freep) struct dump *d = NULL;
	size_t len;

	fuzz_check(m);
	machine_init(m);
	for (size_t at = 1; at + 11 <= size; at += 11)
		machine_change(m, data + at);
	machine_tell(m);
	core = fuzz_make_core(&(struct fuzz_core){ .info = m->info,
	                                           .memory = (const uint8_t *)m->words,
	                                           .size = sizeof(m->words),
	                                           .times = TIMES,
	                                           .stack = DIRECT + TASK * PAGE + 2048,
	                                           .image_va = IMAGE },
	                      &len);
	d = fuzz_open(core, len);
	if (d)
		use(d, size ? data[0] % 32 : 0, writer_formats[size ? data[0] >> 5 & 1 : 0]);
	return 0;
}
