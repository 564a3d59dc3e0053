// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * btf.c - the kernel's types, see btf.h.
 *
 * BTF (include/uapi/linux/btf.h, Documentation/bpf/btf.rst) is a header, a section of types and one
 * of strings, in the byte order of the machine. The header has its own length in 32 bits, then the
 * offsets of the sections, relative to its end. Linux 7.1 added a third section: it tells how many
 * bytes each kind of type takes, so that unknown kinds can be skipped.
 *
 * Ids are not stored: types are numbered in their order, from 1 on; 0 is void. A type is
 *
 *	u32 name	offset in the strings
 *	u32 info	bits 0-23 the number of things that follow (up to 15 before Linux 7.1),
 *			24-30 the kind (up to 28 before), 31 a flag
 *	u32 value	the size in bytes or the id of another type, by kind
 *
 * and behind it some bytes once, and some bytes for each thing that follows, by kind. These are
 * needed here:
 *
 *	member		u32 name, u32 type, u32 offset in bits; if the flag of its structure is set,
 *			bits 24-31 of the offset are the width of a bit field, else 0
 *	enumerator	u32 name, u32 value or, of an ENUM64, u32 low and u32 high half;
 *			if the flag of the enum is set, the values are signed
 *	array		u32 type, u32 type of the index, u32 number of elements
 *	integer		bits 0-7 the width, 16-23 the offset of a bit field, in BTF without the
 *			flag of structures
 */
#include "vmcore/kernel/btf.h"

#include <byteswap.h>
#include <errno.h>

#include "base/cursor.h"
#include "base/err.h"

#define BTF_MAGIC       0xeb9f
#define BTF_VERSION     1
#define BTF_HEADER_MIN  24 /* up to the length of the strings */
#define BTF_HEADER_7_1  32 /* with the third section */
#define BTF_TYPE_SIZE   12
#define BTF_LAYOUT_SIZE 4 /* u8 bytes once, u8 bytes for each, u16 flags */

/* Limit against broken dumps; kernels have 5 MB. */
#define MAX_SIZE MIB(64)

/* Limits against broken dumps. In Linux 6.12 at most six typedefs and qualifiers stand in a row,
 * and structures without a name are at most six deep. */
#define MAX_CHAIN 64
#define MAX_DEPTH 64

/* The most structures and members that one question looks at; the largest needs some hundreds. */
#define MAX_STEPS (1U << 16)

/* The first letters of a name, on which its bucket depends; hostile names have millions. */
#define HASHED 64

/* About one type in eight is a structure or enum with a name. */
#define TYPES_PER_BUCKET 8

/* All architectures of archs[] have 64 bits. */
#define POINTER_SIZE 8

enum kind {
	KIND_INT = 1,
	KIND_PTR,
	KIND_ARRAY,
	KIND_STRUCT,
	KIND_UNION,
	KIND_ENUM,
	KIND_FWD,
	KIND_TYPEDEF,
	KIND_VOLATILE,
	KIND_CONST,
	KIND_RESTRICT,
	KIND_FUNC,
	KIND_FUNC_PROTO,
	KIND_VAR,
	KIND_DATASEC,
	KIND_FLOAT,
	KIND_DECL_TAG,
	KIND_TYPE_TAG,
	KIND_ENUM64,
	N_KINDS,
};

/* Sets of kinds. */
#define ONE_OF(kind) (UINT64_C(1) << (kind))
#define STRUCTURES   (ONE_OF(KIND_STRUCT) | ONE_OF(KIND_UNION))
#define ENUMS        (ONE_OF(KIND_ENUM) | ONE_OF(KIND_ENUM64))
#define SIZED        (STRUCTURES | ENUMS | ONE_OF(KIND_INT) | ONE_OF(KIND_FLOAT))
#define OTHER_NAMES                                                                                \
	(ONE_OF(KIND_TYPEDEF) | ONE_OF(KIND_VOLATILE) | ONE_OF(KIND_CONST) |                       \
	 ONE_OF(KIND_RESTRICT) | ONE_OF(KIND_TYPE_TAG))

