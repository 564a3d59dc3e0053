/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kview.h - a crashed kernel, seen with its own names, types and CPUs.
 *
 * A kernel may lack symbols of its data (KALLSYMS_ALL) or types (DEBUG_INFO_BTF). The view is there
 * all the same; what needs them fails with the reason.
 */
#pragma once

#include "base/bitmap.h"
#include "vmcore/kernel/btf.h"
#include "vmcore/kernel/kallsyms.h"

struct kview {
	struct kspace *ks;        /* borrowed */
	struct kallsyms *symbols; /* NULL: there are none */
	struct btf *types;        /* the same */
	char no_symbols[256];     /* why; empty when they are there */
	char no_types[256];
	char no_cpus[256];
	struct bitmap possible, online; /* CPUs; after a panic the others are often not online */
	uint64_t *cpu_offsets;          /* of each CPU's own variables, for all of @possible */
};

/* Fails for lack of memory only. @ks must outlive the view. */
int kview_open(struct kspace *ks, struct kview **ret);
struct kview *kview_free(struct kview *v);
void kview_freep(struct kview **v);

/* The address of a variable or function of the kernel. -ENODATA when its symbols are not known,
 * -ENOENT when it has none of this name; with a text. */
int kview_address(const struct kview *v, const char *symbol, uint64_t *ret);

/* The number of @size bytes (1, 2, 4 or 8) that the variable @symbol holds. */
int kview_number(const struct kview *v, const char *symbol, size_t size, uint64_t *ret);

/* Copies the string at @address as far as there is room in @buf and memory can be read. Fails when
 * not even its first byte can. */
int kview_string(const struct kview *v, uint64_t address, char *buf, size_t size);

/* The value of an enumerator, see btf_enumerator(); -ENODATA when types are not known. */
int kview_enumerator(const struct kview *v, const char *name, const char *enumerator, int64_t *ret);

/* Where the variable that has @address for all CPUs is for @cpu, one of @possible. That address is
 * what kview_address() gives, or a member that the kernel marks with __percpu. */
static inline uint64_t kview_on_cpu(const struct kview *v, uint64_t address, uint64_t cpu)
{
	return address + v->cpu_offsets[cpu];
}
