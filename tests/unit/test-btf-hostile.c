// SPDX-License-Identifier: GPL-2.0-or-later
/* test-btf-hostile.c - BTF that is broken or lies: it is refused, or every question ends. */
#include <errno.h>

#include "tests/unit/synth-btf.h"

/* Opening fails with another word at @at. */
static void check_refused(const struct synth_btf *s, size_t at, uint32_t word, const char *text)
{
	struct btf *b = NULL;
	size_t len;
	uint8_t *bytes = synth_btf_bytes(s, &len);

	synth_put(bytes + at, word, 4, s->swap);
	assert_fails(btf_from_memory(bytes, len, &b), -EBADMSG, text);
	assert_null(b);
}

static void check_none(const struct btf *b, const char *structure, const char *path)
{
	struct btf_member m;

	assert_fails(btf_member(b, structure, path, &m), -ENOENT, "the kernel has no ");
}

static void nonsense_is_refused(void **state)
{
	struct synth_btf s;

	synth_btf_init(&s);
	synth_btf_pair(&s);
	check_refused(&s, 4, 23, "BTF: a header of 23 bytes is too short");
	check_refused(&s, 8, UINT32_MAX, "BTF: its types end at 4294967");
	check_refused(&s, 12, s.types_len + s.strings_len + 1, "BTF: its types end at");
	check_refused(&s, 16, s.types_len + 1, "BTF: its strings end at");
	check_refused(&s, 20, UINT32_MAX, "BTF: its strings end at");
	check_refused(&s, 20, 0, "BTF: its strings do not end");
	check_refused(&s, 20, s.strings_len - 1, "BTF: its strings do not end");
	check_refused(&s, 12, s.types_len - 1, "BTF: its types end within type 3");
	check_refused(&s, 12, 16 + 16 + 12 + 23, "BTF: its types end within type 3");
	check_refused(&s, 12, 11, "BTF: its types end within type 1");
	check_refused(&s, 24 + 4, 0, "BTF: type 1 is of the unknown kind 0");
	check_refused(&s, 24 + 4, 20 << 24, "BTF: type 1 is of the unknown kind 20");
	check_refused(&s, 24 + 4, 4 << 24 | 0x10000, "BTF: its types end within type 1");
	s.header = 32;
	s.layouts_len = 4 * 22;
	check_refused(&s, 32 + s.layouts_len + 4, 22 << 24,
	              "BTF: type 1 is of the unknown kind 22");
	check_refused(&s, 32 + s.layouts_len + 4, 0, "BTF: type 1 is of the unknown kind 0");
	check_refused(&s, 24, s.types_len + s.strings_len + 1, "BTF: its layouts end at");
}

static void wrong_sizes_are_refused(void **state)
{
	struct synth_btf s;
	struct btf *b = NULL;
	size_t len;
	uint8_t *whole;

	synth_btf_init(&s);
	synth_btf_pair(&s);
	whole = synth_btf_bytes(&s, &len);
	for (size_t size = 0; size < len; size++) {
		uint8_t *bytes = malloc(size ? size : 1);

		assert_non_null(bytes);
		memcpy(bytes, whole, size);
		assert_int_equal(btf_from_memory(bytes, size, &b), -EBADMSG);
	}
	free(whole);
	whole = calloc(1, MIB(64) + 1);
	assert_non_null(whole);
	assert_fails(btf_from_memory(whole, MIB(64) + 1, &b), -EBADMSG,
	             "BTF: 67108865 bytes are not plausible");
	assert_null(b);
}

/* Types that lead to themselves. */
static void circles_end(void **state)
{
	struct synth_btf s;
	struct btf *b;
	struct btf_member m;
	uint32_t id;

	synth_btf_init(&s);
	synth_btf_pair(&s);
	id = s.n + 1;
	synth_btf_type(&s, "self", SYNTH_TYPEDEF, 0, id);      /* 4 */
	synth_btf_type(&s, "there", SYNTH_TYPEDEF, 0, id + 2); /* 5 */
	synth_btf_type(&s, NULL, SYNTH_CONST, 0, id + 1);      /* 6 */
	synth_btf_array(&s, id + 3, 3);                        /* 7: of itself */
	synth_btf_struct(&s, "circles", 5, 100);
	synth_btf_member(&s, "a", id, 8);
	synth_btf_member(&s, "b", id + 2, 16);
	synth_btf_member(&s, "c", id + 3, 24);
	synth_btf_member(&s, NULL, id, 32);
	synth_btf_member(&s, "d", UINT32_MAX, 40);
	b = synth_btf_open(&s);
	check_none(b, "circles", "e");
	check_none(b, "circles", "a.e");
	check_none(b, "circles", "c.e");
	for (int i = 0; i < 4; i++) {
		assert_int_equal(btf_member(b, "circles", (char[]){ 'a' + i, '\0' }, &m), 0);
		assert_int_equal(m.offset, i == 3 ? 5 : i + 1);
		assert_int_equal(m.size, 0);
		assert_int_equal(i == 2 || m.type == 0, 1);
	}
	btf_free(b);
}

