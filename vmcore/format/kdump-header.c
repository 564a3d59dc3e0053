// SPDX-License-Identifier: GPL-2.0-or-later
/* kdump-header.c - the headers of the kdump-compressed format, see kdump-header.h. */
#include "vmcore/format/kdump-header.h"

#include <byteswap.h>
#include <errno.h>

#include "base/cursor.h"
#include "base/err.h"

#define MAX_VERSION 6

/* Offsets in the main header. Those behind the time stamp depend on its size. */
enum {
	MAIN_VERSION = 8,
	MAIN_UTS = 12,

	/* Behind the status. */
	AFTER_STATUS_BLOCK_SIZE = 4,
	AFTER_STATUS_SUB_BLOCKS = 8,
	AFTER_STATUS_BITMAP_BLOCKS = 12,
	AFTER_STATUS_MAX_PFN = 16,
	AFTER_STATUS_WRITTEN = 28,
	AFTER_STATUS_N_CPUS = 36,
};

/* Offsets in the sub header, and how long a long is. */
struct sub_layout {
	uint8_t word;
	uint8_t level, split, start_pfn, end_pfn;
	uint8_t vmcoreinfo, vmcoreinfo_size, notes, notes_size;
	uint8_t start_pfn_64, end_pfn_64, max_pfn_64;
};

/* Index into sub_layouts[]. */
enum {
	SUB_64,
	SUB_32, /* i386: 64-bit numbers are aligned to 4 bytes; QEMU on any 32-bit machine */
	SUB_32_ALIGNED, /* ARM, MIPS, PowerPC: to 8 */
	SUB_LAYOUTS,
};

static const struct sub_layout sub_layouts[SUB_LAYOUTS] = {
	[SUB_64] = { 8, 8, 12, 16, 24, 32, 40, 48, 56, 80, 88, 96 },
	[SUB_32] = { 4, 4, 8, 12, 16, 20, 28, 32, 40, 56, 64, 72 },
	[SUB_32_ALIGNED] = { 4, 4, 8, 12, 16, 24, 32, 40, 48, 72, 80, 88 },
};

/* The time stamp is a struct timeval of the machine that wrote the file. @subs are the sub headers
 * that are possible with it, the likelier first. */
static const struct main_layout {
	uint16_t time, status;
	uint8_t time_size;
	uint8_t subs[2];
} main_layouts[] = {
	/* 64-bit machines, and 32-bit ones whose time has 64 bits */
	{ 408, 424, 8, { SUB_64, SUB_32_ALIGNED } },
	/* 32-bit machines */
	{ 404, 412, 4, { SUB_32, SUB_32_ALIGNED } },
	/* i386 whose time has 64 bits */
	{ 404, 420, 8, { SUB_32, SUB_32 } },
};

static void put_u32(uint8_t *p, uint32_t v, bool swap)
{
	v = swap ? bswap_32(v) : v;
	memcpy(p, &v, sizeof(v));
}

static void put_u64(uint8_t *p, uint64_t v, bool swap)
{
	v = swap ? bswap_64(v) : v;
	memcpy(p, &v, sizeof(v));
}

static uint64_t count_blocks(uint64_t bytes, uint32_t block_size)
{
	return ALIGN_UP(bytes, (uint64_t)block_size) / block_size;
}

void kdump_header_layout(struct kdump_header *h, uint64_t max_pfn, uint64_t notes_size)
{
	h->max_pfn = max_pfn;
	h->notes_size = notes_size;
	h->notes_offset = h->block_size + KDUMP_SUB_SIZE;
	h->sub_blocks = count_blocks(KDUMP_SUB_SIZE + notes_size, h->block_size);
	h->bitmap_blocks = 2 * count_blocks(ALIGN_UP(max_pfn, 8) / 8, h->block_size);
}

uint64_t kdump_bitmap_offset(const struct kdump_header *h)
{
	return (uint64_t)h->block_size * (1 + (uint64_t)h->sub_blocks);
}

uint64_t kdump_bitmap_size(const struct kdump_header *h)
{
	return (uint64_t)h->block_size * h->bitmap_blocks / (h->one_bitmap ? 1 : 2);
}

uint64_t kdump_desc_offset(const struct kdump_header *h)
{
	return kdump_bitmap_offset(h) + (uint64_t)h->block_size * h->bitmap_blocks;
}

void kdump_header_set_size(struct kdump_header *h, uint64_t file_size)
{
	uint64_t n = count_blocks(file_size, h->block_size);

	h->written_blocks = n <= UINT32_MAX ? n : 0;
}

bool kdump_header_cut(const struct kdump_header *h, uint64_t file_size)
{
	return h->version >= 6 && file_size < (uint64_t)h->written_blocks * h->block_size;
}

