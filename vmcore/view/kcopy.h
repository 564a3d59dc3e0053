/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcopy.h - a copy of the wanted members of one kernel structure.
 *
 * A member is named by its row in the table that the type was found with, see ktype.h. A member
 * that the kernel lacks, or whose memory cannot be read, reads as 0 or as an empty string;
 * kcopy_has() tells that apart.
 */
#pragma once

#include "vmcore/kernel/kspace.h"
#include "vmcore/view/ktype.h"

/* Zeroes at first. It can be used again, for a structure of another type too. */
struct kcopy {
	const struct ktype *type; /* borrowed */
	uint64_t address;
	uint32_t there; /* bit i: member i */
	size_t room;
	uint8_t *bytes; /* from type->start on */
};

/* Reads the structure at @address: in one go, or member by member when they are far apart or some
 * cannot be read. Fails when no member can be read. */
int kcopy_read(struct kcopy *c, struct kspace *ks, const struct ktype *t, uint64_t address);
void kcopy_done(struct kcopy *c);

static inline bool kcopy_has(const struct kcopy *c, unsigned member)
{
	return c->there >> member & 1;
}

/* The address of the member in the kernel's memory, for list heads and nested structures. */
uint64_t kcopy_at(const struct kcopy *c, unsigned member);

/* The member as a number: an integer, pointer, bit field or atomic_t. 0: more than 8 bytes. */
uint64_t kcopy_u64(const struct kcopy *c, unsigned member);
int64_t kcopy_s64(const struct kcopy *c, unsigned member);

/* Element @i of the member, an array of numbers; 0 when the array has fewer. */
uint64_t kcopy_item(const struct kcopy *c, unsigned member, uint64_t i);

/* Copies the string in the member, an array of characters, cut to fit @buf. Returns @buf. */
char *kcopy_string(const struct kcopy *c, unsigned member, char *buf, size_t size);
