// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kallsyms-find.c - finds the tables of the kernel's symbols, see kallsyms-find.h.
 *
 * Since Linux 6.0 VMCOREINFO tells of the tables. Before, they are found in the image, in which
 * scripts/kallsyms.c of Linux 4.19 to 6.1 puts them one behind the other, each at a multiple of 8:
 *
 *	kallsyms_offsets	u32 for each symbol, and then
 *	kallsyms_relative_base	u64; without KALLSYMS_BASE_RELATIVE instead of both:
 *	kallsyms_addresses	u64 for each symbol
 *	kallsyms_num_syms	u32 (up to 4.19: u64)
 *	kallsyms_names		see kallsyms-names.c
 *	kallsyms_markers	u32 (up to 4.19: u64), the offset of every 256th name
 *	kallsyms_token_table	256 strings
 *	kallsyms_token_index	256 times u16, the offset of each string
 *
 * The token index is what to look for: 256 numbers that rise from 0 on, behind the 256 strings that
 * end just where the numbers say. From there it goes backwards: the markers fall to 0, and the
 * names begin behind a count that fits the number of markers, where 256 of them take up what the
 * second marker says.
 */
#include "vmcore/kernel/kallsyms-find.h"

#include <endian.h>
#include <errno.h>

#include "base/err.h"
#include "vmcore/kernel/image-search.h"

#define TOKENS     256
#define INDEX_SIZE (TOKENS * sizeof(uint16_t))
#define ALIGNMENT  8
#define PER_MARKER 256

/* Limits; kernels have tokens of 1 KiB, none longer than 100 letters, and 1000 markers. */
#define MAX_TOKENS  KIB(16)
#define MAX_TOKEN   256
#define MAX_MARKERS KIB(64)

/* Limits against broken dumps: places that look like an index, and like tokens with an index. */
#define MAX_INDICES 1000
#define MAX_TABLES  16

/* A name takes up 1 + 255 bytes at most, before Linux 6.1. */
#define MAX_GROUP (PER_MARKER * 256)

/* --- Tokens ---------------------------------------------------------------------------------- */

