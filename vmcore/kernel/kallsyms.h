/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms.h - names and addresses of the kernel's own symbols, from its memory.
 *
 * Per-CPU variables have the address in the kernel's table. Up to Linux 6.14 x86_64 counts it from
 * the start of a CPU's area, so it is a small number. In all kernels this address plus
 * __per_cpu_offset[cpu] is that of the variable of a CPU.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

struct kallsyms;

/* One symbol. Without KALLSYMS_ALL a kernel has only those of its code. */
struct symbol {
	const char *name; /* valid until the next call on the same kallsyms */
	char type;        /* as nm(1) has it: 't', 'T', 'd', ... */
	uint64_t address;
	uint64_t size; /* bytes up to the next symbol; 0 for the last one */
};

/* Copies the tables. -ENODATA: VMCOREINFO does not tell where they are, as before Linux 6.0, and
 * they are not in the image either; -EBADMSG: they are broken; other errors as of kspace_read(). */
int kallsyms_open(struct kspace *ks, struct kallsyms **ret);
struct kallsyms *kallsyms_free(struct kallsyms *k);
BASE_FREEP(kallsyms)

/* The address of the first symbol of that name; -ENOENT when there is none. The first calls take
 * longer, since they make an index as far as they need it. */
int kallsyms_address(struct kallsyms *k, const char *name, uint64_t *ret);

/* The symbol that @address lies in or behind. -ENOENT: it is outside of the kernel image, or behind
 * the last symbol of a section. Of several symbols at one address it is the first, as in the
 * kernel's own traces, without padding (__pfx_, __cfi_). */
int kallsyms_find(struct kallsyms *k, uint64_t address, struct symbol *ret);

/* True for names of the padding in front of functions. */
bool kallsyms_is_padding(const char *name);

/* All symbols by number, in the order of their addresses. */
size_t kallsyms_count(const struct kallsyms *k);
void kallsyms_at(struct kallsyms *k, size_t nr, struct symbol *ret);
