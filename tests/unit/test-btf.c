// SPDX-License-Identifier: GPL-2.0-or-later
/* test-btf.c - the kernel's types out of its BTF. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/synth-btf.h"
#include "base/err.h"

static void check_member(const struct btf *b, const char *structure, const char *path,
                         struct btf_member expected)
{
	struct btf_member m;
	int r = btf_member(b, structure, path, &m);

	if (r < 0)
		print_error("%s\n", err_text(r));
	assert_int_equal(r, 0);
	assert_int_equal(m.offset, expected.offset);
	assert_int_equal(m.size, expected.size);
	assert_int_equal(m.count, expected.count ? expected.count : 1);
	assert_int_equal(m.bits, expected.bits);
	assert_int_equal(m.bit_offset, expected.bit_offset);
	if (expected.type)
		assert_int_equal(m.type, expected.type);
}

static void check_none(const struct btf *b, const char *structure, const char *path)
{
	struct btf_member m = { .offset = 77 };
	char text[100];

	snprintf(text, sizeof(text), "the kernel has no %s.%s", structure, path);
	assert_fails(btf_member(b, structure, path, &m), -ENOENT, text);
	assert_int_equal(m.offset, 77);
}

static void check_pair(const struct btf *b)
{
	uint64_t size;

	check_member(b, "pair", "a", (struct btf_member){ .offset = 0, .size = 4, .type = 1 });
	check_member(b, "pair", "b", (struct btf_member){ .offset = 8, .size = 8, .type = 2 });
	assert_int_equal(btf_size(b, "pair", &size), 0);
	assert_int_equal(size, 16);
}

static void members_have_place_and_size(void **state)
{
	struct synth_btf s;
	struct btf *b;
	uint64_t size = 5;

	synth_btf_init(&s);
	synth_btf_pair(&s);
	b = synth_btf_open(&s);
	check_pair(b);
	check_none(b, "pair", "c");
	check_none(b, "pair", "");
	check_none(b, "pair", "ab");
	check_none(b, "pair", "a.b");
	check_none(b, "pair", ".a");
	check_none(b, "pai", "a");
	check_none(b, "int", "a");
	check_none(b, "", "a");
	assert_fails(btf_size(b, "trio", &size), -ENOENT, "the kernel has no structure trio");
	assert_int_equal(size, 5);
	btf_free(b);
}

/* Each kind with what it has behind its head, which is all ones, and then a structure that is found
 * only if all of that was passed over. */
static void all_kinds_are_known(void **state)
{
	static const struct {
		unsigned kind, n, words;
	} kinds[] = {
		{ SYNTH_INT, 0, 1 },        { SYNTH_PTR, 0, 0 },      { SYNTH_ARRAY, 0, 3 },
		{ SYNTH_STRUCT, 300, 900 }, { SYNTH_UNION, 2, 6 },    { SYNTH_ENUM, 5, 10 },
		{ SYNTH_FWD, 0, 0 },        { SYNTH_TYPEDEF, 0, 0 },  { SYNTH_VOLATILE, 0, 0 },
		{ SYNTH_CONST, 0, 0 },      { SYNTH_RESTRICT, 0, 0 }, { SYNTH_FUNC, 2, 0 },
		{ SYNTH_FUNC_PROTO, 3, 6 }, { SYNTH_VAR, 0, 1 },      { SYNTH_DATASEC, 2, 6 },
		{ SYNTH_FLOAT, 0, 0 },      { SYNTH_DECL_TAG, 0, 1 }, { SYNTH_TYPE_TAG, 0, 0 },
		{ SYNTH_ENUM64, 3, 9 },
	};
	struct synth_btf s;
	struct btf *b;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		synth_btf_init(&s);
		synth_btf_pair(&s);
		synth_btf_type(&s, "other", kinds[i].kind, kinds[i].n, UINT32_MAX);
		for (unsigned w = 0; w < kinds[i].words; w++)
			synth_btf_word(&s, UINT32_MAX);
		synth_btf_struct(&s, "last", 1, 4);
		synth_btf_member(&s, "a", 1, 24);
		b = synth_btf_open(&s);
		check_pair(b);
		check_member(b, "last", "a",
		             (struct btf_member){ .offset = 3, .size = 4, .type = 1 });
		btf_free(b);
	}
}

