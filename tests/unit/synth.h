/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * synth.h - crashed machines that were never there.
 *
 * Small pieces (ELF headers, notes, VMCOREINFO, struct pages of many kernels, a printk ring) and a
 * whole x86_64 machine made of them, which is opened like /proc/vmcore. All of it is written from
 * the kernel's sources, not with the engine's code, so that both must agree.
 *
 * Everything here ends the test when it fails.
 */
#pragma once

#include "tests/unit/check.h"
#include "vmcore/kernel/kspace.h"

/* Stores the low @size bytes of @v, in the other byte order if @swap. */
void synth_put(uint8_t *p, uint64_t v, size_t size, bool swap);

/* --- ELF: synth-elf.c ------------------------------------------------------------------------ */

struct synth_segment {
	uint32_t type; /* PT_ */
	uint64_t offset, vaddr, paddr, filesz, memsz;
};

struct synth_elf {
	uint16_t type, machine, ehsize; /* 0: a core of x86_64 with a true e_ehsize */
	uint64_t phoff;                 /* 0: right behind the ELF header */
	uint16_t phentsize;             /* 0: the size of a program header */
	bool swap, class32;
	bool xnum; /* the count of segments stands in a section header behind them */
	const struct synth_segment *segments;
	size_t n;
};

/* Writes ELF, program and section headers; returns where they end. */
size_t synth_elf_headers(uint8_t *file, const struct synth_elf *e);

/* What dump_open() says to a file of these bytes, which must outlive the dump. */
int synth_open(const void *file, size_t size, struct dump **ret);

struct synth_notes {
	uint8_t bytes[16384];
	size_t len;
	bool swap;
};

/* Appends a note, padded. */
void synth_note(struct synth_notes *n, const char *name, uint32_t type, const void *desc,
                size_t len);

/* --- VMCOREINFO: synth-elf.c ----------------------------------------------------------------- */

struct synth_info {
	char text[8192];
	size_t len;
};

/* Appends one "KEY=VALUE" line. */
void synth_key(struct synth_info *info, const char *fmt, ...) _printf_(2, 3);

/* Removes all lines with this key. */
void synth_drop(struct synth_info *info, const char *key);

struct vmcoreinfo synth_vmcoreinfo(const struct synth_info *info);

/* --- struct page: synth-page.c --------------------------------------------------------------- */

enum synth_kind {
	SYNTH_KERNEL,
	SYNTH_SLAB, /* with a mapping that looks anonymous and PG_lru set, as slabs may have */
	SYNTH_FREE,
	SYNTH_CACHE,
	SYNTH_PRIVATE_CACHE,
	SYNTH_SWAP_CACHE, /* of shmem: not on the LRU, PG_swapcache and PG_swapbacked */
	SYNTH_CHECKED,    /* PG_swapcache's bit, with another meaning */
	SYNTH_ANON,
	SYNTH_KSM,
	SYNTH_MOVABLE, /* its owner moves it: mapping has bit 1, but not bit 0 */
	SYNTH_HUGETLB,
	SYNTH_TYPED, /* a type of its own, mapping and flags are the owner's */
	SYNTH_HWPOISON,
	SYNTH_POISONED_ANON,
	SYNTH_POISONED_SLAB,
	SYNTH_POISONED_FREE,
	SYNTH_POISONED_HUGETLB,
	SYNTH_OFFLINE,
	SYNTH_UNACCEPTED,
	SYNTH_NEVER, /* never initialised: all ones */
	SYNTH_KINDS,
};

/* The name without SYNTH_. Fails for a kind without a row in looks[] of synth-page.c. */
const char *synth_kind_name(enum synth_kind kind);

/* How the kernels of some time tell what a page is. */
struct synth_era {
	const char *name;
	int lru, private, swapcache, swapbacked, slab, hwpoison, head,
		hugetlb;                             /* bits; 0 not told */
	int32_t buddy, offline;                      /* values of _mapcount */
	int32_t slab_type, hugetlb_type, unaccepted; /* the same; 0 there is none */
	int32_t owner;                               /* the same, of a type that is not told */
	const char *order_key, *dtor_key;            /* NULL: in the second flags */
	unsigned order_offset, dtor_offset;          /* as told by these keys */
	const char *compound_key;
};

extern const struct synth_era synth_eras[];
extern const size_t synth_n_eras;
const struct synth_era *synth_era(const char *name);

