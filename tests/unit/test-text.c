// SPDX-License-Identifier: GPL-2.0-or-later
/* test-text.c - numbers, sizes, times and words. */
#include <errno.h>

#include "tests/unit/check.h"
#include "base/text.h"

static void numbers(void **state)
{
	uint64_t v = 7;

	assert_int_equal(text_to_u64("0", 10, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(text_to_u64("18446744073709551615", 10, &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(text_to_u64("ff", 16, &v), 0);
	assert_int_equal(v, 255);
	assert_int_equal(text_to_u64("0x10", 0, &v), 0);
	assert_int_equal(v, 16);
}

static void bad_numbers(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "x", "1x", "0x", "ff" };
	uint64_t v = 7;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(text_to_u64(bad[i], 10, &v), -EINVAL);
	assert_int_equal(text_to_u64("18446744073709551616", 10, &v), -ERANGE);
	assert_int_equal(v, 7);
}

static void sizes(void **state)
{
	uint64_t v = 7;

	assert_int_equal(text_to_size("4096", &v), 0);
	assert_int_equal(v, 4096);
	assert_int_equal(text_to_size("64K", &v), 0);
	assert_int_equal(v, 65536);
	assert_int_equal(text_to_size("2t", &v), 0);
	assert_true(v == UINT64_C(2) << 40);
	v = 7;
	assert_int_equal(text_to_size("K", &v), -EINVAL);
	assert_int_equal(text_to_size("1KB", &v), -EINVAL);
	assert_int_equal(text_to_size("1X", &v), -EINVAL);
	assert_int_equal(text_to_size("", &v), -EINVAL);
	assert_int_equal(text_to_size("99999999T", &v), -ERANGE);
	assert_int_equal(v, 7);
}

static void seconds(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{ "0", 0 },       { "90", 90 },
		{ "90s", 90 },    { "10min", 600 },
		{ "2h", 7200 },   { "1min 30s", 90 },
		{ "1h5m", 3900 }, { "1d", 86400 },
		{ "3 min", 180 }, { "infinity", UINT64_MAX },
	};
	static const char *const bad[] = { "",       "s",    "-1",      "1 fortnight",
		                           "1min x", "1.5s", "Infinity" };
	uint64_t v = 7;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(text_to_seconds(good[i].text, &v), 0);
		assert_true(v == good[i].value);
	}
	v = 7;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(text_to_seconds(bad[i], &v), -EINVAL);
	assert_int_equal(text_to_seconds("99999999999", &v), -ERANGE);
	assert_int_equal(v, 7);
}

static void booleans(void **state)
{
	bool v = true;

	assert_int_equal(text_to_bool("No", &v), 0);
	assert_false(v);
	assert_int_equal(text_to_bool("1", &v), 0);
	assert_true(v);
	assert_int_equal(text_to_bool("maybe", &v), -EINVAL);
	assert_true(v);
}

static void printed_sizes(void **state)
{
	char buf[TEXT_SIZE_MAX];

	assert_string_equal(text_from_size(0, buf), "0B");
	assert_string_equal(text_from_size(1023, buf), "1023B");
	assert_string_equal(text_from_size(1024, buf), "1.0K");
	assert_string_equal(text_from_size(MIB(3) + KIB(110), buf), "3.1M");
	assert_string_equal(text_from_size(UINT64_MAX, buf), "15.9E");
}

static void stamps(void **state)
{
	char buf[TEXT_STAMP_MAX];

	assert_string_equal(text_from_stamp(1795442701, buf), "20261123T140501Z");
	assert_string_equal(text_from_stamp(0, buf), "19700101T000000Z");
}

static void stripping(void **state)
{
	char both[] = " \t a b \n", nothing[] = "  ";

	assert_string_equal(text_strip(both), "a b");
	assert_string_equal(text_strip(nothing), "");
}

static void masking(void **state)
{
	char text[] = "a \n\0\x1b[\x7f\x80\xff~";

	text_mask(text, sizeof(text));
	assert_memory_equal(text, "a ?\0?[???~", sizeof(text));
}

static void lists(void **state)
{
	_cleanup_(strv_freep) char **list = NULL;
	_cleanup_free_ char *joined = NULL, *empty = NULL;

	assert_int_equal(strv_length(NULL), 0);
	assert_int_equal(strv_push(&list, "a"), 0);
	assert_int_equal(strv_split(&list, "  b\t'c d' ", false), 0);
	assert_int_equal(strv_length(list), 3);
	assert_true(strv_contains(list, "c d"));
	assert_false(strv_contains(list, "c"));
	assert_int_equal(strv_join(list, ", ", &joined), 0);
	assert_string_equal(joined, "a, b, c d");
	assert_int_equal(strv_pushf(&list, "%d %s", 7, "e"), 0);
	assert_string_equal(list[3], "7 e");
	assert_int_equal(strv_join(NULL, ",", &empty), 0);
	assert_string_equal(empty, "");
}

static void quotes(void **state)
{
	_cleanup_(strv_freep) char **kept = NULL, **removed = NULL;

	assert_int_equal(strv_split(&kept, "dyndbg=\"file a.c +p\" quiet", true), 0);
	assert_int_equal(strv_length(kept), 2);
	assert_string_equal(kept[0], "dyndbg=\"file a.c +p\"");
	assert_int_equal(strv_split(&removed, "\"it's\" ''", false), 0);
	assert_int_equal(strv_length(removed), 2);
	assert_string_equal(removed[0], "it's");
	assert_string_equal(removed[1], "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),  cmocka_unit_test(bad_numbers),
		cmocka_unit_test(sizes),    cmocka_unit_test(seconds),
		cmocka_unit_test(booleans), cmocka_unit_test(printed_sizes),
		cmocka_unit_test(stamps),   cmocka_unit_test(stripping),
		cmocka_unit_test(masking),  cmocka_unit_test(lists),
		cmocka_unit_test(quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
