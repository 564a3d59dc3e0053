// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kallsyms.c - names and addresses of the kernel's own symbols, see kallsyms.h.
 *
 * scripts/kallsyms.c makes the tables when the kernel is linked, kernel/kallsyms.c reads them. This
 * file follows both from Linux 4.19 to 7.1. Symbols are sorted by address. For the names see
 * kallsyms-names.c, for where the tables are kallsyms-find.c. There have been four encodings of
 * addresses, see encodings[]. The version does not tell which one it is, since distributions
 * backport changes. The right one gives _stext the address that VMCOREINFO has.
 */
#include "vmcore/kernel/kallsyms.h"

#include <endian.h>
#include <errno.h>

#include "base/err.h"
#include "vmcore/kernel/kallsyms-names.h"

#define MAX_ALIASES 256 /* the most symbols at one address that are looked at */

struct kallsyms {
	struct kallsyms_names names;
	uint64_t *addresses;
	uint64_t start; /* of the kernel image */
};

struct kallsyms *kallsyms_free(struct kallsyms *k)
{
	if (!k)
		return NULL;
	kallsyms_names_done(&k->names);
	free(k->addresses);
	free(k);
	return NULL;
}

/* The parts that an address is made of. */
struct stored {
	uint64_t value; /* the entry of the table, not sign-extended */
	uint64_t place; /* address of the entry */
	uint64_t base;  /* kallsyms_relative_base */
};

static uint64_t absolute(const struct stored *s)
{
	return s->value;
}

static uint64_t base_relative(const struct stored *s)
{
	return s->base + s->value;
}

/* An offset that is not negative is the address of a per-CPU variable. */
static uint64_t absolute_percpu(const struct stored *s)
{
	int32_t offset = s->value;

	return offset >= 0 ? s->value : s->base - 1 - (int64_t)offset;
}

static uint64_t place_relative(const struct stored *s)
{
	return s->place + (int64_t)(int32_t)s->value;
}

static const struct encoding {
	size_t table, base; /* in struct kallsyms_places; 0: it needs no base */
	unsigned size;      /* of an entry */
	uint64_t (*decode)(const struct stored *s);
} encodings[] = {
#define AT(member) offsetof(struct kallsyms_places, member)
	/* since 7.0, which has no base */
	{ AT(offsets), 0, 4, place_relative },
	/* x86_64 with SMP up to 6.14 */
	{ AT(offsets), AT(relative_base), 4, absolute_percpu },
	{ AT(offsets), AT(relative_base), 4, base_relative },
	/* up to 6.10, without KALLSYMS_BASE_RELATIVE */
	{ AT(addresses), 0, 8, absolute },
#undef AT
};

/* A table of addresses in one encoding. */
struct table {
	const struct encoding *encoding;
	uint64_t address; /* of the first entry */
	uint64_t base;
};

static uint64_t place_at(const struct kallsyms_places *places, size_t at)
{
	uint64_t place;

	memcpy(&place, (const char *)places + at, sizeof(place));
	return place;
}

/* Finds the table for an encoding. -ENOENT, without a text: there is none. */
static int table_find(struct kspace *ks, const struct kallsyms_places *places,
                      const struct encoding *e, struct table *ret)
{
	uint64_t base = e->base ? place_at(places, e->base) : 0;

	*ret = (struct table){ .encoding = e, .address = place_at(places, e->table) };
	if (!ret->address || (e->base && !base))
		return -ENOENT;
	return e->base ? kspace_u64(ks, base, &ret->base) : 0;
}

/* Decodes @n entries from number @from on. */
static int table_decode(struct kspace *ks, const struct table *t, uint32_t from, uint32_t n,
                        uint64_t *ret)
{
	size_t size = t->encoding->size;
	struct stored s = { .base = t->base };
	uint8_t chunk[8192];
	int r;

	for (uint32_t done = 0; done < n;) {
		uint32_t part = MIN(n - done, sizeof(chunk) / size);

		s.place = t->address + (uint64_t)(from + done) * size;
		r = kspace_read(ks, s.place, chunk, part * size);
		if (r < 0)
			return err_prefix(r, "the addresses of the kernel's symbols");
		for (uint32_t i = 0; i < part; i++, s.place += size) {
			s.value = 0;
			memcpy(&s.value, chunk + i * size, size);
			s.value = le64toh(s.value);
			ret[done++] = t->encoding->decode(&s);
		}
	}
	return 0;
}

