// SPDX-License-Identifier: GPL-2.0-or-later
/* synth.c - a crashed x86_64 machine in memory, see synth.h. */
#include "tests/unit/synth.h"

#include <elf.h>

#define PAGE          UINT64_C(4096)
#define NOTES_OFFSET  KIB(8)
#define RAM_OFFSET    KIB(64)
#define STRUCTURES    MIB(6)
#define STRUCTURE_END MIB(12)

#define ENTRY_TABLE UINT64_C(0x063)              /* present, writable, accessed, dirty */
#define ENTRY_LEAF  UINT64_C(0x8400000000000163) /* also global, not executable, protection key */
#define ENTRY_LARGE UINT64_C(0x1080)             /* with PAT, which is bit 12 here */
#define ENTRY_MASK  UINT64_C(0x000ffffffffff000)

#define SECTION_BITS    21
#define PHYSMEM_BITS    34
#define SECTION_STRUCT  16
#define SECTIONS        (1U << (PHYSMEM_BITS - SECTION_BITS))
#define PER_ROOT        (PAGE / SECTION_STRUCT)
#define SECTION_FLAGS   0x0f /* present, has a memory map, online, early */
#define SECTION_PREINIT 0x20 /* 6.15 on */

/* In struct elf_prstatus. */
#define PRSTATUS_CS 248
#define PRSTATUS_SP 264

/* Where things are in the kernel image. */
#define IMAGE_TOP  UINT64_C(0x1ff000)
#define IMAGE_SIZE ((SYNTH_IMAGE_END - SYNTH_IMAGE_PFN) * PAGE)

static const struct synth_ram all_ram[] = {
	{ .start = KIB(4), .end = 0x9fc00 },
	{ .start = MIB(1), .end = MIB(16) },
	{ .start = MIB(4096), .end = MIB(4104) },
	{ .start = MIB(8192), .end = MIB(8194) },
	{ .start = MIB(9214) + KIB(2), .end = MIB(9217) + KIB(1) },
};

/* Lays the file out: all RAM that the machine has, one stretch behind the other. */
static void make_ram(struct synth *m)
{
	uint64_t offset = RAM_OFFSET;

	m->n_ram = m->options.giant ? ARRAY_SIZE(all_ram) : 3;
	for (size_t i = 0; i < m->n_ram; i++) {
		m->ram[i] = all_ram[i];
		m->ram[i].offset = offset;
		offset += all_ram[i].end - all_ram[i].start;
	}
	m->core_len = offset;
	m->core = calloc(1, m->core_len);
	assert_non_null(m->core);
}

uint8_t *synth_at(struct synth *m, uint64_t pa)
{
	for (size_t i = 0; i < m->n_ram; i++)
		if (pa >= m->ram[i].start && pa < m->ram[i].end)
			return m->core + m->ram[i].offset + (pa - m->ram[i].start);
	fail_msg("no RAM at %#llx", (unsigned long long)pa);
	return NULL;
}

uint64_t synth_alloc(struct synth *m, uint64_t size, uint64_t align)
{
	uint64_t pa = ALIGN_UP(m->next_free, align);

	/* Large pieces come from the end, so that they leave no gaps. */
	if (align == MIB(2))
		pa = m->end_free -= size;
	else
		m->next_free = pa + size;
	assert_true(m->next_free <= m->end_free);
	return pa;
}

static uint64_t get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void put64(uint8_t *p, uint64_t v)
{
	synth_put(p, v, 8, false);
}

uint8_t *synth_entry(struct synth *m, uint64_t va, unsigned level)
{
	uint64_t table = m->top_table;

	for (unsigned l = m->options.levels;; l--) {
		uint8_t *entry = synth_at(m, table + 8 * (va >> (12 + 9 * (l - 1)) & 511));

		if (l == level)
			return entry;
		if (!(get64(entry) & 1))
			put64(entry,
			      synth_alloc(m, PAGE, PAGE) | ENTRY_TABLE | m->options.sme_mask);
		table = get64(entry) & ENTRY_MASK & ~m->options.sme_mask;
	}
}

