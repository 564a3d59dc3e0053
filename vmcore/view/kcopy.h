/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcopy.h - a copy of one structure of the kernel's, as far as somebody wants its members.
 *
 * Members are asked for by their row in the table that the type was found with, see ktype.h. Those
 * that the kernel lacks or whose memory cannot be read are 0 or an empty string: who must know asks
 * kcopy_has().
 */
#pragma once

#include "vmcore/kernel/kspace.h"
#include "vmcore/view/ktype.h"

/* Zeroed, or used for another one before, perhaps of another type. */
struct kcopy {
	const struct ktype *type; /* borrowed */
	uint64_t address;
	uint32_t there; /* bit i: member i */
	size_t room;
	uint8_t *bytes; /* from type->start on */
};

/* Reads the structure at @address: in one go, or each member by itself when they are far apart or
 * some cannot be read. Fails when none can. */
int kcopy_read(struct kcopy *c, struct kspace *ks, const struct ktype *t, uint64_t address);
void kcopy_done(struct kcopy *c);

static inline bool kcopy_has(const struct kcopy *c, unsigned member)
{
	return c->there >> member & 1;
}

/* Where the member is in the kernel's memory: what lists begin with, and structures within. */
uint64_t kcopy_at(const struct kcopy *c, unsigned member);

/* The number that a member is, an integer, pointer or bit field, or a structure of that size such
 * as atomic_t. 0 when it has more than 8 bytes. */
uint64_t kcopy_u64(const struct kcopy *c, unsigned member);
int64_t kcopy_s64(const struct kcopy *c, unsigned member);

/* The same for element @i of an array; 0 when there are not so many. */
uint64_t kcopy_item(const struct kcopy *c, unsigned member, uint64_t i);

/* The string in an array of characters, as far as there is room in @buf; returns @buf. */
char *kcopy_string(const struct kcopy *c, unsigned member, char *buf, size_t size);