/* Finds the encoding that has the symbol of number @nr at @address. */
static int table_choose(struct kspace *ks, const struct kallsyms_places *places, uint32_t nr,
                        uint64_t address, struct table *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(encodings); i++) {
		uint64_t decoded = 0;
		struct table t;
		int r = table_find(ks, places, &encodings[i], &t);

		if (r == -ENOENT)
			continue;
		if (r < 0 || (r = table_decode(ks, &t, nr, 1, &decoded)) < 0)
			return r;
		if (decoded == address) {
			*ret = t;
			return 0;
		}
	}
	return errf(
		-EBADMSG,
		"the kernel's symbol table: no encoding puts _stext at %#llx, as VMCOREINFO does",
		(unsigned long long)address);
}

static int addresses_read(struct kallsyms *k, struct kspace *ks,
                          const struct kallsyms_places *places)
{
	uint32_t stext_nr, text_nr;
	struct table table;
	uint64_t stext;
	int r;

	if (!vmcoreinfo_get(&ks->dump->vmcoreinfo, "SYMBOL", "_stext", &stext))
		return errf(-ENODATA, "VMCOREINFO has no SYMBOL(_stext)");
	if (!kallsyms_names_search(&k->names, "_stext", &stext_nr))
		return errf(-EBADMSG, "the kernel's symbol table has no _stext");
	r = table_choose(ks, places, stext_nr, stext, &table);
	if (r < 0)
		return r;
	k->addresses = calloc(k->names.n, sizeof(*k->addresses));
	if (!k->addresses)
		return -ENOMEM;
	r = table_decode(ks, &table, 0, k->names.n, k->addresses);
	if (r < 0)
		return r;
	/* Lower addresses are those of per-CPU variables. */
	k->start = stext;
	if (kallsyms_names_search(&k->names, "_text", &text_nr))
		k->start = MIN(stext, k->addresses[text_nr]);
	return 0;
}

int kallsyms_open(struct kspace *ks, struct kallsyms **ret)
{
	_cleanup_(kallsyms_freep) struct kallsyms *k = NULL;
	struct kallsyms_places places;
	int r;

	k = calloc(1, sizeof(*k));
	if (!k)
		return -ENOMEM;
	if ((r = kallsyms_find_places(ks, &places)) < 0 ||
	    (r = kallsyms_names_read(&k->names, ks, &places)) < 0 ||
	    (r = addresses_read(k, ks, &places)) < 0)
		return r;
	*ret = TAKE_PTR(k);
	return 0;
}

/* --- Looking up ------------------------------------------------------------------------------ */

int kallsyms_address(struct kallsyms *k, const char *name, uint64_t *ret)
{
	uint32_t nr;

	if (!kallsyms_names_search(&k->names, name, &nr))
		return errf(-ENOENT, "the kernel has no symbol \"%s\"", name);
	*ret = k->addresses[nr];
	return 0;
}

size_t kallsyms_count(const struct kallsyms *k)
{
	return k->names.n;
}

/* The number of the first symbol above @address. */
static uint32_t addresses_above(const struct kallsyms *k, uint64_t address)
{
	uint32_t low = 0, high = k->names.n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (k->addresses[middle] <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void kallsyms_at(struct kallsyms *k, size_t nr, struct symbol *ret)
{
	uint64_t address = k->addresses[nr];
	uint32_t next = addresses_above(k, address);

	kallsyms_names_get(&k->names, nr);
	*ret = (struct symbol){ .name = k->names.text + 1,
		                .type = k->names.text[0],
		                .address = address };
	/* It could be lower in a table that is not sorted. */
	if (next < k->names.n && k->addresses[next] > address)
		ret->size = k->addresses[next] - address;
}

bool kallsyms_is_padding(const char *name)
{
	return strncmp(name, "__pfx_", 6) == 0 || strncmp(name, "__cfi_", 6) == 0;
}

int kallsyms_find(struct kallsyms *k, uint64_t address, struct symbol *ret)
{
	uint32_t next = addresses_above(k, address), first, nr;
	struct symbol found;

	if (address < k->start || next == 0)
		return -ENOENT;
	first = next - 1;
	for (unsigned i = 1; i < MAX_ALIASES && first > 0; i++, first--)
		if (k->addresses[first - 1] != k->addresses[first])
			break;
	nr = first;
	do
		kallsyms_at(k, nr++, &found);
	while (nr < next && kallsyms_is_padding(found.name));
	if (kallsyms_is_padding(found.name))
		kallsyms_at(k, first, &found);
	/* The bytes behind a symbol at the end of a section are not its own. */
	if (address > found.address &&
	    (next == k->names.n || streq(found.name, "_etext") || streq(found.name, "_einittext") ||
	     streq(found.name, "_end")))
		return -ENOENT;
	/* It could be higher in a table that is not sorted. */
	if (address < found.address)
		return -ENOENT;
	*ret = found;
	return 0;
}