/* True if kernels of this era know such pages. */
bool synth_era_has(const struct synth_era *e, enum synth_kind kind);

#define SYNTH_PAGE_LRU      8  /* offset of the list_head in struct page */
#define SYNTH_PAGE_REFCOUNT 52 /* offset of _refcount */

/* The keys about struct page, which has @page_size bytes (56 or 64). */
void synth_era_keys(const struct synth_era *e, unsigned page_size, struct synth_info *info);

/* Writes the struct pages of a block of 1 << @order pages to @pages, the first of which the kernel
 * has at @va. */
void synth_block(const struct synth_era *e, unsigned page_size, uint8_t *pages, uint64_t va,
                 enum synth_kind kind, unsigned order);

/* Marks one struct page as that of a poisoned page. */
void synth_poison(const struct synth_era *e, uint8_t *page);

/* --- A machine: synth.c ---------------------------------------------------------------------- */

/*
 * Memory (4 KiB pages, sections of 2 MiB):
 *
 *	0x1000 - 0x9fc00	ends within a page, as real ones do
 *	1 MiB - 16 MiB		4 MiB the kernel image, 6 MiB its structures, 12 MiB free for tests
 *	4 GiB - 4 GiB + 8 MiB	free for tests
 *
 * and with @giant a hugetlb page of 1 GiB at 8 GiB, of whose memory only both ends are there, and
 * some memory behind it; it begins and ends within a page, and segments that overlap describe it:
 *
 *	8 GiB - 8 GiB + 2 MiB
 *	9 GiB - 2 MiB + 2 KiB - 9 GiB + 1 MiB + 1 KiB
 *
 * Unless a test says more, all pages are SYNTH_KERNEL and zero.
 */
#define SYNTH_LOW_PFN    UINT64_C(0x1)
#define SYNTH_LOW_END    UINT64_C(0xa0)
#define SYNTH_MAIN_PFN   UINT64_C(0x100)
#define SYNTH_MAIN_END   UINT64_C(0x1000)
#define SYNTH_HIGH_PFN   UINT64_C(0x100000)
#define SYNTH_HIGH_END   UINT64_C(0x100800)
#define SYNTH_GIANT_PFN  UINT64_C(0x200000)
#define SYNTH_GIANT_GAP  UINT64_C(0x200200) /* the hole within it: up to ... */
#define SYNTH_GIANT_MORE UINT64_C(0x23fe00) /* ... here */
#define SYNTH_GIANT_END  UINT64_C(0x240000)
#define SYNTH_GIANT_RAM  UINT64_C(0x240101) /* where the memory behind it ends */
#define SYNTH_IMAGE_PFN  UINT64_C(0x400)
#define SYNTH_IMAGE_END  UINT64_C(0x600)
#define SYNTH_TEST_PFN   UINT64_C(0xc00) /* up to SYNTH_MAIN_END */
#define SYNTH_PAGES      (0x9f + 0xf00 + 0x800)
#define SYNTH_SECTION    UINT64_C(0x200)
#define SYNTH_IMAGE_VA   UINT64_C(0xffffffff81000000)
#define SYNTH_IMAGE_UTS  UINT64_C(0x1000) /* bytes into it: the names that uname tells */
#define SYNTH_PHYS_BASE  (-INT64_C(0xc00000))
#define SYNTH_DIRECT_VA  UINT64_C(0xffff888000000000)
#define SYNTH_VMEMMAP_VA UINT64_C(0xffffea0000000000)
#define SYNTH_RELEASE    "6.12.48+deb13-cloud-amd64"
#define SYNTH_CRASH_TIME 1795442701
#define SYNTH_CPUS       2

struct synth_options {
	const char *era;    /* NULL: "6.12" */
	unsigned levels;    /* of page tables; 0: 4 */
	unsigned page_size; /* of struct page; 0: 64 */
	uint64_t sme_mask;
	bool small_leaves; /* struct pages mapped 4 KiB at a time, out of order */
	bool giant;        /* with the memory at 8 and 9 GiB */
};

/* A stretch of RAM, bytes, and where it lies in the ELF file. */
struct synth_ram {
	uint64_t start, end, offset;
};

struct synth {
	struct synth_options options;
	const struct synth_era *era;
	struct synth_info info; /* VMCOREINFO; change it before synth_dump() */
	bool no_vmcoreinfo;
	uint64_t stacks[SYNTH_CPUS]; /* stack pointers of the CPUs; 0: one was in user space */
	struct synth_ram ram[5];
	size_t n_ram;
	uint8_t *core; /* the ELF file */
	size_t core_len;
	uint64_t top_table, sections; /* physical addresses */
	uint64_t next_free, end_free; /* what synth_alloc() has left */
};

