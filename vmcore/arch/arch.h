/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch.h - what differs between architectures, as a table at run time.
 *
 * Any host reads any dump: nothing here depends on the machine the program runs on.
 */
#pragma once

#include "vmcore/format/dump.h"

/* One entry of the page tables that maps memory: @size bytes at @va lie at @pa. */
struct leaf {
	uint64_t va;
	uint64_t pa;
	uint64_t size;
};

/* Where the kernel's page tables begin and how they are read. */
struct pagetable {
	const struct arch *arch;
	uint64_t root; /* physical address of the top table */
	unsigned levels;
	uint64_t pa_mask;  /* address bits of an entry */
	uint64_t image_va; /* the kernel image is mapped in [image_va, image_va + image_size) ... */
	uint64_t image_size;
	uint64_t image_pa; /* ... at this physical address, modulo 2^64 */
};

struct arch {
	const char *machine;  /* as utsname.machine */
	uint16_t elf_machine; /* EM_ of elf.h */

	/* Fills @ret from VMCOREINFO. -ENODATA with a text that names the missing key. */
	int (*pagetable)(const struct dump *d, struct pagetable *ret);

	/* Walks the tables for @va. -EFAULT when it is not mapped, else what reader_span() says. */
	int (*walk)(const struct pagetable *pt, struct reader *r, uint64_t va, struct leaf *ret);

	/* For kernels whose VMCOREINFO lacks them (asm/sparsemem.h): a section of the memory map
	 * covers 1 << section_size_bits bytes, physical addresses have max_physmem_bits bits. */
	unsigned section_size_bits;
	unsigned max_physmem_bits;

	/* Physical base of the kernel image for the dump header; 0 where the format wants none. */
	int64_t (*phys_base)(const struct dump *d);
};

/* The architecture of a dump; NULL when it is not known. */
const struct arch *arch_find(const struct dump *d);