void synth_map(struct synth *m, uint64_t va, uint64_t pa, uint64_t size, uint64_t leaf)
{
	unsigned level = leaf == PAGE ? 1 : leaf == MIB(2) ? 2 : 3;

	for (uint64_t done = 0; done < size; done += leaf)
		put64(synth_entry(m, va + done, level), (pa + done) | ENTRY_LEAF |
		                                                (level > 1 ? ENTRY_LARGE : 0) |
		                                                m->options.sme_mask);
}

/* Physical address of what is mapped at @va by 4 KiB or 2 MiB. */
static uint64_t find(struct synth *m, uint64_t va)
{
	uint64_t entry = get64(synth_entry(m, va, 2)), size = MIB(2);

	if (!(entry & 0x80)) {
		entry = get64(synth_entry(m, va, 1));
		size = PAGE;
	}
	assert_true(entry & 1);
	return (entry & ENTRY_MASK & ~m->options.sme_mask & -size) + va % size;
}

void synth_store(struct synth *m, uint64_t va, const void *data, size_t len)
{
	const uint8_t *from = data;

	while (len > 0) {
		size_t n = MIN(len, PAGE - va % PAGE);

		memcpy(synth_at(m, find(m, va)), from, n);
		from += n;
		va += n;
		len -= n;
	}
}

void synth_load(struct synth *m, uint64_t va, void *data, size_t len)
{
	uint8_t *to = data;

	while (len > 0) {
		size_t n = MIN(len, PAGE - va % PAGE);

		memcpy(to, synth_at(m, find(m, va)), n);
		to += n;
		va += n;
		len -= n;
	}
}

uint64_t synth_page_va(const struct synth *m, uint64_t pfn)
{
	return SYNTH_VMEMMAP_VA + pfn * m->options.page_size;
}

void synth_pages(struct synth *m, const struct synth_page *pages, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct synth_page *p = &pages[i];
		size_t len = (size_t)m->options.page_size << p->order;
		uint64_t va = synth_page_va(m, p->pfn);
		uint8_t *block = malloc(len);

		assert_non_null(block);
		synth_block(m->era, m->options.page_size, block, va, p->kind, p->order);
		synth_store(m, va, block, len);
		free(block);
	}
}

uint8_t *synth_section(struct synth *m, uint64_t nr)
{
	uint8_t *root = synth_at(m, m->sections + nr / PER_ROOT * 8);

	if (get64(root) == 0)
		put64(root, SYNTH_DIRECT_VA + synth_alloc(m, PAGE, PAGE));
	return synth_at(m, get64(root) - SYNTH_DIRECT_VA) + nr % PER_ROOT * SECTION_STRUCT;
}

/* Maps the struct pages of [pfn, end); 4 KiB leaves go through memory backwards, so that neighbours
 * in virtual memory are none in physical memory. */
static void map_struct_pages(struct synth *m, uint64_t pfn, uint64_t end)
{
	uint64_t va = synth_page_va(m, pfn), size = synth_page_va(m, end) - va;
	uint64_t leaf = m->options.small_leaves ? PAGE : MIB(2), start = ALIGN_DOWN(va, leaf), pa;

	size = ALIGN_UP(va + size - start, leaf);
	pa = synth_alloc(m, size, leaf);
	for (uint64_t done = 0; done < size; done += leaf)
		synth_map(m, start + done, pa + (size - leaf - done), leaf, leaf);
}

static void set_section(struct synth *m, uint64_t nr)
{
	/* The address is that of page frame 0, which is biased to the same for all sections. */
	put64(synth_section(m, nr),
	      synth_page_va(m, 0) | SECTION_FLAGS | (nr & 1 ? SECTION_PREINIT : 0));
}

static void make_section(struct synth *m, uint64_t nr)
{
	set_section(m, nr);
	for (uint64_t pfn = nr * SYNTH_SECTION; pfn < (nr + 1) * SYNTH_SECTION; pfn++)
		synth_pages(m, &(struct synth_page){ pfn, SYNTH_KERNEL, 0 }, 1);
}