static uint16_t le16_at(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

/* True if 256 offsets of strings can stand at @p. */
static bool is_index(const uint8_t *p)
{
	unsigned before = le16_at(p);

	if (before != 0)
		return false;
	for (unsigned i = 1; i < TOKENS; i++, before = le16_at(p + 2 * (i - 1)))
		if (le16_at(p + 2 * i) <= before)
			return false;
	return le16_at(p + 2 * (TOKENS - 1)) <= MAX_TOKENS - MAX_TOKEN - ALIGNMENT;
}

/* True if the strings at @text end where @index says, the last one within ALIGNMENT of @end. */
static bool are_tokens(const char *text, const char *end, const uint8_t *index)
{
	for (unsigned i = 0; i < TOKENS; i++) {
		const char *token = text + le16_at(index + 2 * i);
		size_t room = end - token, len;

		if (token >= end)
			return false;
		len = strnlen(token, room);
		if (len == room)
			return false;
		if (i + 1 == TOKENS)
			return room - len <= ALIGNMENT;
		if (len + 1 != (size_t)(le16_at(index + 2 * (i + 1)) - le16_at(index + 2 * i)))
			return false;
	}
	return false;
}

/* Finds the strings in front of the index at @va. 0: there are none; 1: found. */
static int find_tokens(struct kspace *ks, uint64_t va, const uint8_t *index, uint64_t *ret)
{
	size_t last = le16_at(index + 2 * (TOKENS - 1));
	size_t min = ALIGN_UP(last + 1, ALIGNMENT), max = ALIGN_UP(last + MAX_TOKEN, ALIGNMENT);
	char text[MAX_TOKENS];

	for (size_t size = min; size <= max && size <= sizeof(text) && size <= va;
	     size += ALIGNMENT) {
		if (kspace_read(ks, va - size, text, size) < 0)
			return 0;
		if (are_tokens(text, text + size, index)) {
			*ret = va - size;
			return 1;
		}
	}
	return 0;
}

/* --- What lies before the tokens ------------------------------------------------------------- */

/* Markers in front of the tokens, read from there backwards. */
struct markers {
	uint64_t va; /* of the first one */
	uint64_t n, second, last;
};

/* Goes back over markers of @size bytes each. False: there are not two or more. */
static bool find_markers(struct kspace *ks, uint64_t end, unsigned size, struct markers *ret)
{
	struct markers m = { .va = end };
	uint64_t value, above = UINT64_MAX;

	while (m.n < MAX_MARKERS && m.va >= size) {
		value = 0;
		if (kspace_read(ks, m.va - size, &value, size) < 0)
			return false;
		value = le64toh(value);
		/* Padding behind the last one. */
		if (value == 0 && m.n == 0 && m.va == end && size < ALIGNMENT) {
			m.va = end -= size;
			continue;
		}
		if (value >= above)
			return false;
		if (m.n++ == 0)
			m.last = value;
		m.va -= size;
		if (value == 0)
			break;
		m.second = above = value;
	}
	*ret = m;
	return value == 0 && m.n >= 2 && m.second <= MAX_GROUP;
}

/* True if the first group of names at @va ends at the second marker. */
static bool are_names(struct kspace *ks, uint64_t va, const struct markers *m)
{
	_cleanup_free_ uint8_t *bytes = malloc(m->second);
	uint64_t at = 0;

	if (!bytes || kspace_read(ks, va, bytes, m->second) < 0)
		return false;
	for (unsigned i = 0; i < PER_MARKER; i++) {
		size_t len = at < m->second ? bytes[at++] : 0;

		/* Since Linux 6.1 such a length has two bytes, but few names are so long. */
		if (len & 0x80 && at < m->second && bytes[at] < 0x10)
			len = (len & 0x7f) | bytes[at++] << 7;
		if (len == 0)
			return false;
		at += len;
	}
	return at == m->second;
}

/* Finds the names in front of the markers, and with them all else. 1: found. */
static int find_names(struct kspace *ks, const struct markers *m, struct kallsyms_places *p)
{
	uint64_t first = ALIGN_DOWN(m->va - m->last, ALIGNMENT);

	for (uint64_t va = first; first - va <= MAX_GROUP && va > MIB(1); va -= ALIGNMENT) {
		uint64_t n;

		if (kspace_u64(ks, va - ALIGNMENT, &n) < 0)
			return 0;
		if (n == 0 || (n - 1) / PER_MARKER + 1 != m->n || !are_names(ks, va, m))
			continue;
		p->names = va;
		p->num_syms = va - ALIGNMENT;
		p->relative_base = p->num_syms - ALIGNMENT;
		p->offsets = p->relative_base - ALIGN_UP(n * sizeof(uint32_t), ALIGNMENT);
		p->addresses = p->num_syms - n * sizeof(uint64_t);
		return 1;
	}
	return 0;
}

struct finding {
	struct kspace *ks;
	unsigned n_indices, n_tables; /* that were tried */
	struct kallsyms_places places;
};

/* An image_look_fn. */
static int look(void *arg, uint64_t va, const uint8_t *bytes, size_t len)
{
	struct finding *f = arg;

	for (size_t at = -va % ALIGNMENT; at + INDEX_SIZE <= len; at += ALIGNMENT) {
		struct kallsyms_places p = { .token_index = va + at };
		struct markers m;

		if (!is_index(bytes + at) || f->n_indices++ >= MAX_INDICES ||
		    !find_tokens(f->ks, p.token_index, bytes + at, &p.token_table) ||
		    f->n_tables++ >= MAX_TABLES)
			continue;
		for (unsigned size = 4; size <= 8; size += 4)
			if (find_markers(f->ks, p.token_table, size, &m) &&
			    find_names(f->ks, &m, &p)) {
				f->places = p;
				return 1;
			}
	}
	return 0;
}

/* Takes what VMCOREINFO has. Returns the name of the first that it lacks, or NULL. */
static const char *take_told(const struct vmcoreinfo *vi, struct kallsyms_places *ret)
{
	const struct {
		const char *name;
		uint64_t *ret;
	} facts[] = {
		{ "kallsyms_names", &ret->names },
		{ "kallsyms_num_syms", &ret->num_syms },
		{ "kallsyms_token_table", &ret->token_table },
		{ "kallsyms_token_index", &ret->token_index },
	};

	vmcoreinfo_get(vi, "SYMBOL", "kallsyms_relative_base", &ret->relative_base);
	vmcoreinfo_get(vi, "SYMBOL", "kallsyms_addresses", &ret->addresses);
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		if (!vmcoreinfo_get(vi, "SYMBOL", facts[i].name, facts[i].ret))
			return facts[i].name;
	if (!vmcoreinfo_get(vi, "SYMBOL", "kallsyms_offsets", &ret->offsets) && !ret->addresses)
		return "kallsyms_offsets";
	return NULL;
}

int kallsyms_find_places(struct kspace *ks, struct kallsyms_places *ret)
{
	struct kallsyms_places told = {};
	struct finding f = { .ks = ks };
	const char *lacks = take_told(&ks->dump->vmcoreinfo, &told);
	int r;

	if (!lacks) {
		*ret = told;
		return 0;
	}
	r = image_search(ks, INDEX_SIZE - 1, look, &f);
	if (r < 0 && r != -ENODATA)
		return r;
	if (r <= 0)
		return errf(-ENODATA,
		            "VMCOREINFO has no SYMBOL(%s), and no such table is in the image",
		            lacks);
	*ret = f.places;
	return 0;
}
