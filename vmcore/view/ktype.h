/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ktype.h - where the wanted members of one kernel structure are, found once.
 *
 * The wanted members are the rows of a table; a member is then named by its row:
 *
 *	enum { TASK_PID, TASK_STATE, TASK_BLOCKED_ON, TASK_MEMBERS };
 *
 *	static const char *const task_members[TASK_MEMBERS] = {
 *		[TASK_PID] = "pid",
 *		[TASK_STATE] = "__state|state",
 *		[TASK_BLOCKED_ON] = "?blocked_on",
 *	};
 *
 * A row is a path as for btf_member(), or several paths with | between them, for kernels of
 * different versions: the first that the kernel has counts. A ? in front marks a member that a
 * kernel may lack.
 */
#pragma once

#include "vmcore/kernel/btf.h"

#define KTYPE_MEMBERS 32

/* The largest offset of a member, in bytes; a larger one is taken for a mistake. */
#define KTYPE_MAX MIB(1)

struct ktype {
	uint64_t size;       /* of the whole structure */
	uint64_t start, end; /* bytes in it from the first of the members to the last */
	unsigned n;
	uint32_t known; /* bit i: member i is there */
	struct btf_member members[KTYPE_MEMBERS];
};

/* Finds a structure and @n of its members, KTYPE_MEMBERS at most. @structure may be several names
 * ("module_memory|module_layout"). -ENODATA when @b is NULL, because types are not known; -ENOENT
 * when the structure or a member without ? is missing; both with a text. */
int ktype_find(const struct btf *b, const char *structure, const char *const *members, unsigned n,
               struct ktype *ret);

/* Copies the first of the names with | between them and moves @names on. False: there is none. */
bool ktype_next_name(const char **names, char *ret, size_t size);

static inline bool ktype_has(const struct ktype *t, unsigned member)
{
	return t->known >> member & 1;
}

/* The address of the structure whose @member is at @address. */
static inline uint64_t ktype_around(const struct ktype *t, unsigned member, uint64_t address)
{
	return address - t->members[member].offset;
}
