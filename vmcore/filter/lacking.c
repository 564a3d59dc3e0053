// SPDX-License-Identifier: GPL-2.0-or-later
/* lacking.c - memory that a kernel had and its dump does not know of, see lacking.h. */
#include "vmcore/filter/lacking.h"

#include "vmcore/filter/memmap.h"

static bool has_ram(const struct dump *d, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < d->n_ram; i++)
		if (d->ram[i].start < end && start < d->ram[i].end)
			return true;
	return false;
}

uint64_t lacking_memory(struct kspace *ks)
{
	const struct dump *d = ks->dump;
	bool early, any_early = false;
	uint64_t lacking = 0;
	struct memmap mm;

	if (memmap_init(&mm, ks) < 0)
		return 0;
	for (uint64_t nr = 0; memmap_next_online(&mm, &nr, &early) > 0; nr++) {
		uint64_t start = nr << mm.pfn_shift, end = (nr + 1) << mm.pfn_shift;

		any_early |= early;
		if (!early && !has_ram(d, start, end))
			lacking += end - start;
	}
	/* No kernel starts without memory: this one is older than the mark. */
	return any_early ? lacking << d->page_shift : 0;
}