/* Bytes behind the head of a type: some once, some for each thing that follows. */
struct layout {
	uint8_t once, each;
};

static const struct layout layouts[N_KINDS] = {
	[KIND_INT] = { .once = 4 },        [KIND_ARRAY] = { .once = 12 },
	[KIND_STRUCT] = { .each = 12 },    [KIND_UNION] = { .each = 12 },
	[KIND_ENUM] = { .each = 8 },       [KIND_ENUM64] = { .each = 12 },
	[KIND_FUNC_PROTO] = { .each = 8 }, [KIND_VAR] = { .once = 4 },
	[KIND_DATASEC] = { .each = 12 },   [KIND_DECL_TAG] = { .once = 4 },
};

struct section {
	uint32_t start, len; /* in the bytes */
};

struct place {
	uint32_t at;   /* of a type in the bytes */
	uint32_t next; /* structure or enum with a name in the same bucket; 0: none */
};

struct btf {
	uint8_t *bytes;
	size_t len;
	bool swap; /* they have the other byte order */
	struct section types, strings, layouts;
	uint32_t n_types; /* the highest id */

	struct place *places; /* by id */
	uint32_t *buckets;    /* the first id; 0: none */
	uint32_t n_buckets;
};

struct type {
	const char *name;
	unsigned kind, n;
	bool flag;
	uint32_t value;
	uint32_t more; /* where the bytes behind its head are */
};

/* Reads a number that btf_find_types() has found to lie in the bytes. */
static uint32_t btf_u32(const struct btf *b, uint64_t at)
{
	uint32_t v = 0;

	if (at + sizeof(v) <= b->len)
		memcpy(&v, b->bytes + at, sizeof(v));
	return b->swap ? bswap_32(v) : v;
}

/* btf_header() has checked that the strings end with a NUL. */
static const char *btf_string(const struct btf *b, uint32_t offset)
{
	return offset < b->strings.len ? (const char *)b->bytes + b->strings.start + offset : "";
}

static struct type btf_type_at(const struct btf *b, uint32_t at)
{
	uint32_t info = btf_u32(b, at + 4);

	return (struct type){
		.name = btf_string(b, btf_u32(b, at)),
		.kind = info >> 24 & 0x7f,
		.n = info & 0xffffff,
		.flag = info >> 31,
		.value = btf_u32(b, at + 8),
		.more = at + BTF_TYPE_SIZE,
	};
}

/* The type of an id. If there is none with the id, it is void, which has no kind. */
static struct type btf_type(const struct btf *b, uint32_t id)
{
	if (id == 0 || id > b->n_types)
		return (struct type){ .name = "" };
	return btf_type_at(b, b->places[id].at);
}

static bool btf_is(const struct type *t, uint64_t kinds)
{
	return t->kind < N_KINDS && (kinds & ONE_OF(t->kind));
}

/* Takes typedefs and qualifiers off. If they form a circle, the result is void. */
static uint32_t btf_strip(const struct btf *b, uint32_t id)
{
	for (unsigned i = 0; i < MAX_CHAIN; i++) {
		struct type t = btf_type(b, id);

		if (!btf_is(&t, OTHER_NAMES))
			return t.kind ? id : 0;
		id = t.value;
	}
	return 0;
}

/* --- Opening ---------------------------------------------------------------------------------- */

static int btf_section(struct btf *b, struct cursor *c, uint32_t header, const char *name,
                       struct section *ret)
{
	uint32_t offset, len;
	int r;

	if ((r = cursor_u32(c, &offset)) < 0 || (r = cursor_u32(c, &len)) < 0)
		return r;
	if ((uint64_t)header + offset + len > b->len)
		return errf(-EBADMSG, "BTF: its %s end at %llu, but it has %zu bytes", name,
		            (unsigned long long)header + offset + len, b->len);
	*ret = (struct section){ .start = header + offset, .len = len };
	return 0;
}