static void bit_fields_are_cut_from_the_fewest_bytes(void **state)
{
	struct synth_btf s;
	struct btf *b;

	synth_btf_init(&s);
	synth_btf_pair(&s);
	synth_btf_type(&s, "bits", SYNTH_STRUCT | SYNTH_FLAG, 6, 32);
	synth_btf_member(&s, "plain", 1, 32);
	synth_btf_member(&s, "low", 1, 1 << 24 | 64);
	synth_btf_member(&s, "high", 1, 3 << 24 | (64 + 29));
	synth_btf_member(&s, "across", 2, 12 << 24 | (64 + 6));
	synth_btf_member(&s, "whole", 2, 64 << 24 | 128);
	synth_btf_member(&s, "far", 1, 0xffffff);
	b = synth_btf_open(&s);
	check_member(b, "bits", "plain", (struct btf_member){ .offset = 4, .size = 4 });
	check_member(b, "bits", "low", (struct btf_member){ .offset = 8, .size = 1, .bits = 1 });
	check_member(b, "bits", "high",
	             (struct btf_member){ .offset = 11, .size = 1, .bits = 3, .bit_offset = 5 });
	check_member(b, "bits", "across",
	             (struct btf_member){ .offset = 8, .size = 3, .bits = 12, .bit_offset = 6 });
	check_member(b, "bits", "whole",
	             (struct btf_member){ .offset = 16, .size = 8, .bits = 64, .type = 2 });
	check_member(b, "bits", "far", (struct btf_member){ .offset = 0x1fffff, .size = 4 });
	btf_free(b);
}

static void bit_fields_without_the_flag_are_in_their_type(void **state)
{
	struct synth_btf s;
	struct btf *b;
	uint32_t narrow, name, array, wide;

	synth_btf_init(&s);
	narrow = synth_btf_type(&s, "int", SYNTH_INT, 0, 4);
	synth_btf_word(&s, 1 << 24 | 2 << 16 | 5);
	name = synth_btf_type(&s, "u5", SYNTH_TYPEDEF, 0, narrow);
	array = synth_btf_array(&s, narrow, 2);
	wide = synth_btf_int(&s, "__int128", 16);
	synth_btf_struct(&s, "bits", 4, 40);
	synth_btf_member(&s, "a", narrow, 32);
	synth_btf_member(&s, "b", name, 36);
	synth_btf_member(&s, "c", array, 64);
	synth_btf_member(&s, "d", wide, 128);
	b = synth_btf_open(&s);
	check_member(b, "bits", "a",
	             (struct btf_member){ .offset = 4, .size = 1, .bits = 5, .bit_offset = 2 });
	check_member(b, "bits", "b",
	             (struct btf_member){ .offset = 4, .size = 2, .bits = 5, .bit_offset = 6 });
	check_member(b, "bits", "c", (struct btf_member){ .offset = 8, .size = 8, .count = 2 });
	check_member(b, "bits", "d", (struct btf_member){ .offset = 16, .size = 16 });
	btf_free(b);
}

/* struct outer { int first; union { struct { int x; int flags : 3; }; long y; }; int last; }; */
static void members_without_a_name_are_searched(void **state)
{
	struct synth_btf s;
	struct btf *b;
	uint32_t in, un, constant;

	synth_btf_init(&s);
	synth_btf_pair(&s);
	in = synth_btf_type(&s, NULL, SYNTH_STRUCT | SYNTH_FLAG, 2, 8);
	synth_btf_member(&s, "x", 1, 0);
	synth_btf_member(&s, "flags", 1, 3 << 24 | 35);
	un = synth_btf_type(&s, NULL, SYNTH_UNION, 2, 8);
	synth_btf_member(&s, NULL, in, 0);
	synth_btf_member(&s, "y", 2, 0);
	constant = synth_btf_type(&s, NULL, SYNTH_CONST, 0, un);
	synth_btf_struct(&s, "outer", 4, 24);
	synth_btf_member(&s, "first", 1, 0);
	synth_btf_member(&s, NULL, constant, 64);
	synth_btf_member(&s, NULL, 1, 128); /* padding */
	synth_btf_member(&s, "last", 1, 160);
	b = synth_btf_open(&s);
	check_member(b, "outer", "x", (struct btf_member){ .offset = 8, .size = 4 });
	check_member(b, "outer", "flags",
	             (struct btf_member){ .offset = 12, .size = 1, .bits = 3, .bit_offset = 3 });
	check_member(b, "outer", "y", (struct btf_member){ .offset = 8, .size = 8 });
	check_member(b, "outer", "last", (struct btf_member){ .offset = 20, .size = 4 });
	check_none(b, "outer", "z");
	check_none(b, "", "x");
	btf_free(b);
}