void synth_init(struct synth *m, const struct synth_options *o);
void synth_done(struct synth *m);

/* Physical memory; the byte at @pa and the rest of its page. */
uint8_t *synth_at(struct synth *m, uint64_t pa);

/* Zeroed memory for the kernel's structures, contiguous and aligned to @align. */
uint64_t synth_alloc(struct synth *m, uint64_t size, uint64_t align);

/* Maps @size bytes by leaves of @leaf bytes: 4 KiB, 2 MiB or 1 GiB. Replaces what was mapped there
 * with the same leaves. */
void synth_map(struct synth *m, uint64_t va, uint64_t pa, uint64_t size, uint64_t leaf);

/* The entry that maps @va, at level @level (1 the lowest). */
uint8_t *synth_entry(struct synth *m, uint64_t va, unsigned level);

/* The address of a page frame's struct page. */
uint64_t synth_page_va(const struct synth *m, uint64_t pfn);

/* Copies to the kernel's virtual memory, and from it. */
void synth_store(struct synth *m, uint64_t va, const void *data, size_t len);
void synth_load(struct synth *m, uint64_t va, void *data, size_t len);

/* struct mem_section number @nr. */
uint8_t *synth_section(struct synth *m, uint64_t nr);

struct synth_page {
	uint64_t pfn;
	enum synth_kind kind;
	unsigned order;
};

void synth_pages(struct synth *m, const struct synth_page *pages, size_t n);

/* Opens the machine's memory, which stays in @m, as it is now. */
struct dump *synth_dump(struct synth *m);
struct kspace *synth_kspace(const struct dump *d);

/* --- The kernel log: synth-log.c ------------------------------------------------------------- */

enum synth_state { SYNTH_FINAL, SYNTH_COMMITTED, SYNTH_RESERVED };

/* A printk ring that is filled as the kernel fills it (kernel/printk/printk_ringbuffer.c). */
struct synth_log {
	struct synth *machine;
	unsigned count_bits, size_bits;
	uint64_t descs, infos, data, ring; /* physical addresses */
	uint64_t head_id, tail_id;         /* as the kernel counts */
	uint64_t head_lpos, tail_lpos;
	uint64_t seq;
	unsigned level, facility; /* of the records that come; 6 and 0 at first */
};

/* Makes a ring for 1 << @count_bits records and 1 << @size_bits bytes, and tells of it in
 * VMCOREINFO. */
void synth_log_init(struct synth_log *l, struct synth *m, unsigned count_bits, unsigned size_bits);

/* Logs @len bytes of text; NULL: a record without text. Older records make room. A reserved one has
 * its text, but neither time nor length, which the kernel stores last. */
void synth_log_add(struct synth_log *l, uint64_t ns, const char *text, size_t len,
                   enum synth_state state);

/* The descriptor of a record that is there. */
uint8_t *synth_log_desc(struct synth_log *l, uint64_t id);

/* The log of Linux 3.5 to 5.9: a buffer that is filled as the kernel fills it (log_store() in
 * kernel/printk/printk.c, Linux 5.4). */
struct synth_buffer {
	struct synth *machine;
	uint64_t buffer, variables; /* physical addresses */
	uint32_t size, head_size;
	uint32_t first, next;         /* bytes from the start */
	uint64_t first_seq, next_seq; /* numbers of records */
	unsigned facility;            /* of the records that come; 0 at first */
};

/* Makes a buffer of @size bytes and tells of it in VMCOREINFO, where the struct is called @name
 * ("printk_log" or "log"). With @caller the records have a caller id. */
void synth_buffer_init(struct synth_buffer *b, struct synth *m, const char *name, uint32_t size,
                       bool caller);

/* Logs @text, with @dict (NULL: none) behind it. @flags as in struct printk_log: 2 newline, 4
 * prefix, 8 continued. Older records make room. Returns where the record is. */
uint32_t synth_buffer_add(struct synth_buffer *b, uint64_t ns, unsigned flags, const char *text,
                          const char *dict);

/* Changes log_buf (0), log_buf_len (1), log_first_idx (2), log_next_idx (3). */
void synth_buffer_put(struct synth_buffer *b, unsigned variable, uint64_t value);
