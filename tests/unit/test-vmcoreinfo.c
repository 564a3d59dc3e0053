// SPDX-License-Identifier: GPL-2.0-or-later
/* test-vmcoreinfo.c - KEY=VALUE lines and the numbers in them. */
#include <stdio.h>

#include "tests/unit/synth.h"

static struct vmcoreinfo over(const char *text)
{
	return (struct vmcoreinfo){ .text = text, .len = strlen(text) };
}

static void symbols_are_hexadecimal_without_prefix(void **state)
{
	struct vmcoreinfo vi = over("SYMBOL(prb)=ffffffff82a00040\nSYMBOL(low)=10\n");
	uint64_t v;

	assert_true(vmcoreinfo_get(&vi, "SYMBOL", "prb", &v));
	assert_int_equal(v, 0xffffffff82a00040);
	assert_true(vmcoreinfo_get(&vi, "SYMBOL", "low", &v));
	assert_int_equal(v, 0x10);
}

static void sizes_offsets_and_lengths_are_decimal(void **state)
{
	struct vmcoreinfo vi = over("SIZE(page)=64\nOFFSET(page.flags)=010\nLENGTH(x)=11\n");
	uint64_t v;

	assert_true(vmcoreinfo_get(&vi, "SIZE", "page", &v));
	assert_int_equal(v, 64);
	assert_true(vmcoreinfo_get(&vi, "OFFSET", "page.flags", &v));
	assert_int_equal(v, 10);
	assert_true(vmcoreinfo_get(&vi, "LENGTH", "x", &v));
	assert_int_equal(v, 11);
}

