// SPDX-License-Identifier: GPL-2.0-or-later
/* test-verb-read.c - kdump-lite read: what it prints of memory, and of what is not there. */
#include <stdio.h>

#include "tests/unit/dumpbox.h"

#define TEXT_PFN (SYNTH_HIGH_PFN + 1024)
#define TEXT_PA  "0x100400000"
#define USER_PA  "0xc00000"
#define NOWHERE  "0x50000000"

static int setup(void **state)
{
	struct dumpbox *b;
	uint8_t *page;
	int r = dumpbox_setup(state);

	b = *state;
	page = synth_at(&b->m, TEXT_PFN * DUMPBOX_PAGE);
	for (unsigned i = 0; i < 256; i++)
		page[i] = i;
	memcpy(page + 300, "end", 3);
	temptree_bytes(&b->box.tree, "root/core", b->m.core, b->m.core_len);
	assert_int_equal(dumpbox_run(b, "$K convert -q --level=8 ./core d"), 0);
	return r;
}

/* The output must be that of hexdump, except for the addresses: hexdump counts in the file. */
static void as_hexdump(void **state)
{
	static const char *const ranges[][2] = { { "0", "4096" }, { "0", "1" }, { "5", "40" },
		                                 { "16", "16" },  { "0", "0" }, { "250", "100" },
		                                 { "0", "8192" } };
	struct dumpbox *b = *state;

	if (dumpbox_run(b, "command -v hexdump") != 0)
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		const char *skip = ranges[i][0], *len = ranges[i][1];

		assert_int_equal(dumpbox_run(b,
		                             "$K read ./d $((" TEXT_PA " + %s)) %s >r && "
		                             "$K read --raw ./d $((" TEXT_PA " + %s)) %s >bytes && "
		                             "hexdump -C bytes >h; stat -c %%s bytes",
		                             skip, len, skip, len),
		                 0);
		assert_int_equal(atoi(b->box.out), atoi(len));
		assert_string_equal(b->box.err, "");
		/* Ours ends with an address even when there is nothing. */
		if (atoi(len) > 0)
			assert_int_equal(dumpbox_run(b, "cut -c 17- r >r1 && cut -c 9- h >h1 && "
			                                "cmp r1 h1"),
			                 0);
	}
}

static void addresses(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "$K read ./d " TEXT_PA " 0x20"), 0);
	assert_string_equal(b->box.out,
	                    "0000000100400000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  "
	                    "|................|\n"
	                    "0000000100400010  10 11 12 13 14 15 16 17  18 19 1a 1b 1c 1d 1e 1f  "
	                    "|................|\n"
	                    "0000000100400020\n");
	assert_int_equal(dumpbox_run(b, "$K read ./d 4100M 32"), 0);
	assert_non_null(strstr(b->box.out, "\n0000000100400010  10 11"));
	/* The kernel image lies in the memory at 4 MiB. */
	assert_int_equal(dumpbox_run(b, "$K read --raw ./d 0x400000 64 >p && "
	                                "$K read --raw --virtual ./d 0xffffffff81000000 64 >v && "
	                                "cmp p v"),
	                 0);
}

static void gaps(void **state)
{
	struct dumpbox *b = *state;

	/* The last page of programs was left out, the first of the cache is there. */
	assert_int_equal(dumpbox_run(b, "$K read ./d 0xc3f000 4112"), 4);
	assert_memory_equal(b->box.out,
	                    "0000000000c3f000  -- 4096 bytes: left out of the dump --\n"
	                    "0000000000c40000  ",
	                    70);
	assert_non_null(strstr(b->box.out, "|\n0000000000c40010\n"));
	assert_non_null(strstr(b->box.err, "4096 of 4112 bytes at 0xc3f000 are not in the dump\n"));
	assert_int_equal(dumpbox_run(b,
	                             "$K read --raw ./d 0xc3f000 4112 >bytes; echo $?; "
	                             "stat -c %%s bytes; head -c 4096 bytes | tr -d '\\0' | wc -c"),
	                 0);
	assert_string_equal(b->box.out, "4\n4112\n0\n");
	assert_non_null(strstr(b->box.err, ", zeroes stand for them\n"));
	/* Nothing at all is no half success. */
	assert_int_equal(dumpbox_run(b, "$K read ./d " USER_PA " 8K"), 1);
	assert_string_equal(b->box.out, "0000000000c00000  -- 8192 bytes: left out of the dump --\n"
	                                "0000000000c02000\n");
	assert_int_equal(dumpbox_run(b, "$K read ./d " NOWHERE " 1G"), 1);
	assert_non_null(strstr(b->box.out, "-- 1073741824 bytes: no memory is there --\n"));
	assert_int_equal(dumpbox_run(b, "$K read --virtual ./d 0x1000 4097"), 1);
	assert_non_null(strstr(b->box.out, "-- 4097 bytes: nothing is mapped there --\n"));
}

static void mistakes(void **state)
{
	static const struct {
		int code;
		const char *args, *says;
	} cases[] = {
		{ 2, "./d ffffffff81000000 16",
		  "address \"ffffffff81000000\": hexadecimal numbers begin" },
		{ 2, "./d 0xg 16", "address \"0xg\": a number is expected" },
		{ 2, "./d 0x1000 1X", "length \"1X\": a number is expected" },
		{ 2, "./d 0xfffffffffffff000 8192", "goes past the last address" },
		{ 2, "./d 0x1000", "wrong number of arguments" },
		{ 1, "./none 0x1000 16", "./none: cannot be opened" },
		{ 1, "./text 0x1000 16", "neither an ELF core" },
	};
	struct dumpbox *b = *state;

	temptree_text(&b->box.tree, "root/text", "no dump");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(dumpbox_run(b, "$K read %s", cases[i].args), cases[i].code);
		if (!strstr(b->box.err, cases[i].says))
			fail_msg("\"%s\", not \"%s\"", b->box.err, cases[i].says);
		assert_string_equal(b->box.out, "");
	}
	assert_int_equal(dumpbox_run(b, "cat d | $K read - " TEXT_PA " 1"), 0);
	assert_int_equal(dumpbox_run(b, "$K read ./d " TEXT_PA " 64K >/dev/full"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(as_hexdump, setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(addresses, setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(gaps, setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(mistakes, setup, dumpbox_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
