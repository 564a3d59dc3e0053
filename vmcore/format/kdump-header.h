/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kdump-header.h - the headers of the kdump-compressed format.
 *
 *	offset		what
 *	0		main header, padded to a block (a page of the crashed kernel)
 *	one block	sub header, then the ELF notes: sub_hdr_size blocks
 *	...		bitmap 1, of page frames that were RAM
 *	...		bitmap 2, of page frames that are in the dump
 *	...		a descriptor of 24 bytes per bit of bitmap 2, in their order
 *	anywhere	the pages that the descriptors point to
 *
 * The format is that of makedumpfile (diskdump_mod.h) and crash (diskdump.h). The headers are C
 * structures of the machine that wrote them, so there are several layouts. We read all versions and
 * layouts. We write version 6 in the layout of 64-bit machines and the byte order of the crashed
 * machine.
 *
 * A split dump (makedumpfile --split) is several such files. Each has all headers and whole
 * bitmaps, but only the descriptors and data of its page frames.
 */
#pragma once

#include "base/base.h"

#define KDUMP_SIGNATURE         "KDUMP   "
#define KDUMP_VERSION           6
#define KDUMP_DESC_SIZE         24
#define KDUMP_STATUS_INCOMPLETE 0x08
#define KDUMP_UTS_LEN           65

struct kdump_header {
	char uts[6][KDUMP_UTS_LEN]; /* sysname, nodename, release, version, machine, domainname */
	uint64_t crash_time;
	uint32_t status; /* flag of the codec, KDUMP_STATUS_INCOMPLETE */
	uint32_t block_size;
	uint32_t sub_blocks;
	uint32_t bitmap_blocks;  /* of both bitmaps */
	uint32_t written_blocks; /* see kdump_header_set_size(); 0: not told */
	uint32_t n_cpus;
	uint32_t version;

	int64_t phys_base;
	uint32_t level;
	bool split;
	uint64_t start_pfn, end_pfn; /* of a split part */
	uint64_t vmcoreinfo_offset, vmcoreinfo_size;
	uint64_t notes_offset, notes_size;
	uint64_t max_pfn;

	bool swap; /* the file has the other byte order */

	/* Only for readers: */
	bool one_bitmap; /* old: one bitmap serves as both */
	uint8_t layout;  /* of the main header; private */
	uint8_t word;    /* bytes of a long of the machine that wrote it: 4 or 8 */
};

/* Sets written_blocks, which no other program uses, to the number of blocks of the complete file.
 * Our files end with a whole block. So kdump_header_cut() knows a file that was cut off later.
 * Files of 16 TiB and more say 0. */
void kdump_header_set_size(struct kdump_header *h, uint64_t file_size);
bool kdump_header_cut(const struct kdump_header *h, uint64_t file_size);

/* Sizes of the headers in the file. The notes begin right behind the sub header. */
#define KDUMP_MAIN_SIZE 464
#define KDUMP_SUB_SIZE  104

/* Sets block counts and note offsets for @notes_size bytes of notes and @max_pfn page frames. */
void kdump_header_layout(struct kdump_header *h, uint64_t max_pfn, uint64_t notes_size);

/* File offsets that follow from the block counts. */
uint64_t kdump_bitmap_offset(const struct kdump_header *h);
uint64_t kdump_bitmap_size(const struct kdump_header *h); /* of one */
uint64_t kdump_desc_offset(const struct kdump_header *h);

/* Makes the main and sub header as they stand in the file. */
void kdump_header_encode(const struct kdump_header *h, uint8_t main[static KDUMP_MAIN_SIZE],
                         uint8_t sub[static KDUMP_SUB_SIZE]);

/* Reads the main header from the first KDUMP_MAIN_SIZE bytes of a file. 1: done, and the sub header
 * is at offset block_size; 0: another format; -EBADMSG: the numbers are not plausible. */
int kdump_header_decode_main(const uint8_t main[static KDUMP_MAIN_SIZE], struct kdump_header *ret);

/* Reads the sub header into @h, which has the main header. */
int kdump_header_decode_sub(const uint8_t sub[static KDUMP_SUB_SIZE], struct kdump_header *h);

struct kdump_desc {
	uint64_t offset; /* 0: the page was lost */
	uint32_t size;
	uint32_t flags; /* of the codec, 0 raw */
};

void kdump_desc_encode(const struct kdump_desc *d, bool swap,
                       uint8_t bytes[static KDUMP_DESC_SIZE]);
void kdump_desc_decode(const uint8_t bytes[static KDUMP_DESC_SIZE], bool swap,
                       struct kdump_desc *ret);
