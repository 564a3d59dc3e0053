// SPDX-License-Identifier: GPL-2.0-or-later
/* arch.c - the table of architectures, see arch.h. */
#include <endian.h>
#include <errno.h>

#include "vmcore/arch/archs.h"
#include "base/err.h"

static const struct arch *const archs[] = { &arch_x86_64, &arch_arm64, &arch_riscv64 };

const struct arch *arch_find(const struct dump *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (d->machine[0] ? streq(d->machine, archs[i]->machine)
		                  : d->elf_machine == archs[i]->elf_machine)
			return archs[i];
	return NULL;
}

/* An entry has 8 bytes, and a table fills a page. */
unsigned pagetable_shift(const struct pagetable *pt, unsigned level)
{
	return pt->index_bits + 3 + pt->index_bits * (level - 1);
}

unsigned pagetable_entries(const struct pagetable *pt, unsigned level)
{
	return 1U << (level == pt->levels ? pt->va_bits - pagetable_shift(pt, level)
	                                  : pt->index_bits);
}

int pagetable_walk(const struct pagetable *pt, struct reader *reader, uint64_t va, struct leaf *ret)
{
	uint64_t table = pt->root;

	/* The tables are walked by the low bits. Those above tell whose address it is. */
	if ((va | pt->tag_mask) >> pt->va_bits != UINT64_MAX >> pt->va_bits)
		return errf(-EFAULT,
		            "nothing is mapped at %#llx, which is not an address of the kernel",
		            (unsigned long long)va);
	for (unsigned level = pt->levels; level > 0; level--) {
		unsigned shift = pagetable_shift(pt, level);
		uint64_t index = va >> shift & (pagetable_entries(pt, level) - 1);
		uint64_t entry;
		int r;

		if (level == pt->levels && index < pt->kernel_index)
			break;
		r = reader_read(reader, table + index * sizeof(entry), &entry, sizeof(entry));
		if (r < 0)
			return r;
		switch (pt->arch->entry(pt, level, le64toh(entry), va, &table)) {
		case ENTRY_IS_NONE:
			return errf(-EFAULT, "nothing is mapped at %#llx", (unsigned long long)va);
		case ENTRY_IS_LEAF:
			*ret = (struct leaf){
				.va = va >> shift << shift,
				.pa = table,
				.size = UINT64_C(1) << shift,
				.entry = le64toh(entry),
			};
			return 0;
		case ENTRY_IS_TABLE:
			break;
		}
	}
	return errf(-EFAULT, "nothing is mapped at %#llx", (unsigned long long)va);
}
