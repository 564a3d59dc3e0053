// SPDX-License-Identifier: GPL-2.0-or-later
/* kcopy.c - a copy of one structure, see kcopy.h. */
#include "vmcore/view/kcopy.h"

#include "base/err.h"

/* A larger span of members is read member by member. */
#define ONE_GO KIB(16)

/* Bytes of @member. */
static uint8_t *kcopy_bytes(const struct kcopy *c, const struct btf_member *member)
{
	return c->bytes + (member->offset - c->type->start);
}

static int kcopy_read_members(struct kcopy *c, struct kspace *ks)
{
	int r, error = 0;

	for (unsigned i = 0; i < c->type->n; i++) {
		const struct btf_member *m = &c->type->members[i];

		if (!ktype_has(c->type, i))
			continue;
		r = kspace_read(ks, c->address + m->offset, kcopy_bytes(c, m), m->size);
		if (r == 0)
			c->there |= UINT32_C(1) << i;
		else
			error = r;
	}
	return c->there ? 0 : error;
}

int kcopy_read(struct kcopy *c, struct kspace *ks, const struct ktype *t, uint64_t address)
{
	size_t len = t->end - t->start;

	if (len > c->room) {
		uint8_t *bytes = realloc(c->bytes, len);

		if (!bytes)
			return oom("a structure of the kernel");
		c->bytes = bytes;
		c->room = len;
	}
	c->type = t;
	c->address = address;
	c->there = 0;
	if (len > ONE_GO || kspace_read(ks, address + t->start, c->bytes, len) < 0)
		return kcopy_read_members(c, ks);
	c->there = t->known;
	return 0;
}

void kcopy_done(struct kcopy *c)
{
	free(c->bytes);
	*c = (struct kcopy){};
}

uint64_t kcopy_at(const struct kcopy *c, unsigned member)
{
	return c->address + c->type->members[member].offset;
}

/* All architectures in the table are little-endian. */
static uint64_t kcopy_number(const struct kcopy *c, unsigned member, uint64_t i, unsigned *ret_bits)
{
	const struct btf_member *m = &c->type->members[member];
	uint64_t size, v = 0;
	const uint8_t *p;

	*ret_bits = 64;
	if (!kcopy_has(c, member) || i >= m->count)
		return 0;
	size = m->size / m->count;
	if (size > sizeof(v))
		return 0;
	p = kcopy_bytes(c, m) + i * size;
	for (uint64_t n = size; n > 0; n--)
		v = v << 8 | p[n - 1];
	*ret_bits = m->bits ? m->bits : size * 8;
	v >>= m->bit_offset;
	return *ret_bits < 64 ? v & ((UINT64_C(1) << *ret_bits) - 1) : v;
}

uint64_t kcopy_item(const struct kcopy *c, unsigned member, uint64_t i)
{
	unsigned bits;

	return kcopy_number(c, member, i, &bits);
}

uint64_t kcopy_u64(const struct kcopy *c, unsigned member)
{
	return kcopy_item(c, member, 0);
}

int64_t kcopy_s64(const struct kcopy *c, unsigned member)
{
	unsigned bits;
	uint64_t v = kcopy_number(c, member, 0, &bits), sign = bits ? UINT64_C(1) << (bits - 1) : 0;

	return (v ^ sign) - sign;
}

char *kcopy_string(const struct kcopy *c, unsigned member, char *buf, size_t size)
{
	const struct btf_member *m = &c->type->members[member];
	size_t len = 0;

	if (kcopy_has(c, member)) {
		len = strnlen((const char *)kcopy_bytes(c, m), MIN(m->size, size - 1));
		memcpy(buf, kcopy_bytes(c, m), len);
	}
	buf[len] = '\0';
	return buf;
}
