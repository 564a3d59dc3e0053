// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * arm64.c - page tables of arm64, with pages of 4, 16 or 64 KiB and two to five levels.
 *
 * The kernel's addresses are the upper ones. They have VA_BITS bits or, if the processor has fewer
 * than the kernel was built for, 64 - T1SZ of TCR_EL1. With pages of 64 KiB the tables have the
 * shape of VA_BITS even then (arch/arm64/mm/proc.S, arch/arm64/kernel/head.S, Linux 6.12). These
 * tables also map the image and the linear map. In the image the physical address is the virtual
 * one less kimage_voffset.
 *
 * The lowest two bits of an entry are 3 for a table, 3 for a page at the last level, and 1 for a
 * block at the levels above. Other entries are not present
 * (arch/arm64/include/asm/pgtable-hwdef.h).
 */
#include <elf.h>
#include <errno.h>

#include "vmcore/arch/archs.h"
#include "base/cursor.h"
#include "base/err.h"

#define ENTRY_TYPE  3U
#define ENTRY_TABLE 3U
#define ENTRY_BLOCK 1U

/* The address in an entry. With 52-bit addresses and pages below 64 KiB, ENTRY_49_48 belongs to it;
 * see arm64_address(). */
#define ENTRY_ADDRESS UINT64_C(0x0000ffffffffffff)
#define ENTRY_49_48   UINT64_C(0x0003000000000000)
#define ENTRY_NO_EXEC (UINT64_C(1) << 53) /* PXN: not by the kernel */

/* In struct elf_prstatus (asm/elf.h) behind 112 bytes: x0 to x30, sp, pc, pstate, 8 bytes each. */
#define PRSTATUS_SP     (112 + 31 * 8)
#define PRSTATUS_PSTATE (112 + 33 * 8)
#define PSTATE_EL       0xcU /* the exception level; 0 in programs */

/* KASAN keeps a tag in the upper byte of addresses, and the processor ignores it. */
#define TAG_MASK UINT64_C(0xff00000000000000)

#define MODULES_REACH  MIB(2048)
#define BIG_PAGE_SHIFT 16
#define LARGE_VA_BITS  52

static int64_t arm64_phys_base(const struct dump *d)
{
	uint64_t offset;

	return vmcoreinfo_get(&d->vmcoreinfo, "NUMBER", "PHYS_OFFSET", &offset) ? (int64_t)offset
	                                                                        : d->phys_base;
}

/* Modules lie within 2 GiB of the image (arch/arm64/kernel/module.c). KASLR puts it far from where
 * VMCOREINFO says that they are. */
static void find_modules(const struct vmcoreinfo *vi, struct pagetable *pt)
{
	uint64_t start, end, stext;

	if (!vmcoreinfo_get(vi, "NUMBER", "MODULES_VADDR", &start) ||
	    !vmcoreinfo_get(vi, "NUMBER", "MODULES_END", &end))
		start = end = 0;
	if (vmcoreinfo_get(vi, "SYMBOL", "_stext", &stext) && stext - end >= MODULES_REACH) {
		start = stext - MODULES_REACH;
		end = stext + MODULES_REACH;
	}
	pt->modules_va = start;
	pt->modules_end = end;
}