void kdump_header_encode(const struct kdump_header *h, uint8_t main[static KDUMP_MAIN_SIZE],
                         uint8_t sub[static KDUMP_SUB_SIZE])
{
	const struct main_layout *m = &main_layouts[0];
	const struct sub_layout *s = &sub_layouts[SUB_64];
	uint8_t *status = main + m->status;

	memset(main, 0, KDUMP_MAIN_SIZE);
	memcpy(main, KDUMP_SIGNATURE, 8);
	put_u32(main + MAIN_VERSION, KDUMP_VERSION, h->swap);
	memcpy(main + MAIN_UTS, h->uts, sizeof(h->uts));
	/* The microseconds stay 0, or libkdumpfile would take the header for a 32-bit one. */
	put_u64(main + m->time, h->crash_time, h->swap);
	put_u32(status, h->status, h->swap);
	put_u32(status + AFTER_STATUS_BLOCK_SIZE, h->block_size, h->swap);
	put_u32(status + AFTER_STATUS_SUB_BLOCKS, h->sub_blocks, h->swap);
	put_u32(status + AFTER_STATUS_BITMAP_BLOCKS, h->bitmap_blocks, h->swap);
	put_u32(status + AFTER_STATUS_MAX_PFN, MIN(h->max_pfn, UINT32_MAX), h->swap);
	put_u32(status + AFTER_STATUS_WRITTEN, h->written_blocks, h->swap);
	put_u32(status + AFTER_STATUS_N_CPUS, h->n_cpus, h->swap);

	memset(sub, 0, KDUMP_SUB_SIZE);
	put_u64(sub, h->phys_base, h->swap);
	put_u32(sub + s->level, h->level, h->swap);
	put_u64(sub + s->vmcoreinfo, h->vmcoreinfo_offset, h->swap);
	put_u64(sub + s->vmcoreinfo_size, h->vmcoreinfo_size, h->swap);
	put_u64(sub + s->notes, h->notes_offset, h->swap);
	put_u64(sub + s->notes_size, h->notes_size, h->swap);
	put_u64(sub + s->max_pfn_64, h->max_pfn, h->swap);
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

static uint64_t get_word(const uint8_t *bytes, size_t size, size_t offset, unsigned word, bool swap)
{
	return word == 4 ? get_u32(bytes, size, offset, swap) : get_u64(bytes, size, offset, swap);
}

/* Reads the main header by this layout and byte order; false when the result is not plausible. */
static bool main_try(const uint8_t *main, size_t layout, bool swap, struct kdump_header *ret)
{
	const struct main_layout *m = &main_layouts[layout];
	const size_t size = KDUMP_MAIN_SIZE, status = m->status;
	struct kdump_header h = {
		.swap = swap,
		.layout = layout,
		.version = get_u32(main, size, MAIN_VERSION, swap),
		.crash_time = get_word(main, size, m->time, m->time_size, swap),
		.status = get_u32(main, size, status, swap),
		.block_size = get_u32(main, size, status + AFTER_STATUS_BLOCK_SIZE, swap),
		.sub_blocks = get_u32(main, size, status + AFTER_STATUS_SUB_BLOCKS, swap),
		.bitmap_blocks = get_u32(main, size, status + AFTER_STATUS_BITMAP_BLOCKS, swap),
		.max_pfn = get_u32(main, size, status + AFTER_STATUS_MAX_PFN, swap),
		.written_blocks = get_u32(main, size, status + AFTER_STATUS_WRITTEN, swap),
		.n_cpus = get_u32(main, size, status + AFTER_STATUS_N_CPUS, swap),
	};

	memcpy(h.uts, main + MAIN_UTS, sizeof(h.uts));
	for (size_t i = 0; i < ARRAY_SIZE(h.uts); i++)
		h.uts[i][KDUMP_UTS_LEN - 1] = '\0';
	*ret = h;
	return h.version <= MAX_VERSION && h.block_size >= KIB(4) && h.block_size <= KIB(256) &&
	       (h.block_size & (h.block_size - 1)) == 0 && h.sub_blocks > 0 &&
	       h.bitmap_blocks > 0 && h.max_pfn <= (uint64_t)h.block_size * h.bitmap_blocks * 8;
}

int kdump_header_decode_main(const uint8_t main[static KDUMP_MAIN_SIZE], struct kdump_header *ret)
{
	struct kdump_header h;

	if (memcmp(main, KDUMP_SIGNATURE, 8) != 0)
		return 0;
	for (size_t layout = 0; layout < ARRAY_SIZE(main_layouts); layout++)
		for (int swap = 0; swap < 2; swap++)
			if (main_try(main, layout, swap, &h)) {
				*ret = h;
				return 1;
			}
	main_try(main, 0, false, &h);
	return errf(-EBADMSG,
	            "kdump header: version %u, block size %u, %u sub header blocks, %u bitmap "
	            "blocks for %llu page frames are not plausible",
	            h.version, h.block_size, h.sub_blocks, h.bitmap_blocks,
	            (unsigned long long)h.max_pfn);
}

static struct kdump_header sub_try(const uint8_t *sub, const struct sub_layout *s,
                                   const struct kdump_header *main)
{
	const size_t size = KDUMP_SUB_SIZE;
	struct kdump_header h = *main;
	bool swap = h.swap;

	h.word = s->word;
	h.phys_base = s->word == 8 ? (int64_t)get_u64(sub, size, 0, swap)
	                           : (int32_t)get_u32(sub, size, 0, swap);
	if (h.version >= 1)
		h.level = get_u32(sub, size, s->level, swap);
	if (h.version >= 2) {
		h.split = get_u32(sub, size, s->split, swap);
		h.start_pfn = get_word(sub, size, s->start_pfn, s->word, swap);
		h.end_pfn = get_word(sub, size, s->end_pfn, s->word, swap);
	}
	if (h.version >= 3) {
		h.vmcoreinfo_offset = get_u64(sub, size, s->vmcoreinfo, swap);
		h.vmcoreinfo_size = get_word(sub, size, s->vmcoreinfo_size, s->word, swap);
	}
	if (h.version >= 4) {
		h.notes_offset = get_u64(sub, size, s->notes, swap);
		h.notes_size = get_word(sub, size, s->notes_size, s->word, swap);
	}
	if (h.version >= 6) {
		h.start_pfn = get_u64(sub, size, s->start_pfn_64, swap);
		h.end_pfn = get_u64(sub, size, s->end_pfn_64, swap);
		h.max_pfn = get_u64(sub, size, s->max_pfn_64, swap);
	}
	return h;
}

/* True if a range of the file lies in the blocks of the sub header, where all writers put it. */
static bool in_sub_blocks(const struct kdump_header *h, uint64_t offset, uint64_t size)
{
	uint64_t end = kdump_bitmap_offset(h);

	return (offset == 0 && size == 0) ||
	       (offset >= h->block_size && offset <= end && size <= end - offset);
}

static bool sub_plausible(const struct kdump_header *h, uint64_t main_max_pfn)
{
	return in_sub_blocks(h, h->vmcoreinfo_offset, h->vmcoreinfo_size) &&
	       in_sub_blocks(h, h->notes_offset, h->notes_size) &&
	       MIN(h->max_pfn, UINT32_MAX) == main_max_pfn;
}

int kdump_header_decode_sub(const uint8_t sub[static KDUMP_SUB_SIZE], struct kdump_header *h)
{
	const struct main_layout *m = &main_layouts[h->layout];
	struct kdump_header first = sub_try(sub, &sub_layouts[m->subs[0]], h);
	struct kdump_header second = sub_try(sub, &sub_layouts[m->subs[1]], h);
	uint64_t bitmap_bits;

	*h = !sub_plausible(&first, h->max_pfn) && sub_plausible(&second, h->max_pfn) ? second
	                                                                              : first;
	/* crash decides it by the same rule. */
	h->one_bitmap =
		h->version < 6 &&
		h->bitmap_blocks < 2 * count_blocks(count_blocks(h->max_pfn, 8), h->block_size);
	bitmap_bits = kdump_bitmap_size(h) * 8;
	if (h->max_pfn > bitmap_bits)
		return errf(-EBADMSG, "kdump header: %llu page frames do not fit its bitmaps",
		            (unsigned long long)h->max_pfn);
	/* makedumpfile deals out blocks of pages, so that some parts may get none of them. */
	if (h->split && (h->start_pfn > h->end_pfn || h->start_pfn > h->max_pfn))
		return errf(-EBADMSG, "kdump header: part of %llu page frames from %#llx to %#llx",
		            (unsigned long long)h->max_pfn, (unsigned long long)h->start_pfn,
		            (unsigned long long)h->end_pfn);
	return 0;
}

void kdump_desc_encode(const struct kdump_desc *d, bool swap, uint8_t bytes[static KDUMP_DESC_SIZE])
{
	put_u64(bytes, d->offset, swap);
	put_u32(bytes + 8, d->size, swap);
	put_u32(bytes + 12, d->flags, swap);
	put_u64(bytes + 16, 0, swap); /* page flags; no reader uses them */
}

void kdump_desc_decode(const uint8_t bytes[static KDUMP_DESC_SIZE], bool swap,
                       struct kdump_desc *ret)
{
	ret->offset = get_u64(bytes, KDUMP_DESC_SIZE, 0, swap);
	ret->size = get_u32(bytes, KDUMP_DESC_SIZE, 8, swap);
	ret->flags = get_u32(bytes, KDUMP_DESC_SIZE, 12, swap);
}