static int btf_header(struct btf *b)
{
	struct cursor c = cursor_over(b->bytes, b->len, "BTF");
	uint8_t version, flags;
	uint16_t magic;
	uint32_t header;
	int r;

	if ((r = cursor_u16(&c, &magic)) < 0 || (r = cursor_u8(&c, &version)) < 0 ||
	    (r = cursor_u8(&c, &flags)) < 0)
		return r;
	b->swap = c.swap = magic == bswap_16(BTF_MAGIC);
	if ((magic != BTF_MAGIC && !b->swap) || version != BTF_VERSION)
		return errf(-EBADMSG, "BTF: begins with %02x %02x %02x, not with its magic number",
		            b->bytes[0], b->bytes[1], version);
	r = cursor_u32(&c, &header);
	if (r < 0)
		return r;
	if (header < BTF_HEADER_MIN)
		return errf(-EBADMSG, "BTF: a header of %u bytes is too short", header);
	if ((r = btf_section(b, &c, header, "types", &b->types)) < 0 ||
	    (r = btf_section(b, &c, header, "strings", &b->strings)) < 0)
		return r;
	if (header >= BTF_HEADER_7_1 &&
	    (r = btf_section(b, &c, header, "layouts", &b->layouts)) < 0)
		return r;
	if (b->strings.len == 0 || b->bytes[b->strings.start + b->strings.len - 1] != '\0')
		return errf(-EBADMSG, "BTF: its strings do not end");
	return 0;
}

/* The layout of a kind. Since Linux 7.1 BTF has a table of these, for kinds that we do not know. */
static bool btf_layout(const struct btf *b, unsigned kind, struct layout *ret)
{
	if (kind > 0 && kind < N_KINDS) {
		*ret = layouts[kind];
		return true;
	}
	if (kind == 0 || kind >= b->layouts.len / BTF_LAYOUT_SIZE)
		return false;
	memcpy(ret, b->bytes + b->layouts.start + kind * BTF_LAYOUT_SIZE, sizeof(*ret));
	return true;
}

/* Finds the place of each type, and checks that all its bytes lie in the section of types. */
static int btf_find_types(struct btf *b)
{
	uint64_t at = b->types.start, end = at + b->types.len;

	b->places = calloc(b->types.len / BTF_TYPE_SIZE + 1, sizeof(*b->places));
	if (!b->places)
		return -ENOMEM;
	while (at < end) {
		uint32_t id = b->n_types + 1;
		struct layout layout;
		struct type t;

		if (end - at < BTF_TYPE_SIZE)
			return errf(-EBADMSG, "BTF: its types end within type %u", id);
		t = btf_type_at(b, at);
		if (!btf_layout(b, t.kind, &layout))
			return errf(-EBADMSG, "BTF: type %u is of the unknown kind %u", id, t.kind);
		b->places[id].at = at;
		at += BTF_TYPE_SIZE + layout.once + (uint64_t)layout.each * t.n;
		if (at > end)
			return errf(-EBADMSG, "BTF: its types end within type %u", id);
		b->n_types = id;
	}
	return 0;
}

