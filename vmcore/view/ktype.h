/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ktype.h - the members of one structure of the kernel's that somebody wants, found once.
 *
 * They are a table, a row for each, which is then how they are asked for:
 *
 *	enum { TASK_PID, TASK_STATE, TASK_BLOCKED_ON, TASK_MEMBERS };
 *
 *	static const char *const task_members[TASK_MEMBERS] = {
 *		[TASK_PID] = "pid",
 *		[TASK_STATE] = "__state|state",
 *		[TASK_BLOCKED_ON] = "?blocked_on",
 *	};
 *
 * A row is a path as for btf_member(), or several with | between them: kernels of different times
 * have different names, the first that there is counts. With ? before it, the row is one that
 * kernels may lack.
 */
#pragma once

#include "vmcore/kernel/btf.h"

#define KTYPE_MEMBERS 32

/* Members lie in so many bytes from the start; others are taken for mistakes. */
#define KTYPE_MAX MIB(1)

struct ktype {
	uint64_t size;       /* of the whole structure */
	uint64_t start, end; /* bytes in it from the first of the members to the last */
	unsigned n;
	uint32_t known; /* bit i: member i is there */
	struct btf_member members[KTYPE_MEMBERS];
};

/* Finds a structure, which may have other names too ("module_memory|module_layout"), and @n
 * (KTYPE_MEMBERS at most) of its members. @b may be NULL, for a kernel whose types are not known:
 * -ENODATA. -ENOENT when the structure is not there, or a member without ? is not. With a text
 * either way. */
int ktype_find(const struct btf *b, const char *structure, const char *const *members, unsigned n,
               struct ktype *ret);

static inline bool ktype_has(const struct ktype *t, unsigned member)
{
	return t->known >> member & 1;
}

/* Where the structure begins whose @member lies at @address. */
static inline uint64_t ktype_around(const struct ktype *t, unsigned member, uint64_t address)
{
	return address - t->members[member].offset;
}