static void paths_lead_through_names_and_arrays(void **state)
{
	struct synth_btf s;
	struct btf *b;
	struct btf_member m;
	uint32_t pair, type, matrix, pointer, flexible;

	synth_btf_init(&s);
	pair = synth_btf_pair(&s);
	type = synth_btf_type(&s, "pair_t", SYNTH_TYPEDEF, 0, pair);
	type = synth_btf_type(&s, NULL, SYNTH_VOLATILE, 0, type);
	type = synth_btf_type(&s, NULL, SYNTH_RESTRICT, 0, type);
	type = synth_btf_type(&s, "user", SYNTH_TYPE_TAG, 0, type);
	matrix = synth_btf_array(&s, type, 3);
	matrix = synth_btf_array(&s, matrix, 5);
	pointer = synth_btf_type(&s, NULL, SYNTH_PTR, 0, pair);
	flexible = synth_btf_array(&s, 1, 0);
	synth_btf_struct(&s, "outer", 4, 400);
	synth_btf_member(&s, "one", type, 64);
	synth_btf_member(&s, "many", matrix, 1000 * 8);
	synth_btf_member(&s, "pointer", pointer, 2000 * 8);
	synth_btf_member(&s, "rest", flexible, 3000 * 8);
	synth_btf_struct(&s, "outmost", 1, 400);
	synth_btf_member(&s, "outer", s.n - 1, 10000 * 8);
	b = synth_btf_open(&s);
	check_member(b, "outer", "one",
	             (struct btf_member){ .offset = 8, .size = 16, .type = pair });
	check_member(b, "outer", "one.b", (struct btf_member){ .offset = 16, .size = 8 });
	check_member(b, "outmost", "outer.one.b",
	             (struct btf_member){ .offset = 10016, .size = 8, .type = 2 });
	check_member(
		b, "outer", "many",
		(struct btf_member){ .offset = 1000, .size = 240, .count = 15, .type = matrix });
	check_member(b, "outer", "many.b", (struct btf_member){ .offset = 1008, .size = 8 });
	check_member(b, "outer", "pointer",
	             (struct btf_member){ .offset = 2000, .size = 8, .type = pointer });
	check_none(b, "outer", "pointer.a");
	check_none(b, "outer", "one.");
	check_none(b, "outer", "one..b");
	check_none(b, "outer", "one.c");
	check_none(b, "pair_t", "a");
	assert_int_equal(btf_member(b, "outer", "rest", &m), 0);
	assert_int_equal(m.offset, 3000);
	assert_int_equal(m.size, 0);
	assert_int_equal(m.count, 0);
	btf_free(b);
}

static void one_name_may_mean_several_structures(void **state)
{
	struct synth_btf s;
	struct btf *b;
	uint64_t size;
	int64_t value;

	synth_btf_init(&s);
	synth_btf_pair(&s);
	synth_btf_type(&s, "thing", SYNTH_FWD, 0, 0);
	synth_btf_struct(&s, "thing", 1, 10);
	synth_btf_member(&s, "a", 1, 0);
	synth_btf_type(&s, "thing", SYNTH_ENUM, 1, 4);
	synth_btf_enumerator(&s, "THING", 3);
	synth_btf_type(&s, "thing", SYNTH_TYPEDEF, 0, 1);
	synth_btf_struct(&s, "thing", 2, 20);
	synth_btf_member(&s, "a", 1, 32);
	synth_btf_member(&s, "b", 1, 64);
	b = synth_btf_open(&s);
	check_member(b, "thing", "a", (struct btf_member){ .offset = 0, .size = 4 });
	check_member(b, "thing", "b", (struct btf_member){ .offset = 8, .size = 4 });
	check_none(b, "thing", "THING");
	assert_int_equal(btf_size(b, "thing", &size), 0);
	assert_int_equal(size, 10);
	assert_int_equal(btf_enumerator(b, "thing", "THING", &value), 0);
	assert_int_equal(value, 3);
	btf_free(b);
}

