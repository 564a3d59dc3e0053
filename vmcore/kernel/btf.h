/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * btf.h - the kernel's types, from the BTF that it carries itself.
 *
 * Names of structures may occur more than once, when parts of the kernel mean different things by
 * them: each question goes to the first that has the answer.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

struct btf;

/* Where a member lies in its structure. */
struct btf_member {
	uint64_t offset;           /* bytes from the start of the outermost structure */
	uint64_t size;             /* bytes; of a bit field the fewest that hold it */
	uint64_t count;            /* elements of an array, all dimensions; else 1 */
	unsigned bit_offset, bits; /* of a bit field, from bit 0 of these bytes; else 0, 0 */
	uint32_t type;             /* BTF id, typedefs and qualifiers taken off; 0 is void */
};

/* Takes the BTF at [start, end) of the kernel's memory, between the symbols __start_BTF and
 * __stop_BTF, which it copies. -EBADMSG with a text when that is none. */
int btf_open(struct kspace *ks, uint64_t start, uint64_t end, struct btf **ret);

/* The same for bytes that were read before, which it takes over, also when it fails. */
int btf_from_memory(uint8_t *bytes, size_t len, struct btf **ret);

struct btf *btf_free(struct btf *b);
void btf_freep(struct btf **b);

/* Finds a member by a path such as "se.sum_exec_runtime" or "thread.sp"; members of anonymous
 * structures and unions are found by their own name. Beyond an array the path goes on in its first
 * element. -ENOENT with a text when there is no such structure or member: kernels differ, so
 * callers often ask for one name after another. */
int btf_member(const struct btf *b, const char *structure, const char *path,
               struct btf_member *ret);

/* sizeof a structure or union. -ENOENT. */
int btf_size(const struct btf *b, const char *structure, uint64_t *ret);

/* The value of an enumerator, such as NR_FREE_PAGES of zone_stat_item; @name NULL looks through all
 * enums. -ENOENT. */
int btf_enumerator(const struct btf *b, const char *name, const char *enumerator, int64_t *ret);