/* The bucket of a name: FNV-1a of its first letters. */
static uint32_t *btf_bucket(const struct btf *b, const char *name)
{
	uint32_t h = 2166136261;

	for (unsigned i = 0; i < HASHED && name[i]; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619;
	return &b->buckets[h % b->n_buckets];
}

/* Fills the buckets from the last type to the first, so that a chain begins with the first. */
static int btf_index_names(struct btf *b)
{
	b->n_buckets = b->n_types / TYPES_PER_BUCKET + 1;
	b->buckets = calloc(b->n_buckets, sizeof(*b->buckets));
	if (!b->buckets)
		return -ENOMEM;
	for (uint32_t id = b->n_types; id > 0; id--) {
		struct type t = btf_type(b, id);
		uint32_t *first;

		if (!btf_is(&t, STRUCTURES | ENUMS) || !*t.name)
			continue;
		first = btf_bucket(b, t.name);
		b->places[id].next = *first;
		*first = id;
	}
	return 0;
}

int btf_from_memory(uint8_t *bytes, size_t len, struct btf **ret)
{
	_cleanup_(btf_freep) struct btf *b = calloc(1, sizeof(*b));
	struct place *fit;
	int r;

	if (!b) {
		free(bytes);
		return -ENOMEM;
	}
	b->bytes = bytes;
	b->len = len;
	if (len > MAX_SIZE)
		return errf(-EBADMSG, "BTF: %zu bytes are not plausible", len);
	if ((r = btf_header(b)) < 0 || (r = btf_find_types(b)) < 0)
		return r;
	fit = realloc(b->places, (b->n_types + 1) * sizeof(*b->places));
	if (fit)
		b->places = fit;
	r = btf_index_names(b);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(b);
	return 0;
}

int btf_open(struct kspace *ks, uint64_t start, uint64_t end, struct btf **ret)
{
	_cleanup_free_ uint8_t *bytes = NULL;
	int r;

	if (end <= start || end - start > MAX_SIZE)
		return errf(-EBADMSG, "BTF: cannot lie between 0x%llx and 0x%llx",
		            (unsigned long long)start, (unsigned long long)end);
	bytes = malloc(end - start);
	if (!bytes)
		return -ENOMEM;
	r = kspace_read(ks, start, bytes, end - start);
	if (r < 0)
		return err_prefix(r, "BTF");
	return btf_from_memory(TAKE_PTR(bytes), end - start, ret);
}

struct btf *btf_free(struct btf *b)
{
	if (!b)
		return NULL;
	free(b->buckets);
	free(b->places);
	free(b->bytes);
	free(b);
	return NULL;
}

/* --- Questions -------------------------------------------------------------------------------- */

/* The next type of one of these kinds and this name after @id, which is 0 at first; 0: none. */
static uint32_t btf_next(const struct btf *b, uint64_t kinds, const char *name, uint32_t id)
{
	id = id ? b->places[id].next : *btf_bucket(b, name);
	for (; id; id = b->places[id].next) {
		struct type t = btf_type(b, id);

		if (btf_is(&t, kinds) && streq(t.name, name))
			break;
	}
	return id;
}

/* The type of an array's elements, *@ret_count of them. Another type is an array of one. */
static uint32_t btf_element(const struct btf *b, uint32_t id, uint64_t *ret_count)
{
	uint64_t count = 1;

	for (unsigned i = 0; i < MAX_CHAIN; i++) {
		struct type t;

		id = btf_strip(b, id);
		t = btf_type(b, id);
		if (t.kind != KIND_ARRAY) {
			*ret_count = count;
			return id;
		}
		if (__builtin_mul_overflow(count, btf_u32(b, t.more + 8), &count))
			break;
		id = btf_u32(b, t.more);
	}
	*ret_count = 0;
	return 0;
}

/* The member that a path has led to so far. */
struct found {
	uint64_t start; /* bits from the start of the outermost structure */
	unsigned bits;  /* of a bit field; else 0 */
	uint32_t type;
};

/* Finds one component of a path in the structure ret->type. *@steps is how many members may still
 * be looked at: a broken structure may be its own member. */
static bool btf_component(const struct btf *b, const char *name, size_t len, unsigned depth,
                          unsigned *steps, struct found *ret)
{
	struct type t = btf_type(b, btf_strip(b, ret->type));

	if (!btf_is(&t, STRUCTURES) || depth > MAX_DEPTH)
		return false;
	for (unsigned i = 0; i < t.n; i++) {
		uint32_t at = t.more + i * layouts[KIND_STRUCT].each, offset = btf_u32(b, at + 8);
		const char *own = btf_string(b, btf_u32(b, at));
		struct found found = {
			.start = ret->start + (t.flag ? offset & 0xffffff : offset),
			.bits = t.flag ? offset >> 24 : 0,
			.type = btf_u32(b, at + 4),
		};

		if (*steps == 0)
			return false;
		--*steps;
		if (*own ? strncmp(own, name, len) == 0 && !own[len]
		         : btf_component(b, name, len, depth + 1, steps, &found)) {
			*ret = found;
			return true;
		}
	}
	return false;
}

static bool btf_path(const struct btf *b, const char *path, unsigned *steps, struct found *ret)
{
	for (;;) {
		size_t len = strcspn(path, ".");
		uint64_t count;

		ret->type = btf_element(b, ret->type, &count);
		if (!btf_component(b, path, len, 0, steps, ret))
			return false;
		if (!path[len])
			return true;
		path += len + 1;
	}
}

/* Describes what was found. A size that overflows becomes 0. */
static void btf_describe(const struct btf *b, const struct found *found, struct btf_member *ret)
{
	struct btf_member m = { .type = btf_strip(b, found->type), .bits = found->bits };
	struct type t = btf_type(b, btf_element(b, m.type, &m.count));
	uint64_t start = found->start;

	if (btf_is(&t, SIZED))
		m.size = t.value;
	else if (t.kind == KIND_PTR)
		m.size = POINTER_SIZE;
	if (__builtin_mul_overflow(m.size, m.count, &m.size))
		m.size = 0;
	if (t.kind == KIND_INT && m.bits == 0) {
		uint32_t cut = btf_u32(b, t.more);

		if ((cut & 0xff) != 8 * t.value && m.count == 1) {
			m.bits = cut & 0xff;
			start += cut >> 16 & 0xff;
		}
	}
	m.offset = start / 8;
	if (m.bits > 0) {
		m.bit_offset = start % 8;
		m.size = ALIGN_UP(m.bit_offset + m.bits, 8) / 8;
	}
	*ret = m;
}

int btf_member(const struct btf *b, const char *structure, const char *path, struct btf_member *ret)
{
	unsigned steps = MAX_STEPS;
	uint32_t id = 0;

	while (steps > 0 && (id = btf_next(b, STRUCTURES, structure, id)) > 0) {
		struct found found = { .type = id };

		steps--;
		if (btf_path(b, path, &steps, &found)) {
			btf_describe(b, &found, ret);
			return 0;
		}
	}
	return errf(-ENOENT, "the kernel has no %s.%s", structure, path);
}

int btf_size(const struct btf *b, const char *structure, uint64_t *ret)
{
	uint32_t id = btf_next(b, STRUCTURES, structure, 0);

	if (id == 0)
		return errf(-ENOENT, "the kernel has no structure %s", structure);
	*ret = btf_type(b, id).value;
	return 0;
}

static bool btf_value(const struct btf *b, uint32_t id, const char *enumerator, int64_t *ret)
{
	struct type t = btf_type(b, id);

	if (!btf_is(&t, ENUMS))
		return false;
	for (unsigned i = 0; i < t.n; i++) {
		uint32_t at = t.more + i * layouts[t.kind].each, low = btf_u32(b, at + 4);

		if (!streq(btf_string(b, btf_u32(b, at)), enumerator))
			continue;
		if (t.kind == KIND_ENUM64)
			*ret = (uint64_t)btf_u32(b, at + 8) << 32 | low;
		else
			*ret = t.flag ? (int32_t)low : (int64_t)low;
		return true;
	}
	return false;
}

int btf_enumerator(const struct btf *b, const char *name, const char *enumerator, int64_t *ret)
{
	uint32_t id = 0;

	if (!name) {
		while (++id <= b->n_types)
			if (btf_value(b, id, enumerator, ret))
				return 0;
		return errf(-ENOENT, "the kernel has no enumerator %s", enumerator);
	}
	while ((id = btf_next(b, ENUMS, name, id)) > 0)
		if (btf_value(b, id, enumerator, ret))
			return 0;
	return errf(-ENOENT, "the kernel has no enumerator %s of %s", enumerator, name);
}
