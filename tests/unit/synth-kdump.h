/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * synth-kdump.h - kdump-compressed files as other programs on other machines write them, all
 * versions. Memory is small and the same in each; every fifth page is excluded, and the codecs take
 * turns.
 */
#pragma once

#include "tests/unit/synth.h"

#define SYNTH_KDUMP_PAGE    4096
#define SYNTH_KDUMP_SIZE    MIB(1) /* room that a file takes at most */
#define SYNTH_KDUMP_MAX_PFN UINT64_C(0x1010)
#define SYNTH_KDUMP_INFO    "OSRELEASE=5.4\nPAGESIZE=4096\n"

enum {
	SYNTH_KDUMP_64,
	SYNTH_KDUMP_I386,
	SYNTH_KDUMP_ARM, /* 64-bit numbers are aligned to 8 bytes */
	SYNTH_KDUMP_ARM_TIME64,
	SYNTH_KDUMP_I386_TIME64,
	SYNTH_KDUMP_LAYOUTS,
};

struct synth_kdump {
	unsigned layout, version;
	bool swap, one_bitmap;
	uint32_t status;
	uint64_t start, end; /* of a part of a split dump; end 0: it is not split */
};

/* Writes a file; returns its size. */
size_t synth_kdump(const struct synth_kdump *k, uint8_t *file);

bool synth_kdump_is_ram(uint64_t pfn);
bool synth_kdump_is_saved(uint64_t pfn);
void synth_kdump_page(uint64_t pfn, uint8_t *page);
