/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch.h - what differs between architectures, as a table at run time.
 *
 * Any host reads any dump, so nothing here depends on the machine that the program runs on.
 */
#pragma once

#include "vmcore/format/dump.h"

/* One entry of the page tables that maps memory: @size bytes at @va lie at @pa. */
struct leaf {
	uint64_t va;
	uint64_t pa;
	uint64_t size;
	uint64_t entry; /* as in the table; 0 where no table is needed */
};

/* Where the kernel's page tables begin and how they are read. */
struct pagetable {
	const struct arch *arch;
	uint64_t root; /* physical address of the top table */
	unsigned levels;
	unsigned va_bits;    /* the tables map [-(1 << va_bits), 0) */
	uint64_t tag_mask;   /* bits of an address that may be anything */
	uint64_t pa_mask;    /* address bits of an entry */
	uint64_t image_va;   /* the kernel image is mapped at [image_va, image_va + image_size) */
	uint64_t image_size; /* 0: only the tables tell */
	uint64_t image_pa;   /* physical address of image_va, modulo 2^64 */
	uint64_t modules_va, modules_end; /* where modules are loaded; empty when not known */
	uint64_t no_exec;      /* bit of a leaf without code; 0: only modules_va tells of code */
	unsigned index_bits;   /* a table has 1 << index_bits entries of 8 bytes and fills a page */
	unsigned kernel_index; /* the first entry of the top table that is the kernel's */
	unsigned physmem_bits; /* bits of a physical address, for kernels that do not tell */
};

enum entry_kind { ENTRY_IS_NONE, ENTRY_IS_TABLE, ENTRY_IS_LEAF };

struct arch {
	const char *machine;  /* as utsname.machine */
	uint16_t elf_machine; /* EM_ of elf.h */

	/* Fills @ret from VMCOREINFO. -ENODATA with a text that names the missing key. */
	int (*pagetable)(const struct dump *d, struct pagetable *ret);

	/* Decodes @entry, which stands for @va in a table at @level, of which 1 is the lowest.
	 * @ret_pa is the physical address of the next table or of the leaf. */
	enum entry_kind (*entry)(const struct pagetable *pt, unsigned level, uint64_t entry,
	                         uint64_t va, uint64_t *ret_pa);

	/* The stack pointer in an NT_PRSTATUS note; false: the CPU was not in the kernel. */
	bool (*stack_pointer)(const uint8_t *desc, size_t len, uint64_t *ret);
	uint64_t stack_size; /* bytes of a task's stack, which is aligned to its size */

	/* A section of the memory map covers 1 << section_size_bits bytes (asm/sparsemem.h). For
	 * kernels whose VMCOREINFO lacks the number. */
	unsigned section_size_bits;
	unsigned largest_folio_bits; /* the largest page has 1 << largest_folio_bits bytes */

	/* Physical base of the kernel image for the dump header; 0 if the format has none. */
	int64_t (*phys_base)(const struct dump *d);
};

/* Walks the tables for @va. -EFAULT: it is not mapped, or it is not an address of the kernel; other
 * errors as of reader_span(). */
int pagetable_walk(const struct pagetable *pt, struct reader *r, uint64_t va, struct leaf *ret);

/* An entry of a table at @level stands for 1 << this bytes. */
unsigned pagetable_shift(const struct pagetable *pt, unsigned level);

/* How many entries a table at @level has: the top one may have fewer than others. */
unsigned pagetable_entries(const struct pagetable *pt, unsigned level);

/* The architecture of a dump; NULL when it is not known. */
const struct arch *arch_find(const struct dump *d);