static void make_memory_map(struct synth *m)
{
	m->sections = synth_alloc(m, SECTIONS / PER_ROOT * 8, PAGE);
	map_struct_pages(m, 0, SYNTH_MAIN_END);
	map_struct_pages(m, SYNTH_HIGH_PFN, SYNTH_HIGH_END);
	for (uint64_t nr = 0; nr < SYNTH_MAIN_END / SYNTH_SECTION; nr++)
		make_section(m, nr);
	for (uint64_t nr = SYNTH_HIGH_PFN / SYNTH_SECTION; nr < SYNTH_HIGH_END / SYNTH_SECTION;
	     nr++)
		make_section(m, nr);
}

/* The memory map of a page of 1 GiB: the struct pages at its beginning, and one page of them that
 * stands for all others (HVO). That is the first one again up to 7.0, one of tails since. */
static void make_giant(struct synth *m)
{
	size_t size = (size_t)m->options.page_size * (SYNTH_GIANT_END - SYNTH_GIANT_PFN);
	uint64_t va = synth_page_va(m, SYNTH_GIANT_PFN), first, used;
	bool again = streq(m->era->compound_key, "page.compound_head");
	uint8_t *block = malloc(size);

	assert_non_null(block);
	synth_block(m->era, m->options.page_size, block, va, SYNTH_HUGETLB, 18);
	used = again ? PAGE : 2 * PAGE;
	first = synth_alloc(m, used, PAGE);
	memcpy(synth_at(m, first), block, used);
	free(block);
	synth_map(m, va, first, PAGE, PAGE);
	for (uint64_t at = PAGE; at < size; at += PAGE)
		synth_map(m, va + at, first + used - PAGE, PAGE, PAGE);
	for (uint64_t pfn = SYNTH_GIANT_PFN; pfn < SYNTH_GIANT_END; pfn += SYNTH_SECTION)
		set_section(m, pfn / SYNTH_SECTION);
	size = m->options.page_size * SYNTH_SECTION;
	synth_map(m, synth_page_va(m, SYNTH_GIANT_END), synth_alloc(m, size, PAGE), size, PAGE);
	make_section(m, SYNTH_GIANT_END / SYNTH_SECTION);
}

static void make_uts(struct synth *m)
{
	static const char *const names[6] = { "Linux",       "synth",
		                              SYNTH_RELEASE, "#1 SMP PREEMPT_DYNAMIC Debian",
		                              "x86_64",      "(none)" };
	uint8_t *uts = synth_at(m, SYNTH_IMAGE_PFN * PAGE + SYNTH_IMAGE_UTS);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		memcpy(uts + i * 65, names[i], strlen(names[i]));
}

static void make_info(struct synth *m)
{
	struct synth_info *info = &m->info;

	synth_key(info, "OSRELEASE=" SYNTH_RELEASE);
	synth_key(info, "BUILD-ID=d73ac4f1d8a1b5a8d0a1c0b5e6f7a8b9c0d1e2f3");
	synth_key(info, "PAGESIZE=4096");
	synth_key(info, "SYMBOL(init_uts_ns)=%llx",
	          (unsigned long long)(SYNTH_IMAGE_VA + SYNTH_IMAGE_UTS));
	synth_key(info, "OFFSET(uts_namespace.name)=0");
	synth_key(info, "SYMBOL(init_top_pgt)=%llx",
	          (unsigned long long)(SYNTH_IMAGE_VA + IMAGE_TOP));
	synth_key(info, "NUMBER(phys_base)=%lld", (long long)SYNTH_PHYS_BASE);
	synth_key(info, "NUMBER(pgtable_l5_enabled)=%d", m->options.levels == 5);
	synth_key(info, "NUMBER(sme_mask)=%llu", (unsigned long long)m->options.sme_mask);
	synth_key(info, "NUMBER(KERNEL_IMAGE_SIZE)=1073741824");
	synth_key(info, "SYMBOL(mem_section)=%llx",
	          (unsigned long long)(SYNTH_DIRECT_VA + m->sections));
	synth_key(info, "LENGTH(mem_section)=%u", (unsigned)(SECTIONS / PER_ROOT));
	synth_key(info, "SIZE(mem_section)=%d", SECTION_STRUCT);
	synth_key(info, "OFFSET(mem_section.section_mem_map)=0");
	synth_key(info, "NUMBER(SECTION_SIZE_BITS)=%d", SECTION_BITS);
	synth_key(info, "NUMBER(MAX_PHYSMEM_BITS)=%d", PHYSMEM_BITS);
	synth_era_keys(m->era, m->options.page_size, info);
	synth_key(info, "CRASHTIME=%lld", (long long)SYNTH_CRASH_TIME);
}

