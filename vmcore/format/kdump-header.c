// SPDX-License-Identifier: GPL-2.0-or-later
/* kdump-header.c - the headers of the kdump-compressed format, see kdump-header.h. */
#include "vmcore/format/kdump-header.h"

#include <errno.h>

#include "vmcore/base/cursor.h"
#include "vmcore/base/err.h"

/* Offsets in the main header. */
enum {
	MAIN_VERSION = 8,
	MAIN_UTS = 12,
	MAIN_TIME = 408,
	MAIN_STATUS = 424,
	MAIN_BLOCK_SIZE = 428,
	MAIN_SUB_BLOCKS = 432,
	MAIN_BITMAP_BLOCKS = 436,
	MAIN_MAX_PFN = 440,
	MAIN_N_CPUS = 460,
};

/* Offsets in the sub header. */
enum {
	SUB_PHYS_BASE = 0,
	SUB_LEVEL = 8,
	SUB_SPLIT = 12,
	SUB_VMCOREINFO = 32,
	SUB_NOTES = 48,
	SUB_START_PFN = 80,
	SUB_END_PFN = 88,
	SUB_MAX_PFN = 96,
};

static void put_u32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void put_u64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

static uint64_t blocks(uint64_t bytes, uint32_t block_size)
{
	return ALIGN_UP(bytes, (uint64_t)block_size) / block_size;
}

void kdump_header_layout(struct kdump_header *h, uint64_t max_pfn, uint64_t notes_size)
{
	h->max_pfn = max_pfn;
	h->notes_size = notes_size;
	h->notes_offset = h->block_size + KDUMP_SUB_SIZE;
	h->sub_blocks = blocks(KDUMP_SUB_SIZE + notes_size, h->block_size);
	h->bitmap_blocks = 2 * blocks(ALIGN_UP(max_pfn, 8) / 8, h->block_size);
}

uint64_t kdump_bitmap_offset(const struct kdump_header *h)
{
	return (uint64_t)h->block_size * (1 + (uint64_t)h->sub_blocks);
}

uint64_t kdump_bitmap_size(const struct kdump_header *h)
{
	return (uint64_t)h->block_size * h->bitmap_blocks / 2;
}

uint64_t kdump_desc_offset(const struct kdump_header *h)
{
	return kdump_bitmap_offset(h) + 2 * kdump_bitmap_size(h);
}

void kdump_header_encode(const struct kdump_header *h, uint8_t main[static KDUMP_MAIN_SIZE],
                         uint8_t sub[static KDUMP_SUB_SIZE])
{
	memset(main, 0, KDUMP_MAIN_SIZE);
	memcpy(main, KDUMP_SIGNATURE, 8);
	put_u32(main + MAIN_VERSION, KDUMP_VERSION);
	memcpy(main + MAIN_UTS, h->uts, sizeof(h->uts));
	/* The microseconds that follow stay 0: other values make libkdumpfile take the header for a
	 * 32-bit one. */
	put_u64(main + MAIN_TIME, h->crash_time);
	put_u32(main + MAIN_STATUS, h->status);
	put_u32(main + MAIN_BLOCK_SIZE, h->block_size);
	put_u32(main + MAIN_SUB_BLOCKS, h->sub_blocks);
	put_u32(main + MAIN_BITMAP_BLOCKS, h->bitmap_blocks);
	put_u32(main + MAIN_MAX_PFN, MIN(h->max_pfn, UINT32_MAX));
	put_u32(main + MAIN_N_CPUS, h->n_cpus);

	memset(sub, 0, KDUMP_SUB_SIZE);
	put_u64(sub + SUB_PHYS_BASE, h->phys_base);
	put_u32(sub + SUB_LEVEL, h->level);
	put_u64(sub + SUB_VMCOREINFO, h->vmcoreinfo_offset);
	put_u64(sub + SUB_VMCOREINFO + 8, h->vmcoreinfo_size);
	put_u64(sub + SUB_NOTES, h->notes_offset);
	put_u64(sub + SUB_NOTES + 8, h->notes_size);
	put_u64(sub + SUB_MAX_PFN, h->max_pfn);
}

static bool block_size_plausible(uint32_t size)
{
	return size >= KIB(4) && size <= KIB(256) && (size & (size - 1)) == 0;
}

static uint32_t get_u32(const uint8_t *bytes, size_t size, size_t offset, bool swap)
{
	struct cursor c = cursor_over(bytes, size, "kdump header");
	uint32_t v = 0;

	c.swap = swap;
	cursor_seek(&c, offset);
	cursor_u32(&c, &v);
	return v;
}

static uint64_t get_u64(const uint8_t *bytes, size_t size, size_t offset, bool swap)
{
	struct cursor c = cursor_over(bytes, size, "kdump header");
	uint64_t v = 0;

	c.swap = swap;
	cursor_seek(&c, offset);
	cursor_u64(&c, &v);
	return v;
}