static void enumerators_have_values(void **state)
{
	struct synth_btf s;
	struct btf *b;
	int64_t v = 9;

	synth_btf_init(&s);
	synth_btf_pair(&s);
	synth_btf_type(&s, "plain", SYNTH_ENUM, 2, 4);
	synth_btf_enumerator(&s, "SMALL", 7);
	synth_btf_enumerator(&s, "LARGE", 0xffffffff);
	synth_btf_type(&s, "signed", SYNTH_ENUM | SYNTH_FLAG, 2, 4);
	synth_btf_enumerator(&s, "MINUS", (uint32_t)-5);
	synth_btf_enumerator(&s, "SMALL", 8);
	synth_btf_type(&s, "wide", SYNTH_ENUM64, 2, 8);
	synth_btf_enumerator(&s, "HUGE", 0x89abcdef);
	synth_btf_word(&s, 0x01234567);
	synth_btf_enumerator(&s, "NEXT", 1);
	synth_btf_word(&s, 0xffffffff);
	synth_btf_type(&s, NULL, SYNTH_ENUM, 1, 4);
	synth_btf_enumerator(&s, "LONELY", 11);
	b = synth_btf_open(&s);
	assert_int_equal(btf_enumerator(b, "plain", "SMALL", &v), 0);
	assert_int_equal(v, 7);
	assert_int_equal(btf_enumerator(b, "plain", "LARGE", &v), 0);
	assert_true(v == 0xffffffff);
	assert_int_equal(btf_enumerator(b, "signed", "MINUS", &v), 0);
	assert_true(v == -5);
	assert_int_equal(btf_enumerator(b, "signed", "SMALL", &v), 0);
	assert_int_equal(v, 8);
	assert_int_equal(btf_enumerator(b, "wide", "HUGE", &v), 0);
	assert_true(v == 0x0123456789abcdef);
	assert_int_equal(btf_enumerator(b, "wide", "NEXT", &v), 0);
	assert_true(v == -INT64_C(0xffffffff));
	assert_int_equal(btf_enumerator(b, NULL, "LONELY", &v), 0);
	assert_int_equal(v, 11);
	assert_int_equal(btf_enumerator(b, NULL, "SMALL", &v), 0);
	assert_int_equal(v, 7);
	assert_fails(btf_enumerator(b, "plain", "HUGE", &v), -ENOENT,
	             "the kernel has no enumerator HUGE of plain");
	assert_fails(btf_enumerator(b, "pair", "a", &v), -ENOENT, "no enumerator a of pair");
	assert_fails(btf_enumerator(b, NULL, "a", &v), -ENOENT, "the kernel has no enumerator a");
	assert_int_equal(v, 7);
	btf_free(b);
}

/* Many names: some share a bucket. */
static void all_names_are_found(void **state)
{
	struct synth_btf s;
	struct btf *b;
	char name[16];

	synth_btf_init(&s);
	synth_btf_pair(&s);
	for (unsigned i = 0; i < 1200; i++) {
		snprintf(name, sizeof(name), "s%u", i);
		synth_btf_struct(&s, name, 1, i);
		synth_btf_member(&s, NULL, 3, i * 8);
	}
	b = synth_btf_open(&s);
	for (unsigned i = 0; i < 1200; i++) {
		uint64_t size;

		snprintf(name, sizeof(name), "s%u", i);
		assert_int_equal(btf_size(b, name, &size), 0);
		assert_int_equal(size, i);
		check_member(b, name, "b", (struct btf_member){ .offset = i + 8, .size = 8 });
	}
	check_none(b, "s1200", "b");
	btf_free(b);
}

