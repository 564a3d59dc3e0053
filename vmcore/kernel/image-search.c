// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * image-search.c - looks through the kernel image, see image-search.h.
 *
 * The page tables tell where the image ends. It has holes: the kernel unmaps its init code and the
 * padding between its sections, each up to 2 MiB on x86_64 and less on arm64 with small pages.
 */
#include "vmcore/kernel/image-search.h"

#include <errno.h>

#include "base/err.h"

/* Limits: kernels have 30 to 100 MiB, and no hole of this size. */
#define MAX_IMAGE MIB(512)
#define MAX_HOLE  MIB(16)

/* The largest page of any architecture. */
#define MAX_PAGE KIB(64)

int image_search(struct kspace *ks, size_t overlap, image_look_fn look, void *arg)
{
	uint64_t page = dump_page_size(ks->dump), start, mapped_end = 0, last, va;
	_cleanup_free_ uint8_t *bytes = malloc(IMAGE_OVERLAP_MAX + MAX_PAGE);
	size_t kept = 0;
	int r = 0;

	if (!bytes)
		return oom("a page of the kernel image");
	if (!vmcoreinfo_get(&ks->dump->vmcoreinfo, "SYMBOL", "_stext", &start))
		return errf(-ENODATA, "VMCOREINFO has no SYMBOL(_stext)");
	start = last = ALIGN_DOWN(start, page);
	for (va = start; va - start < MAX_IMAGE && va - last < MAX_HOLE && r == 0; va += page) {
		struct leaf leaf;

		if (va >= mapped_end && pagetable_walk(&ks->tables, ks->reader, va, &leaf) == 0)
			mapped_end = leaf.va + leaf.size;
		if (va >= mapped_end || kspace_read(ks, va, bytes + kept, page) < 0) {
			kept = 0;
			continue;
		}
		last = va;
		r = look(arg, va - kept, bytes, kept + page);
		memmove(bytes, bytes + kept + page - overlap, overlap);
		kept = overlap;
	}
	return r;
}