int kdump_header_decode_main(const uint8_t main[static KDUMP_MAIN_SIZE], struct kdump_header *ret)
{
	struct kdump_header h = {};

	if (memcmp(main, KDUMP_SIGNATURE, 8) != 0)
		return 0;
	/* The block size tells the byte order; no plausible one reads plausible the other way
	 * round. */
	h.swap = !block_size_plausible(get_u32(main, KDUMP_MAIN_SIZE, MAIN_BLOCK_SIZE, false));
	h.block_size = get_u32(main, KDUMP_MAIN_SIZE, MAIN_BLOCK_SIZE, h.swap);
	if (!block_size_plausible(h.block_size))
		return errf(-EBADMSG,
		            "kdump header: block size %u is not plausible (a 32-bit dump?)",
		            h.block_size);
	h.version = get_u32(main, KDUMP_MAIN_SIZE, MAIN_VERSION, h.swap);
	memcpy(h.uts, main + MAIN_UTS, sizeof(h.uts));
	for (size_t i = 0; i < ARRAY_SIZE(h.uts); i++)
		h.uts[i][KDUMP_UTS_LEN - 1] = '\0';
	h.crash_time = get_u64(main, KDUMP_MAIN_SIZE, MAIN_TIME, h.swap);
	h.status = get_u32(main, KDUMP_MAIN_SIZE, MAIN_STATUS, h.swap);
	h.sub_blocks = get_u32(main, KDUMP_MAIN_SIZE, MAIN_SUB_BLOCKS, h.swap);
	h.bitmap_blocks = get_u32(main, KDUMP_MAIN_SIZE, MAIN_BITMAP_BLOCKS, h.swap);
	h.max_pfn = get_u32(main, KDUMP_MAIN_SIZE, MAIN_MAX_PFN, h.swap);
	h.n_cpus = get_u32(main, KDUMP_MAIN_SIZE, MAIN_N_CPUS, h.swap);
	if (h.sub_blocks == 0 || h.bitmap_blocks == 0)
		return errf(-EBADMSG, "kdump header: no sub header or no bitmaps");
	*ret = h;
	return 1;
}

int kdump_header_decode_sub(const uint8_t sub[static KDUMP_SUB_SIZE], struct kdump_header *h)
{
	h->phys_base = get_u64(sub, KDUMP_SUB_SIZE, SUB_PHYS_BASE, h->swap);
	if (h->version >= 1)
		h->level = get_u32(sub, KDUMP_SUB_SIZE, SUB_LEVEL, h->swap);
	if (h->version >= 2)
		h->split = get_u32(sub, KDUMP_SUB_SIZE, SUB_SPLIT, h->swap);
	if (h->version >= 3) {
		h->vmcoreinfo_offset = get_u64(sub, KDUMP_SUB_SIZE, SUB_VMCOREINFO, h->swap);
		h->vmcoreinfo_size = get_u64(sub, KDUMP_SUB_SIZE, SUB_VMCOREINFO + 8, h->swap);
	}
	if (h->version >= 4) {
		h->notes_offset = get_u64(sub, KDUMP_SUB_SIZE, SUB_NOTES, h->swap);
		h->notes_size = get_u64(sub, KDUMP_SUB_SIZE, SUB_NOTES + 8, h->swap);
	}
	if (h->version >= 6) {
		h->start_pfn = get_u64(sub, KDUMP_SUB_SIZE, SUB_START_PFN, h->swap);
		h->end_pfn = get_u64(sub, KDUMP_SUB_SIZE, SUB_END_PFN, h->swap);
		h->max_pfn = get_u64(sub, KDUMP_SUB_SIZE, SUB_MAX_PFN, h->swap);
	}
	if (h->max_pfn > kdump_bitmap_size(h) * 8)
		return errf(-EBADMSG, "kdump header: %llu page frames do not fit its bitmaps",
		            (unsigned long long)h->max_pfn);
	return 0;
}

void kdump_desc_encode(const struct kdump_desc *d, uint8_t bytes[static KDUMP_DESC_SIZE])
{
	put_u64(bytes, d->offset);
	put_u32(bytes + 8, d->size);
	put_u32(bytes + 12, d->flags);
	put_u64(bytes + 16, 0); /* page flags; no reader uses them */
}

void kdump_desc_decode(const uint8_t bytes[static KDUMP_DESC_SIZE], bool swap,
                       struct kdump_desc *ret)
{
	ret->offset = get_u64(bytes, KDUMP_DESC_SIZE, 0, swap);
	ret->size = get_u32(bytes, KDUMP_DESC_SIZE, 8, swap);
	ret->flags = get_u32(bytes, KDUMP_DESC_SIZE, 12, swap);
}
