/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms.h - names and addresses of the kernel's own symbols, from its memory.
 *
 * Variables of each CPU have the address that the kernel's table gives them: up to Linux 6.14
 * x86_64 counts it from the start of a CPU's area, so that it is a small number. Either way the
 * address plus __per_cpu_offset[cpu] is where the variable of that CPU lies.
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

/* -ENODATA when VMCOREINFO does not tell where the tables are, as before Linux 6.0; -EBADMSG when
 * they make no sense; what kspace_read() says when they cannot be read. With a text either way. The
 * kallsyms keeps its own copy of the tables. */
int kallsyms_open(struct kspace *ks, struct kallsyms **ret);
struct kallsyms *kallsyms_free(struct kallsyms *k);
void kallsyms_freep(struct kallsyms **k);

/* The address of the first symbol of that name; -ENOENT with a text when there is none. The first
 * calls take longer, since they make an index as far as they need it. */
int kallsyms_address(struct kallsyms *k, const char *name, uint64_t *ret);

/* The symbol that @address lies in or behind; -ENOENT outside of the kernel image, in it also
 * behind the end of the code when nothing is known about what follows. Of several at one place it
 * is the first, as the kernel itself has it, but for names of padding (__pfx_, __cfi_). */
int kallsyms_find(struct kallsyms *k, uint64_t address, struct symbol *ret);

/* Whether that is the name of padding, of which there is some in front of functions. */
bool kallsyms_is_padding(const char *name);

/* All symbols by number, in the order of their addresses. */
size_t kallsyms_count(const struct kallsyms *k);
void kallsyms_at(struct kallsyms *k, size_t nr, struct symbol *ret);
