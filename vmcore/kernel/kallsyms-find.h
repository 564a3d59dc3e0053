/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms-find.h - where the tables of the kernel's symbols are; only for kallsyms*.c.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

/* Addresses of the tables; 0: there is none. */
struct kallsyms_places {
	uint64_t names, num_syms, token_table, token_index;
	uint64_t offsets, relative_base; /* of 32 bits each, and what these count from */
	uint64_t addresses;              /* of 64 bits each */
};

/* Takes the places from VMCOREINFO or, where it lacks one, finds the tables in the image. -ENODATA:
 * neither has them. */
int kallsyms_find_places(struct kspace *ks, struct kallsyms_places *ret);
