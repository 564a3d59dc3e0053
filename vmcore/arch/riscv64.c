// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * riscv64.c - page tables of riscv64: Sv39, Sv48 and Sv57.
 *
 * The kernel's addresses have VA_BITS bits: 39, 48 or 57, as the processor and the command line
 * have it (arch/riscv/mm/init.c, Linux 6.12). These tables also map the image and the linear map.
 * In the image the physical address is the virtual one less va_kernel_pa_offset. Tables have 512
 * entries of 8 bytes. Bit 0 of an entry means valid. An entry that allows to read, write or execute
 * is a leaf at any level. The number of the page frame begins at bit 10
 * (arch/riscv/include/asm/pgtable-bits.h, pgtable-64.h). Where 64 KiB are mapped at once (Svnapot)
 * bit 63 is set in all of the 16 entries, and the lowest bits of the frame's number tell the size.
 */
#include <elf.h>
#include <errno.h>

#include "vmcore/arch/archs.h"
#include "base/cursor.h"
#include "base/err.h"

#define ENTRY_VALID     (UINT64_C(1) << 0)
#define ENTRY_LEAF      UINT64_C(0xe) /* read, write, execute */
#define ENTRY_NAPOT     (UINT64_C(1) << 63)
#define ENTRY_PFN       UINT64_C(0x003ffffffffffc00)
#define ENTRY_PFN_SHIFT 10
#define NAPOT_ORDER     4 /* the only size there is: 1 << 4 pages */

#define PAGE_SHIFT 12
#define LEVEL_BITS 9

/* In struct elf_prstatus (asm/elf.h) behind 112 bytes: pc, ra, sp and more, 8 bytes each. */
#define PRSTATUS_PC 112
#define PRSTATUS_SP (112 + 2 * 8)

static int64_t riscv64_phys_base(const struct dump *d)
{
	uint64_t base;

	return vmcoreinfo_get(&d->vmcoreinfo, "NUMBER", "phys_ram_base", &base) ? (int64_t)base
	                                                                        : d->phys_base;
}

static int riscv64_pagetable(const struct dump *d, struct pagetable *ret)
{
	const struct vmcoreinfo *vi = &d->vmcoreinfo;
	uint64_t top, offset, va_bits, modules, modules_end;

	if (!vmcoreinfo_get(vi, "SYMBOL", "swapper_pg_dir", &top))
		return errf(-ENODATA, "VMCOREINFO has no SYMBOL(swapper_pg_dir)");
	if (!vmcoreinfo_get(vi, "NUMBER", "va_kernel_pa_offset", &offset))
		return errf(-ENODATA, "VMCOREINFO has no NUMBER(va_kernel_pa_offset)");
	if (!vmcoreinfo_get(vi, "NUMBER", "VA_BITS", &va_bits))
		return errf(-ENODATA, "VMCOREINFO has no NUMBER(VA_BITS)");
	if (va_bits != 39 && va_bits != 48 && va_bits != 57)
		return errf(-EBADMSG, "addresses of %llu bits are not plausible",
		            (unsigned long long)va_bits);
	if (!vmcoreinfo_get(vi, "NUMBER", "MODULES_VADDR", &modules) ||
	    !vmcoreinfo_get(vi, "NUMBER", "MODULES_END", &modules_end))
		modules = modules_end = 0;
	*ret = (struct pagetable){
		.arch = &arch_riscv64,
		.root = top - offset,
		.levels = (va_bits - PAGE_SHIFT) / LEVEL_BITS,
		.va_bits = va_bits,
		.pa_mask = ENTRY_PFN,
		.image_va = offset,
		.modules_va = modules,
		.modules_end = modules_end,
		.index_bits = LEVEL_BITS,
		.kernel_index = 1U << (LEVEL_BITS - 1),
		/* MAX_PHYSMEM_BITS of asm/sparsemem.h */
		.physmem_bits = 56,
	};
	return 0;
}

static enum entry_kind riscv64_entry(const struct pagetable *pt, unsigned level, uint64_t entry,
                                     uint64_t va, uint64_t *ret_pa)
{
	uint64_t size = UINT64_C(1) << pagetable_shift(pt, level);

	if (!(entry & ENTRY_VALID) || (level == 1 && !(entry & ENTRY_LEAF)))
		return ENTRY_IS_NONE;
	*ret_pa = (entry & pt->pa_mask) >> ENTRY_PFN_SHIFT << PAGE_SHIFT;
	if (!(entry & ENTRY_LEAF))
		return ENTRY_IS_TABLE;
	if (level == 1 && entry & ENTRY_NAPOT)
		*ret_pa = ALIGN_DOWN(*ret_pa, size << NAPOT_ORDER) + va % (size << NAPOT_ORDER);
	*ret_pa = ALIGN_DOWN(*ret_pa, size);
	return ENTRY_IS_LEAF;
}

static bool riscv64_stack_pointer(const uint8_t *desc, size_t len, uint64_t *ret)
{
	struct cursor c = cursor_over(desc, len, "registers");
	uint64_t pc, sp;

	/* The mode of the processor is not told, but a stack of the kernel is its own. */
	if (cursor_seek(&c, PRSTATUS_PC) < 0 || cursor_u64(&c, &pc) < 0 || !(pc >> 63) ||
	    cursor_seek(&c, PRSTATUS_SP) < 0 || cursor_u64(&c, &sp) < 0 || !(sp >> 63))
		return false;
	*ret = sp;
	return true;
}

const struct arch arch_riscv64 = {
	.machine = "riscv64",
	.elf_machine = EM_RISCV,
	.pagetable = riscv64_pagetable,
	.entry = riscv64_entry,
	.stack_pointer = riscv64_stack_pointer,
	.stack_size = KIB(16),
	.phys_base = riscv64_phys_base,
	.section_size_bits = 27,
	.largest_folio_bits = 30,
};