static void other_byte_order_is_read(void **state)
{
	struct synth_btf s;
	struct btf *b;
	int64_t v;

	synth_btf_init(&s);
	s.swap = true;
	synth_btf_pair(&s);
	synth_btf_type(&s, "wide", SYNTH_ENUM64, 1, 8);
	synth_btf_enumerator(&s, "HUGE", 0x89abcdef);
	synth_btf_word(&s, 0x01234567);
	b = synth_btf_open(&s);
	check_pair(b);
	assert_int_equal(btf_enumerator(b, "wide", "HUGE", &v), 0);
	assert_true(v == 0x0123456789abcdef);
	btf_free(b);
}

static void headers_may_be_longer(void **state)
{
	static const uint32_t headers[] = { 24, 28, 32, 36, 128 };

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		struct synth_btf s;
		struct btf *b;

		synth_btf_init(&s);
		s.header = headers[i];
		synth_btf_pair(&s);
		b = synth_btf_open(&s);
		check_pair(b);
		btf_free(b);
	}
}

/* A kind of the future, the size of which is told: 8 bytes once, 4 for each of what follows. */
static void unknown_kinds_are_passed_over_if_told(void **state)
{
	struct synth_btf s;
	struct btf *b;

	synth_btf_init(&s);
	s.header = 32;
	s.layouts_len = 4 * 101;
	memcpy(s.layouts + 4 * 100, (uint8_t[]){ 8, 4, 0, 0 }, 4);
	synth_btf_type(&s, "new", 100, 3, 0);
	for (int i = 0; i < 5; i++)
		synth_btf_word(&s, UINT32_MAX);
	synth_btf_struct(&s, "last", 2, 4);
	synth_btf_member(&s, "new", 1, 24);
	synth_btf_member(&s, "new2", 3, 48);
	synth_btf_type(&s, "new", 100, 0, 0);
	synth_btf_word(&s, UINT32_MAX);
	synth_btf_word(&s, UINT32_MAX);
	b = synth_btf_open(&s);
	check_member(b, "last", "new", (struct btf_member){ .offset = 3, .type = 1 });
	check_member(b, "last", "new2", (struct btf_member){ .offset = 6, .type = 3 });
	btf_free(b);
}

static void kernel_memory_is_read(void **state)
{
	struct synth_btf s;
	struct synth m;
	struct dump *d;
	struct kspace *ks;
	struct btf *b = NULL;
	uint64_t va = SYNTH_IMAGE_VA + 0x3456;
	uint8_t *bytes;
	size_t len;

	synth_btf_init(&s);
	synth_btf_pair(&s);
	bytes = synth_btf_bytes(&s, &len);
	synth_init(&m, NULL);
	synth_store(&m, va, bytes, len);
	free(bytes);
	d = synth_dump(&m);
	ks = synth_kspace(d);
	assert_fails(btf_open(ks, va, va, &b), -EBADMSG, "BTF: cannot lie between 0xffffffff8");
	assert_fails(btf_open(ks, va, va - 1, &b), -EBADMSG, "BTF: cannot lie between");
	assert_fails(btf_open(ks, va, va + MIB(65), &b), -EBADMSG, "BTF: cannot lie between");
	assert_fails(btf_open(ks, va + 1, va + len, &b), -EBADMSG, "BTF: begins with eb 01 00");
	assert_fails(btf_open(ks, 0x1000, 0x2000, &b), -EFAULT, "BTF: nothing is mapped at 0x1000");
	assert_null(b);
	assert_int_equal(btf_open(ks, va, va + len, &b), 0);
	check_pair(b);
	btf_free(b);
	kspace_free(ks);
	dump_free(d);
	synth_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_have_place_and_size),
		cmocka_unit_test(all_kinds_are_known),
		cmocka_unit_test(bit_fields_are_cut_from_the_fewest_bytes),
		cmocka_unit_test(bit_fields_without_the_flag_are_in_their_type),
		cmocka_unit_test(members_without_a_name_are_searched),
		cmocka_unit_test(paths_lead_through_names_and_arrays),
		cmocka_unit_test(one_name_may_mean_several_structures),
		cmocka_unit_test(enumerators_have_values),
		cmocka_unit_test(all_names_are_found),
		cmocka_unit_test(other_byte_order_is_read),
		cmocka_unit_test(headers_may_be_longer),
		cmocka_unit_test(unknown_kinds_are_passed_over_if_told),
		cmocka_unit_test(kernel_memory_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
