/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memmap.h - where the kernel keeps its struct page of each page frame.
 *
 * With SPARSEMEM memory comes in sections of 128 MiB (x86_64), each described by a struct
 * mem_section, whose section_mem_map holds flags in its low bits and above them the address of the
 * section's struct pages, biased so that the struct page of page frame n lies n * SIZE(page) behind
 * it (mm/sparse.c, include/linux/mmzone.h, Linux 6.12). The sections stand in one array, or
 * (EXTREME) in pages that an array of pointers leads to.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

#define MEMMAP_MAX_STRUCT_PAGE 256

struct memmap {
	struct kspace *ks;
	uint64_t sections;    /* how many there can be */
	unsigned pfn_shift;   /* a section is 1 << pfn_shift page frames */
	uint64_t struct_page; /* bytes */
	uint64_t roots_va;
	uint64_t struct_section; /* bytes */
	uint64_t map_offset;     /* of section_mem_map in it */
	uint64_t per_root;       /* sections a root page holds; 0 when there is just one array */
	uint64_t root_nr;        /* which root is known, UINT64_MAX none ... */
	uint64_t root_va;        /* ... and where it is, 0 absent */
	uint64_t section_nr;     /* the section that was asked for last, UINT64_MAX none ... */
	uint64_t section_va;     /* ... and where its struct pages are */
};

/* Each walk through the pages begins with one of its own: it remembers the section that was asked
 * for last, and a survey must see every read that leads to the struct pages. -ENODATA with a text
 * when VMCOREINFO does not tell enough, or when the kernel has no SPARSEMEM. */
int memmap_init(struct memmap *mm, struct kspace *ks);

/* Gives the address of the struct page of the section's first page frame. 1: it has one; 0: it has
 * none; negative: it could not be read. In both of these cases nothing is known about its pages. */
int memmap_section(struct memmap *mm, uint64_t nr, uint64_t *ret);

/* Likewise of a section that is there but offline: the kernel has given its memory up, and its
 * struct pages may be anything. */
int memmap_offline_section(struct memmap *mm, uint64_t nr, uint64_t *ret);

/* Moves @nr on to the section that is online, if it is none itself. @ret_early: it was there when
 * the kernel started; kernels before 5.3 do not tell. Returns as memmap_section(). */
int memmap_next_online(struct memmap *mm, uint64_t *nr, bool *ret_early);

/* Gives the address of the struct page of page frame @pfn; returns as memmap_section(). */
int memmap_page(struct memmap *mm, uint64_t pfn, uint64_t *ret);
