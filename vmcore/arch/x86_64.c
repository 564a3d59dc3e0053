// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * x86_64.c - page tables of x86_64, four or five levels.
 *
 * The kernel image is mapped at 0xffffffff80000000. Its physical address differs from that by
 * phys_base, which KASLR chooses (arch/x86/include/asm/page_64.h, Linux 6.12). Tables have 512
 * entries of 8 bytes. Bit 0 of an entry means present. Bit 7, at the second and third level from
 * below, means that the entry itself maps 2 MiB or 1 GiB. With SME one bit of the address means
 * "encrypted": NUMBER(sme_mask).
 */
#include <elf.h>
#include <errno.h>

#include "vmcore/arch/archs.h"
#include "base/cursor.h"
#include "base/err.h"

#define START_KERNEL_MAP UINT64_C(0xffffffff80000000)
#define ENTRY_PRESENT    (UINT64_C(1) << 0)
#define ENTRY_LARGE      (UINT64_C(1) << 7)
#define ENTRY_ADDRESS    UINT64_C(0x000ffffffffff000)
#define MODULES_END      UINT64_C(0xffffffffff000000)
#define LEVEL_BITS       9

/* In struct elf_prstatus (asm/elf.h) behind 112 bytes: user_regs_struct, 8 bytes each. */
#define PRSTATUS_CS (112 + 17 * 8)
#define PRSTATUS_SP (112 + 19 * 8)

static int64_t x86_64_phys_base(const struct dump *d)
{
	uint64_t phys_base;

	return vmcoreinfo_get(&d->vmcoreinfo, "NUMBER", "phys_base", &phys_base)
	               ? (int64_t)phys_base
	               : d->phys_base;
}

static int x86_64_pagetable(const struct dump *d, struct pagetable *ret)
{
	const struct vmcoreinfo *vi = &d->vmcoreinfo;
	uint64_t top, sme_mask = 0, l5 = 0, image_size = MIB(1024);

	if (!vmcoreinfo_get(vi, "SYMBOL", "init_top_pgt", &top) &&
	    !vmcoreinfo_get(vi, "SYMBOL", "swapper_pg_dir", &top))
		return errf(
			-ENODATA,
			"VMCOREINFO has neither SYMBOL(init_top_pgt) nor SYMBOL(swapper_pg_dir)");
	vmcoreinfo_get(vi, "NUMBER", "sme_mask", &sme_mask);
	vmcoreinfo_get(vi, "NUMBER", "pgtable_l5_enabled", &l5);
	vmcoreinfo_get(vi, "NUMBER", "KERNEL_IMAGE_SIZE", &image_size);
	*ret = (struct pagetable){
		.arch = &arch_x86_64,
		.root = top - START_KERNEL_MAP + x86_64_phys_base(d),
		.levels = l5 ? 5 : 4,
		.va_bits = l5 ? 57 : 48,
		.pa_mask = ENTRY_ADDRESS & ~sme_mask,
		.image_va = START_KERNEL_MAP,
		.image_size = image_size,
		.image_pa = x86_64_phys_base(d),
		.modules_va = START_KERNEL_MAP + image_size,
		.modules_end = MODULES_END,
		.index_bits = LEVEL_BITS,
		.kernel_index = 1U << (LEVEL_BITS - 1),
		/* MAX_PHYSMEM_BITS of asm/sparsemem.h */
		.physmem_bits = l5 ? 52 : 46,
	};
	return 0;
}

static enum entry_kind x86_64_entry(const struct pagetable *pt, unsigned level, uint64_t entry,
                                    uint64_t va, uint64_t *ret_pa)
{
	bool leaf = level == 1 || (level <= 3 && entry & ENTRY_LARGE);
	uint64_t size = UINT64_C(1) << pagetable_shift(pt, leaf ? level : 1);

	if (!(entry & ENTRY_PRESENT))
		return ENTRY_IS_NONE;
	/* Bit 12 of a large entry is not part of the address (PAT). */
	*ret_pa = ALIGN_DOWN(entry & pt->pa_mask, size);
	return leaf ? ENTRY_IS_LEAF : ENTRY_IS_TABLE;
}

static bool x86_64_stack_pointer(const uint8_t *desc, size_t len, uint64_t *ret)
{
	struct cursor c = cursor_over(desc, len, "registers");
	uint64_t cs, sp;

	/* The low two bits of the code segment are 0 in the kernel. */
	if (cursor_seek(&c, PRSTATUS_CS) < 0 || cursor_u64(&c, &cs) < 0 || cs & 3 ||
	    cursor_seek(&c, PRSTATUS_SP) < 0 || cursor_u64(&c, &sp) < 0 || !(sp >> 63))
		return false;
	*ret = sp;
	return true;
}

const struct arch arch_x86_64 = {
	.machine = "x86_64",
	.elf_machine = EM_X86_64,
	.pagetable = x86_64_pagetable,
	.entry = x86_64_entry,
	.stack_pointer = x86_64_stack_pointer,
	.stack_size = KIB(16),
	.phys_base = x86_64_phys_base,
	.section_size_bits = 27,
	.largest_folio_bits = 30,
};
