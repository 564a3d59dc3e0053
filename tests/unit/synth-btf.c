// SPDX-License-Identifier: GPL-2.0-or-later
/* synth-btf.c - BTF of kernels that were never built, see synth-btf.h. */
#include "tests/unit/synth-btf.h"

#include "base/err.h"

void synth_btf_init(struct synth_btf *b)
{
	memset(b, 0, sizeof(*b));
	b->header = 24;
	b->strings_len = 1;
}

static uint32_t add_string(struct synth_btf *b, const char *s)
{
	uint32_t at = b->strings_len;

	if (!s)
		return 0;
	assert_true(at + strlen(s) + 1 <= sizeof(b->strings));
	strcpy(b->strings + at, s);
	b->strings_len += strlen(s) + 1;
	return at;
}

void synth_btf_word(struct synth_btf *b, uint32_t word)
{
	assert_true(b->types_len + 4 <= sizeof(b->types));
	synth_put(b->types + b->types_len, word, 4, b->swap);
	b->types_len += 4;
}

uint32_t synth_btf_type(struct synth_btf *b, const char *name, uint32_t info, unsigned n,
                        uint32_t value)
{
	synth_btf_word(b, add_string(b, name));
	synth_btf_word(b, (info & SYNTH_FLAG) | (info & ~SYNTH_FLAG) << 24 | n);
	synth_btf_word(b, value);
	return ++b->n;
}

uint32_t synth_btf_int(struct synth_btf *b, const char *name, uint32_t size)
{
	uint32_t id = synth_btf_type(b, name, SYNTH_INT, 0, size);

	synth_btf_word(b, size * 8);
	return id;
}

uint32_t synth_btf_array(struct synth_btf *b, uint32_t type, uint32_t n)
{
	uint32_t id = synth_btf_type(b, NULL, SYNTH_ARRAY, 0, 0);

	synth_btf_word(b, type);
	synth_btf_word(b, 1);
	synth_btf_word(b, n);
	return id;
}

uint32_t synth_btf_struct(struct synth_btf *b, const char *name, unsigned n, uint32_t size)
{
	return synth_btf_type(b, name, SYNTH_STRUCT, n, size);
}

void synth_btf_member(struct synth_btf *b, const char *name, uint32_t type, uint32_t bits)
{
	synth_btf_word(b, add_string(b, name));
	synth_btf_word(b, type);
	synth_btf_word(b, bits);
}

void synth_btf_enumerator(struct synth_btf *b, const char *name, uint32_t value)
{
	synth_btf_word(b, add_string(b, name));
	synth_btf_word(b, value);
}

uint8_t *synth_btf_bytes(const struct synth_btf *b, size_t *ret_len)
{
	size_t len = b->header + b->layouts_len + b->types_len + b->strings_len;
	uint32_t fields[] = { b->header,      b->layouts_len,
		              b->types_len,   b->layouts_len + b->types_len,
		              b->strings_len, 0,
		              b->layouts_len };
	uint8_t *bytes = calloc(1, len);

	assert_non_null(bytes);
	synth_put(bytes, 0xeb9f, 2, b->swap);
	bytes[2] = 1;
	for (size_t i = 0; i < ARRAY_SIZE(fields) && 4 + i * 4 < b->header; i++)
		synth_put(bytes + 4 + i * 4, fields[i], 4, b->swap);
	memcpy(bytes + b->header, b->layouts, b->layouts_len);
	memcpy(bytes + b->header + b->layouts_len, b->types, b->types_len);
	memcpy(bytes + b->header + b->layouts_len + b->types_len, b->strings, b->strings_len);
	*ret_len = len;
	return bytes;
}

struct btf *synth_btf_open(const struct synth_btf *s)
{
	struct btf *b = NULL;
	size_t len;
	uint8_t *bytes = synth_btf_bytes(s, &len);
	int r = btf_from_memory(bytes, len, &b);

	if (r < 0)
		print_error("%s\n", err_text(r));
	assert_int_equal(r, 0);
	return b;
}

uint32_t synth_btf_pair(struct synth_btf *s)
{
	uint32_t i = synth_btf_int(s, "int", 4), l = synth_btf_int(s, "long", 8);
	uint32_t id = synth_btf_struct(s, "pair", 2, 16);

	synth_btf_member(s, "a", i, 0);
	synth_btf_member(s, "b", l, 64);
	return id;
}
