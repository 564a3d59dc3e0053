/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * btf.h - the kernel's types, from the BTF that is part of the kernel.
 *
 * Several structures may have one name, in different parts of the kernel. The first one that has
 * the member in question gives the answer.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

struct btf;

/* The place and the type of a member. */
struct btf_member {
	uint64_t offset;           /* bytes from the start of the outermost structure */
	uint64_t size;             /* bytes; for a bit field the fewest that contain it */
	uint64_t count;            /* elements of an array, all dimensions; else 1 */
	unsigned bit_offset, bits; /* of a bit field, from bit 0 of these bytes; else 0, 0 */
	uint32_t type;             /* BTF id, typedefs and qualifiers taken off; 0 is void */
};

/* Copies the BTF in [start, end), from __start_BTF to __stop_BTF. -EBADMSG: it is broken. */
int btf_open(struct kspace *ks, uint64_t start, uint64_t end, struct btf **ret);

/* Finds the BTF in the kernel image by its own structure, for kernels without names of variables.
 * -ENOENT: there is none. */
int btf_find(struct kspace *ks, struct btf **ret);

/* Makes a btf of bytes that are read already. Takes @bytes over, also on failure. */
int btf_from_memory(uint8_t *bytes, size_t len, struct btf **ret);

struct btf *btf_free(struct btf *b);
BASE_FREEP(btf)

/* Finds a member by a path such as "se.sum_exec_runtime" or "thread.sp". Members of anonymous
 * structures and unions are found by their own name. Behind an array the path goes on in the first
 * element. -ENOENT: there is no such structure or member, as kernels differ. */
int btf_member(const struct btf *b, const char *structure, const char *path,
               struct btf_member *ret);

/* sizeof a structure or union. -ENOENT. */
int btf_size(const struct btf *b, const char *structure, uint64_t *ret);

/* The value of an enumerator, as NR_FREE_PAGES of zone_stat_item; @name NULL: any enum. -ENOENT. */
int btf_enumerator(const struct btf *b, const char *name, const char *enumerator, int64_t *ret);