/* 60 times itself without a name, 60 levels down: it takes for ever unless it is cut short. */
static void structures_within_themselves_are_given_up(void **state)
{
	struct synth_btf s;
	struct btf *b;
	uint32_t id;

	synth_btf_init(&s);
	synth_btf_pair(&s);
	id = synth_btf_struct(&s, "itself", 61, 100);
	for (int i = 0; i < 60; i++)
		synth_btf_member(&s, NULL, id, 8);
	synth_btf_member(&s, "last", 1, 16);
	b = synth_btf_open(&s);
	check_none(b, "itself", "other");
	btf_free(b);
}

static void sizes_do_not_overflow(void **state)
{
	struct synth_btf s;
	struct btf *b;
	struct btf_member m;
	uint32_t array;

	synth_btf_init(&s);
	synth_btf_pair(&s);
	array = synth_btf_array(&s, 2, UINT32_MAX);
	synth_btf_struct(&s, "large", 3, UINT32_MAX);
	synth_btf_member(&s, "one", array, UINT32_MAX);
	synth_btf_member(&s, "two", array + 2, UINT32_MAX);
	synth_btf_member(&s, "three", array + 3, UINT32_MAX);
	assert_int_equal(synth_btf_array(&s, array, UINT32_MAX), array + 2);
	assert_int_equal(synth_btf_array(&s, array + 2, UINT32_MAX), array + 3);
	b = synth_btf_open(&s);
	assert_int_equal(btf_member(b, "large", "one", &m), 0);
	assert_int_equal(m.offset, UINT32_MAX / 8);
	assert_int_equal(m.size, UINT64_C(8) * UINT32_MAX);
	assert_int_equal(m.count, UINT32_MAX);
	assert_int_equal(btf_member(b, "large", "two", &m), 0);
	assert_int_equal(m.size, 0);
	assert_int_equal(btf_member(b, "large", "three", &m), 0);
	assert_int_equal(m.size, 0);
	btf_free(b);
}

/* Whatever byte is another: no question reads what is not there. */
static void damage_is_survived(void **state)
{
	struct synth_btf s;
	uint32_t pair, anonymous;
	size_t len, opened = 0;
	uint8_t *good;

	synth_btf_init(&s);
	pair = synth_btf_pair(&s);
	anonymous = synth_btf_array(&s, pair, 3);
	synth_btf_type(&s, "e", SYNTH_ENUM, 1, 4);
	synth_btf_enumerator(&s, "E", 3);
	synth_btf_type(&s, "outer", SYNTH_UNION | SYNTH_FLAG, 2, 100);
	synth_btf_member(&s, NULL, pair, 8);
	synth_btf_member(&s, "array", anonymous, 8);
	good = synth_btf_bytes(&s, &len);
	for (size_t i = 0; i < len * 255; i++) {
		uint8_t *bytes = malloc(len);
		struct btf *b = NULL;
		struct btf_member m;
		int64_t v;

		assert_non_null(bytes);
		memcpy(bytes, good, len);
		bytes[i / 255] ^= i % 255 + 1;
		if (btf_from_memory(bytes, len, &b) < 0)
			continue;
		btf_member(b, "outer", "array.b", &m);
		btf_member(b, "outer", "b", &m);
		btf_member(b, "pair", "a", &m);
		btf_enumerator(b, NULL, "E", &v);
		btf_free(b);
		opened++;
	}
	assert_in_range(opened, len * 100, len * 254);
	free(good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(wrong_sizes_are_refused),
		cmocka_unit_test(circles_end),
		cmocka_unit_test(structures_within_themselves_are_given_up),
		cmocka_unit_test(sizes_do_not_overflow),
		cmocka_unit_test(damage_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
