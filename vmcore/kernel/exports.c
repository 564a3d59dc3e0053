// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * exports.c - the symbols that the kernel exports to its modules, see exports.h.
 *
 * __ksymtab and, right behind it, __ksymtab_gpl are arrays of struct kernel_symbol
 * (include/linux/export.h, since Linux 4.19). The linker sorts each by name; some names are there
 * twice. An entry has two offsets of 32 bits, each relative to its own address: that of the symbol
 * and that of its name. Since 5.4 a third one is for the name of a namespace.
 *
 * init_task is exported by every kernel. So first its name is found in the image, with a NUL on
 * both sides, then the entry that leads to it. It is one if the entries beside it have names that
 * sort before and behind it. From there the table goes on as long as there are names.
 */
#include "vmcore/kernel/exports.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>

#include "base/err.h"
#include "vmcore/kernel/image-search.h"

#define NAME_SIZE 128

/* Limits; kernels have 15,000 entries, and the word init_task in a few places. */
#define MAX_ENTRIES 200000
#define MAX_PLACES  16
#define MAX_TRIES   10000 /* words that could lead to it */

static const char known[] = "\0init_task"; /* with the NUL behind it */

struct search {
	struct kspace *ks;
	uint64_t places[MAX_PLACES]; /* of the name */
	size_t n;
	uint64_t entry; /* that leads to the name */
	unsigned tries;
	struct exports found;
};

/* Reads the name of the entry at @va. False: it is none. */
static bool read_name(struct kspace *ks, uint64_t va, char ret[static NAME_SIZE])
{
	uint32_t offset;
	size_t len;

	memset(ret, 0, NAME_SIZE);
	if (kspace_u32(ks, va + 4, &offset) < 0)
		return false;
	va += 4 + (int64_t)(int32_t)offset;
	/* The page behind may be missing. */
	for (len = NAME_SIZE - 1; len >= 16; len /= 2)
		if (kspace_read(ks, va, ret, len) == 0)
			break;
	len = strnlen(ret, NAME_SIZE);
	if (len == 0 || len == NAME_SIZE)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)ret[i]) && ret[i] != '_' && ret[i] != '.')
			return false;
	return true;
}

/* An image_look_fn. */
static int look_for_name(void *arg, uint64_t va, const uint8_t *bytes, size_t len)
{
	struct search *s = arg;
	const uint8_t *p = bytes, *end = bytes + len;

	while (s->n < MAX_PLACES && (p = memmem(p, end - p, known, sizeof(known)))) {
		s->places[s->n++] = va + (p - bytes) + 1;
		p++;
	}
	return 0;
}

static bool is_entry(struct search *s, uint64_t va, unsigned size)
{
	char before[NAME_SIZE], behind[NAME_SIZE];

	return read_name(s->ks, va - size, before) && read_name(s->ks, va + size, behind) &&
	       strcmp(before, known + 1) < 0 && strcmp(known + 1, behind) < 0;
}

/* An image_look_fn. */
static int look_for_entry(void *arg, uint64_t va, const uint8_t *bytes, size_t len)
{
	struct search *s = arg;

	for (size_t at = 0; at + 4 <= len; at += 4) {
		uint32_t offset;
		uint64_t to;

		memcpy(&offset, bytes + at, sizeof(offset));
		to = va + at + (int64_t)(int32_t)le32toh(offset);
		if (to < s->places[0] || to > s->places[s->n - 1])
			continue;
		for (size_t i = 0; i < s->n; i++)
			for (unsigned size = 8; to == s->places[i] && size <= 12; size += 4)
				if (s->tries++ < MAX_TRIES && is_entry(s, va + at - 4, size)) {
					s->entry = va + at - 4;
					s->found.size = size;
					return 1;
				}
	}
	return 0;
}

/* Goes from @va on, forwards or backwards, as long as the names are sorted. Returns how many
 * entries there are beside that at @va. */
static uint64_t count_sorted(struct search *s, uint64_t va, bool forwards)
{
	char last[NAME_SIZE], name[NAME_SIZE];
	uint64_t n = 0;

	if (!read_name(s->ks, va, last))
		return 0;
	for (; n < MAX_ENTRIES; n++) {
		int order;

		va += forwards ? s->found.size : -(uint64_t)s->found.size;
		if (!read_name(s->ks, va, name))
			break;
		order = strcmp(last, name);
		if (forwards ? order > 0 : order < 0)
			break;
		memcpy(last, name, sizeof(last));
	}
	return n;
}

int exports_find(struct kspace *ks, struct exports *ret)
{
	struct search s = { .ks = ks };
	struct exports_part *parts = s.found.parts;
	char name[NAME_SIZE];
	uint64_t before;
	int r = image_search(ks, sizeof(known) - 1, look_for_name, &s);

	if (r == 0 && s.n > 0)
		r = image_search(ks, 0, look_for_entry, &s);
	if (r < 0)
		return r;
	if (r == 0)
		return errf(-ENOENT, "the kernel's exported symbols are not found");
	before = count_sorted(&s, s.entry, false);
	parts[0].start = s.entry - before * s.found.size;
	parts[0].n = before + 1 + count_sorted(&s, s.entry, true);
	parts[1].start = parts[0].start + parts[0].n * s.found.size;
	if (read_name(ks, parts[1].start, name))
		parts[1].n = 1 + count_sorted(&s, parts[1].start, true);
	*ret = s.found;
	return 0;
}

int exports_address(const struct exports *e, struct kspace *ks, const char *name, uint64_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(e->parts); i++) {
		uint64_t low = 0, high = e->parts[i].n;

		while (low < high) {
			uint64_t middle = low + (high - low) / 2;
			uint64_t va = e->parts[i].start + middle * e->size;
			char own[NAME_SIZE];
			uint32_t offset;
			int order;

			if (!read_name(ks, va, own))
				break;
			order = strcmp(name, own);
			if (order == 0 && kspace_u32(ks, va, &offset) == 0) {
				*ret = va + (int64_t)(int32_t)offset;
				return 0;
			}
			if (order < 0)
				high = middle;
			else
				low = middle + 1;
		}
	}
	return errf(-ENOENT, "the kernel has no symbol \"%s\"", name);
}