static void numbers_are_signed_or_hexadecimal_with_prefix(void **state)
{
	struct vmcoreinfo vi = over("NUMBER(phys_base)=-12582912\n"
	                            "NUMBER(least)=-9223372036854775808\n"
	                            "NUMBER(kimage_voffset)=0xffff800008000000\n"
	                            "NUMBER(large)=18446744073709551615\n"
	                            "NUMBER(buddy)=-268435456\n"
	                            "NUMBER(zero)=0\n");
	static const struct {
		const char *name;
		uint64_t value;
	} expected[] = {
		{ "phys_base", -UINT64_C(12582912) },
		{ "least", UINT64_C(1) << 63 },
		{ "kimage_voffset", UINT64_C(0xffff800008000000) },
		{ "large", UINT64_MAX },
		{ "buddy", -UINT64_C(0x10000000) },
		{ "zero", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		uint64_t v;

		assert_true(vmcoreinfo_get(&vi, "NUMBER", expected[i].name, &v));
		assert_int_equal(v, expected[i].value);
	}
}

static void what_is_no_number_is_as_good_as_missing(void **state)
{
	static const char *const values[] = {
		"",
		" ",
		"x",
		"1x",
		"-",
		"--1",
		"- 1",
		"+1",
		"1 ",
		" 1",
		"0x",
		"0xg",
		"1.5",
		"0x1 0x2",
		"99999999999999999999",
		"-0x-1",
		"1234567890123456789012345678901234567890",
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		char text[128];
		struct vmcoreinfo vi;
		uint64_t v = 42;

		snprintf(text, sizeof(text), "NUMBER(a)=%s\nSIZE(a)=%s\n", values[i], values[i]);
		vi = over(text);
		assert_false(vmcoreinfo_get(&vi, "NUMBER", "a", &v));
		assert_false(vmcoreinfo_get(&vi, "SIZE", "a", &v));
		assert_int_equal(v, 42);
	}
}

static void first_of_two_lines_counts(void **state)
{
	struct vmcoreinfo vi = over("SIZE(page)=64\nSIZE(page)=56\n");
	uint64_t v;

	assert_true(vmcoreinfo_get(&vi, "SIZE", "page", &v));
	assert_int_equal(v, 64);
}

static void keys_are_whole_lines(void **state)
{
	struct vmcoreinfo vi = over("XSIZE(page)=1\nSIZE(page2)=2\nA SIZE(page)=3\n"
	                            "SIZE(page)\nSIZE(page) =4\nsize(page)=5\n");
	const char *s;
	uint64_t v;
	size_t len;

	assert_false(vmcoreinfo_get(&vi, "SIZE", "page", &v));
	assert_false(vmcoreinfo_get(&vi, "SIZE", "", &v));
	assert_false(vmcoreinfo_string(&vi, "SIZE(page)", &s, &len));
	assert_false(vmcoreinfo_string(&vi, "", &s, &len));
}

static void last_line_may_end_without_a_newline(void **state)
{
	struct vmcoreinfo vi = over("A=1\nCRASHTIME=1795442701");
	uint64_t v;

	assert_true(vmcoreinfo_plain(&vi, "CRASHTIME", 10, &v));
	assert_int_equal(v, 1795442701);
	/* Just the key, cut off before its value or the equals sign. */
	vi.len = strlen("A=1\nCRASHTIME=");
	assert_false(vmcoreinfo_plain(&vi, "CRASHTIME", 10, &v));
	vi.len--;
	assert_false(vmcoreinfo_plain(&vi, "CRASHTIME", 10, &v));
}

static void plain_keys_have_the_base_that_is_asked_for(void **state)
{
	struct vmcoreinfo vi = over("KERNELOFFSET=1e000000\nPAGESIZE=4096\n");
	uint64_t v;

	assert_true(vmcoreinfo_plain(&vi, "KERNELOFFSET", 16, &v));
	assert_int_equal(v, 0x1e000000);
	assert_true(vmcoreinfo_plain(&vi, "PAGESIZE", 10, &v));
	assert_int_equal(v, 4096);
	assert_false(vmcoreinfo_plain(&vi, "KERNELOFFSET", 10, &v));
}

static void strings_are_copied_and_cut(void **state)
{
	struct vmcoreinfo vi = over("OSRELEASE=6.12.48+deb13=x\nEMPTY=\n");
	char buf[8] = "xxxxxxx";
	const char *s;
	size_t len;

	assert_true(vmcoreinfo_string(&vi, "OSRELEASE", &s, &len));
	assert_int_equal(len, strlen("6.12.48+deb13=x"));
	assert_memory_equal(s, "6.12.48+deb13=x", len);
	assert_string_equal(vmcoreinfo_copy(&vi, "OSRELEASE", buf, sizeof(buf)), "6.12.48");
	assert_string_equal(vmcoreinfo_copy(&vi, "EMPTY", buf, sizeof(buf)), "");
	assert_string_equal(vmcoreinfo_copy(&vi, "MISSING", buf, sizeof(buf)), "");
	assert_false(vmcoreinfo_string(&vi, "MISSING", &s, &len));
}

static void no_text_has_no_keys(void **state)
{
	struct vmcoreinfo vi = {};
	char buf[8];
	uint64_t v;

	assert_false(vmcoreinfo_get(&vi, "SIZE", "page", &v));
	assert_false(vmcoreinfo_plain(&vi, "PAGESIZE", 10, &v));
	assert_string_equal(vmcoreinfo_copy(&vi, "OSRELEASE", buf, sizeof(buf)), "");
}

static void overlong_names_are_not_found(void **state)
{
	char name[200];
	struct vmcoreinfo vi = over("A=1\n");
	uint64_t v;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(vmcoreinfo_get(&vi, "OFFSET", name, &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(symbols_are_hexadecimal_without_prefix),
		cmocka_unit_test(sizes_offsets_and_lengths_are_decimal),
		cmocka_unit_test(numbers_are_signed_or_hexadecimal_with_prefix),
		cmocka_unit_test(what_is_no_number_is_as_good_as_missing),
		cmocka_unit_test(first_of_two_lines_counts),
		cmocka_unit_test(keys_are_whole_lines),
		cmocka_unit_test(last_line_may_end_without_a_newline),
		cmocka_unit_test(plain_keys_have_the_base_that_is_asked_for),
		cmocka_unit_test(strings_are_copied_and_cut),
		cmocka_unit_test(no_text_has_no_keys),
		cmocka_unit_test(overlong_names_are_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
