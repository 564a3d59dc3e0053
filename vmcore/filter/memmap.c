// SPDX-License-Identifier: GPL-2.0-or-later
/* memmap.c - where the struct pages are, see memmap.h. */
#include "vmcore/filter/memmap.h"

#include <errno.h>

#include "base/err.h"

/* Smaller ones no architecture has, and going through them would take long. */
#define MIN_SECTION_BITS 20

#define SECTION_PRESENT (UINT64_C(1) << 0)
#define SECTION_ONLINE  (UINT64_C(1) << 2)
#define SECTION_EARLY   (UINT64_C(1) << 3) /* there since the boot; Linux 5.3 and later */

/* More flags have come over time; the struct pages of a section begin at a page boundary. */
#define SECTION_FLAGS UINT64_C(0xfff)

int memmap_init(struct memmap *mm, struct kspace *ks)
{
	const struct vmcoreinfo *vi = &ks->dump->vmcoreinfo;
	const struct arch *arch = ks->tables.arch;
	uint64_t section_bits = arch->section_size_bits, address_bits = ks->tables.physmem_bits;
	uint64_t length, roots;
	struct memmap m = { .ks = ks, .root_nr = UINT64_MAX, .section_nr = UINT64_MAX };

	if (!vmcoreinfo_get(vi, "SIZE", "page", &m.struct_page) ||
	    !vmcoreinfo_get(vi, "SYMBOL", "mem_section", &m.roots_va) ||
	    !vmcoreinfo_get(vi, "SIZE", "mem_section", &m.struct_section) ||
	    !vmcoreinfo_get(vi, "OFFSET", "mem_section.section_mem_map", &m.map_offset))
		return errf(-ENODATA, "VMCOREINFO does not tell where the struct pages are");
	vmcoreinfo_get(vi, "NUMBER", "SECTION_SIZE_BITS", &section_bits);
	vmcoreinfo_get(vi, "NUMBER", "MAX_PHYSMEM_BITS", &address_bits);
	if (m.struct_page < 16 || m.struct_page > MEMMAP_MAX_STRUCT_PAGE || m.struct_section < 8 ||
	    m.struct_section > 4096 || section_bits < MIN_SECTION_BITS ||
	    section_bits <= ks->dump->page_shift || address_bits <= section_bits ||
	    address_bits > 56 || m.map_offset > m.struct_section - 8)
		return errf(-ENODATA, "VMCOREINFO describes a memory map that cannot be");
	m.sections = UINT64_C(1) << (address_bits - section_bits);
	m.pfn_shift = section_bits - ks->dump->page_shift;
	m.per_root = dump_page_size(ks->dump) / m.struct_section;
	roots = ALIGN_UP(m.sections, m.per_root) / m.per_root;
	/* One flat array has as many entries as there can be sections, not as there are roots. */
	if (vmcoreinfo_get(vi, "LENGTH", "mem_section", &length) && length != roots)
		m.per_root = 0;
	*mm = m;
	return 0;
}

static int memmap_find_section(struct memmap *mm, uint64_t nr, uint64_t *ret)
{
	uint64_t root = mm->per_root ? nr / mm->per_root : 0;
	int r;

	if (mm->per_root == 0) {
		*ret = mm->roots_va + nr * mm->struct_section;
		return 1;
	}
	if (mm->root_nr != root) {
		mm->root_nr = UINT64_MAX;
		r = kspace_u64(mm->ks, mm->roots_va + root * sizeof(uint64_t), &mm->root_va);
		if (r < 0)
			return r;
		mm->root_nr = root;
	}
	*ret = mm->root_va + nr % mm->per_root * mm->struct_section;
	return mm->root_va != 0;
}

/* Where the struct pages of a section are that has these of the flags. */
static int memmap_find(struct memmap *mm, uint64_t nr, uint64_t flags, uint64_t *ret)
{
	uint64_t section, map;
	int r;

	if (nr >= mm->sections)
		return 0;
	r = memmap_find_section(mm, nr, &section);
	if (r <= 0)
		return r;
	r = kspace_u64(mm->ks, section + mm->map_offset, &map);
	if (r < 0)
		return r;
	if ((map & (SECTION_PRESENT | SECTION_ONLINE)) != flags)
		return 0;
	*ret = (map & ~SECTION_FLAGS) + (nr << mm->pfn_shift) * mm->struct_page;
	return 1;
}

int memmap_offline_section(struct memmap *mm, uint64_t nr, uint64_t *ret)
{
	return memmap_find(mm, nr, SECTION_PRESENT, ret);
}

int memmap_section(struct memmap *mm, uint64_t nr, uint64_t *ret)
{
	uint64_t va;
	int r;

	if (nr == mm->section_nr) {
		*ret = mm->section_va;
		return 1;
	}
	/* The struct pages of a section that is not online may never have been initialised. */
	r = memmap_find(mm, nr, SECTION_PRESENT | SECTION_ONLINE, &va);
	if (r <= 0)
		return r;
	mm->section_nr = nr;
	mm->section_va = va;
	*ret = mm->section_va;
	return 1;
}

/* The first root from @root on that is there, or the number of roots. There can be 131072. */
static int next_root(struct memmap *mm, uint64_t root, uint64_t *ret)
{
	uint64_t n = ALIGN_UP(mm->sections, mm->per_root) / mm->per_root;
	uint64_t some[512];

	for (; root < n; root += ARRAY_SIZE(some)) {
		uint64_t len = MIN(n - root, ARRAY_SIZE(some));
		int r = kspace_read(mm->ks, mm->roots_va + root * 8, some, len * 8);

		if (r < 0)
			return r;
		for (uint64_t i = 0; i < len; i++)
			if (some[i]) {
				*ret = root + i;
				return 0;
			}
	}
	*ret = n;
	return 0;
}

int memmap_next_online(struct memmap *mm, uint64_t *nr, bool *ret_early)
{
	for (uint64_t i = *nr; i < mm->sections; i++) {
		uint64_t section, map;
		int r = memmap_find_section(mm, i, &section);

		if (r < 0)
			return r;
		if (r == 0) {
			uint64_t root;

			r = next_root(mm, i / mm->per_root, &root);
			if (r < 0)
				return r;
			/* On to its first section. */
			i = root * mm->per_root - 1;
			continue;
		}
		r = kspace_u64(mm->ks, section + mm->map_offset, &map);
		if (r < 0)
			return r;
		if ((map & SECTION_PRESENT) && (map & SECTION_ONLINE)) {
			*nr = i;
			*ret_early = map & SECTION_EARLY;
			return 1;
		}
	}
	return 0;
}

int memmap_page(struct memmap *mm, uint64_t pfn, uint64_t *ret)
{
	uint64_t nr = pfn >> mm->pfn_shift, va;
	int r = memmap_section(mm, nr, &va);

	if (r > 0)
		*ret = va + (pfn - (nr << mm->pfn_shift)) * mm->struct_page;
	return r;
}