static int arm64_pagetable(const struct dump *d, struct pagetable *ret)
{
	const struct vmcoreinfo *vi = &d->vmcoreinfo;
	uint64_t top, voffset, va_bits, t1sz;
	unsigned index_bits = d->page_shift - 3;

	if (!vmcoreinfo_get(vi, "SYMBOL", "swapper_pg_dir", &top))
		return errf(-ENODATA, "VMCOREINFO has no SYMBOL(swapper_pg_dir)");
	if (!vmcoreinfo_get(vi, "NUMBER", "kimage_voffset", &voffset))
		return errf(-ENODATA, "VMCOREINFO has no NUMBER(kimage_voffset)");
	if (!vmcoreinfo_get(vi, "NUMBER", "VA_BITS", &va_bits))
		return errf(-ENODATA, "VMCOREINFO has no NUMBER(VA_BITS)");
	if (d->page_shift < BIG_PAGE_SHIFT && vmcoreinfo_get(vi, "NUMBER", "TCR_EL1_T1SZ", &t1sz) &&
	    t1sz < 64)
		va_bits = 64 - t1sz;
	if (va_bits <= d->page_shift || va_bits > LARGE_VA_BITS)
		return errf(-EBADMSG, "addresses of %llu bits are not plausible",
		            (unsigned long long)va_bits);
	*ret = (struct pagetable){
		.arch = &arch_arm64,
		.root = top - voffset,
		.levels = (va_bits - d->page_shift + index_bits - 1) / index_bits,
		.va_bits = va_bits,
		.tag_mask = TAG_MASK,
		.pa_mask = ENTRY_ADDRESS,
		.image_va = voffset,
		.no_exec = ENTRY_NO_EXEC,
		.index_bits = index_bits,
		/* MAX_PHYSMEM_BITS of asm/sparsemem.h */
		.physmem_bits = va_bits == LARGE_VA_BITS ? 52 : 48,
	};
	find_modules(vi, ret);
	return 0;
}

/* The address in an entry. Its upper bits, from 48 (pages of 64 KiB) or 50 (smaller pages) on, come
 * from lower bits of the entry (phys_to_ttbr() and __pte_to_phys() in asm/pgtable.h,
 * asm/assembler.h). With pages of 64 KiB these lower bits are 0 in kernels of 48 bits; with smaller
 * pages they have another meaning there. */
static uint64_t arm64_address(const struct pagetable *pt, uint64_t entry)
{
	unsigned page_shift = pagetable_shift(pt, 1);
	uint64_t address = ALIGN_DOWN(entry & pt->pa_mask, UINT64_C(1) << page_shift);

	if (page_shift == BIG_PAGE_SHIFT)
		address |= (entry >> 12 & 0xf) << 48;
	else if (pt->va_bits == LARGE_VA_BITS)
		address |= (entry & ENTRY_49_48) | (entry >> 8 & 3) << 50;
	return address;
}

static enum entry_kind arm64_entry(const struct pagetable *pt, unsigned level, uint64_t entry,
                                   uint64_t va, uint64_t *ret_pa)
{
	unsigned type = entry & ENTRY_TYPE;

	if (type != ENTRY_TABLE && (type != ENTRY_BLOCK || level == 1))
		return ENTRY_IS_NONE;
	*ret_pa = arm64_address(pt, entry);
	if (level > 1 && type == ENTRY_TABLE)
		return ENTRY_IS_TABLE;
	*ret_pa = ALIGN_DOWN(*ret_pa, UINT64_C(1) << pagetable_shift(pt, level));
	return ENTRY_IS_LEAF;
}

static bool arm64_stack_pointer(const uint8_t *desc, size_t len, uint64_t *ret)
{
	struct cursor c = cursor_over(desc, len, "registers");
	uint64_t pstate, sp;

	if (cursor_seek(&c, PRSTATUS_PSTATE) < 0 || cursor_u64(&c, &pstate) < 0 ||
	    !(pstate & PSTATE_EL) || cursor_seek(&c, PRSTATUS_SP) < 0 || cursor_u64(&c, &sp) < 0 ||
	    !(sp >> 63))
		return false;
	*ret = sp;
	return true;
}

const struct arch arch_arm64 = {
	.machine = "aarch64",
	.elf_machine = EM_AARCH64,
	.pagetable = arm64_pagetable,
	.entry = arm64_entry,
	.stack_pointer = arm64_stack_pointer,
	.stack_size = KIB(16),
	.phys_base = arm64_phys_base,
	.section_size_bits = 30,  /* before 5.12; later kernels tell */
	.largest_folio_bits = 34, /* 16 GiB: contiguous blocks with pages of 64 KiB */
};