void synth_init(struct synth *m, const struct synth_options *o)
{
	*m = (struct synth){ .next_free = STRUCTURES, .end_free = STRUCTURE_END };
	if (o)
		m->options = *o;
	m->options.levels = m->options.levels ?: 4;
	m->options.page_size = m->options.page_size ?: 64;
	m->era = synth_era(m->options.era ?: "6.12");
	make_ram(m);
	m->top_table = SYNTH_IMAGE_PFN * PAGE + IMAGE_TOP;
	synth_map(m, SYNTH_IMAGE_VA, SYNTH_IMAGE_PFN * PAGE, IMAGE_SIZE, MIB(2));
	synth_map(m, SYNTH_DIRECT_VA, 0, m->ram[1].end, MIB(2));
	synth_map(m, SYNTH_DIRECT_VA + m->ram[2].start, m->ram[2].start, MIB(8), MIB(2));
	make_uts(m);
	make_memory_map(m);
	if (m->options.giant)
		make_giant(m);
	make_info(m);
}

void synth_done(struct synth *m)
{
	free(m->core);
	*m = (struct synth){};
}

static struct synth_segment segment(const struct synth_ram *ram, uint64_t start, uint64_t end)
{
	return (struct synth_segment){
		.type = PT_LOAD,
		.offset = ram->offset + (start - ram->start),
		.vaddr = SYNTH_DIRECT_VA + start,
		.paddr = start,
		.filesz = end - start,
		.memsz = end - start,
	};
}

/* As kexec_file_load() makes them (arch/x86/kernel/crash.c): first the kernel image, which lies in
 * one of the others too. The last of five stretches comes in two that overlap. */
static void make_headers(struct synth *m, size_t notes_len)
{
	struct synth_segment segments[3 + ARRAY_SIZE(all_ram)] = {
		{ .type = PT_NOTE,
		  .offset = NOTES_OFFSET,
		  .filesz = notes_len,
		  .memsz = notes_len },
		segment(&m->ram[1], SYNTH_IMAGE_PFN * PAGE, SYNTH_IMAGE_END * PAGE),
	};
	size_t n = 2;

	segments[1].vaddr = SYNTH_IMAGE_VA;
	for (size_t i = 0; i < m->n_ram; i++) {
		const struct synth_ram *ram = &m->ram[i];

		if (i < 4) {
			segments[n++] = segment(ram, ram->start, ram->end);
		} else {
			segments[n++] = segment(ram, ram->start + MIB(1), ram->end);
			segments[n++] = segment(ram, ram->start, ram->start + MIB(1) + 0x1a00);
		}
	}
	synth_elf_headers(m->core, &(struct synth_elf){ .segments = segments, .n = n });
}

struct dump *synth_dump(struct synth *m)
{
	struct synth_notes notes = {};
	struct dump *d;

	for (unsigned i = 0; i < SYNTH_CPUS; i++) {
		uint8_t prstatus[336] = {};

		put64(prstatus + PRSTATUS_CS, m->stacks[i] ? 0x10 : 0x33);
		put64(prstatus + PRSTATUS_SP, m->stacks[i] ?: UINT64_C(0x7ffc12345678));
		synth_note(&notes, "CORE", NT_PRSTATUS, prstatus, sizeof(prstatus));
	}
	if (!m->no_vmcoreinfo)
		synth_note(&notes, "VMCOREINFO", 0, m->info.text, m->info.len);
	memcpy(m->core + NOTES_OFFSET, notes.bytes, notes.len);
	make_headers(m, notes.len);
	assert_int_equal(synth_open(m->core, m->core_len, &d), 0);
	return d;
}

struct kspace *synth_kspace(const struct dump *d)
{
	struct kspace *ks;

	assert_int_equal(kspace_open(d, &ks), 0);
	return ks;
}
