/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms.h - names and addresses of the kernel's own symbols, from its memory.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

struct kallsyms;

/* One symbol; without KALLSYMS_ALL the kernel keeps those of its code only. */
struct symbol {
	const char *name; /* valid until the next call on the same kallsyms */
	char type;        /* as nm(1) has it: 't', 'T', 'd', ... */
	uint64_t address;
	uint64_t size; /* bytes up to the next symbol; 0 for the last one */
};

/* -ENODATA when VMCOREINFO does not tell where the tables are, -EBADMSG when they make no sense;
 * with a text either way. The kallsyms keeps its own copy of the tables. */
int kallsyms_open(struct kspace *ks, struct kallsyms **ret);
struct kallsyms *kallsyms_free(struct kallsyms *k);
void kallsyms_freep(struct kallsyms **k);

/* The address of the first symbol of that name; -ENOENT with a text when there is none. */
int kallsyms_address(struct kallsyms *k, const char *name, uint64_t *ret);

/* The symbol that @address lies in or behind; -ENOENT outside of the kernel image. */
int kallsyms_find(struct kallsyms *k, uint64_t address, struct symbol *ret);
