/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kview.h - a crashed kernel with its symbols, types and CPUs.
 *
 * A kernel may lack symbols of its data (KALLSYMS_ALL) or types (DEBUG_INFO_BTF). The view opens
 * without them, and calls that need them fail with the reason. Without symbols of its data there
 * still are those that it exports to modules, and a few that are found by what they hold.
 */
#pragma once

#include "base/bitmap.h"
#include "vmcore/kernel/btf.h"
#include "vmcore/kernel/exports.h"
#include "vmcore/kernel/kallsyms.h"

/* See kview-find.c. */
enum { KVIEW_RUNQUEUES, KVIEW_MODULES, KVIEW_SLAB_CACHES, KVIEW_FOUND };

struct kview {
	struct kspace *ks;           /* borrowed */
	struct kallsyms *symbols;    /* NULL when not known */
	struct btf *types;           /* NULL when not known */
	struct exports exports;      /* size 0: they are not known, or not needed */
	uint64_t found[KVIEW_FOUND]; /* variables found by what they hold; 0: not */
	char no_symbols[256];        /* why they are not known; empty when they are */
	char no_types[256];
	char no_cpus[256];
	struct bitmap possible, online; /* CPUs; a panic often takes all but one offline */
	uint64_t *cpu_offsets;          /* of the per-CPU variables of each possible CPU */
};

/* Fails for lack of memory only. @ks must outlive the view. */
int kview_open(struct kspace *ks, struct kview **ret);
struct kview *kview_free(struct kview *v);
BASE_FREEP(kview)

/* Looks for the variables of the enum, in a kernel that has types but no symbols of its data. */
void kview_find(struct kview *v);

/* The address of such a variable by its name; false: it was not found. */
bool kview_found(const struct kview *v, const char *symbol, uint64_t *ret);

/* The address of a variable or function of the kernel. -ENODATA when its symbols are not known,
 * -ENOENT when it has none of this name; with a text. */
int kview_address(const struct kview *v, const char *symbol, uint64_t *ret);

/* The number of @size bytes (1, 2, 4 or 8) that the variable @symbol holds. */
int kview_number(const struct kview *v, const char *symbol, size_t size, uint64_t *ret);

/* Copies the string at @address, cut where @buf or readable memory ends. Fails without any. */
int kview_string(const struct kview *v, uint64_t address, char *buf, size_t size);

/* The value of an enumerator, see btf_enumerator(); -ENODATA when types are not known. */
int kview_enumerator(const struct kview *v, const char *name, const char *enumerator, int64_t *ret);

/* The address of a per-CPU variable on @cpu, one of @possible. @address is what kview_address()
 * gives for the variable, or a pointer that the kernel marks with __percpu. */
static inline uint64_t kview_on_cpu(const struct kview *v, uint64_t address, uint64_t cpu)
{
	return address + v->cpu_offsets[cpu];
}
