// SPDX-License-Identifier: GPL-2.0-or-later
/* test-cursor.c - no step of a cursor leaves its block. */
#include <errno.h>

#include "tests/unit/check.h"
#include "base/cursor.h"
#include "base/err.h"

static const uint8_t data[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };

static void values(void **state)
{
	struct cursor c = cursor_over(data, sizeof(data), "block");
	bool little = *(const char *)&(const int){ 1 };
	uint8_t b;
	uint16_t h;
	uint64_t q;

	c.swap = !little;
	assert_int_equal(cursor_u8(&c, &b), 0);
	assert_int_equal(b, 1);
	assert_int_equal(cursor_u16(&c, &h), 0);
	assert_int_equal(h, 0x0302);
	assert_int_equal(cursor_u64(&c, &q), 0);
	assert_true(q == UINT64_C(0x0b0a090807060504));
	assert_int_equal(cursor_left(&c), 0);
}

static void other_byte_order(void **state)
{
	struct cursor c = cursor_over(data, sizeof(data), "block");
	bool little = *(const char *)&(const int){ 1 };
	uint32_t w;

	c.swap = little;
	assert_int_equal(cursor_u32(&c, &w), 0);
	assert_int_equal(w, 0x01020304);
}

static void the_end(void **state)
{
	struct cursor c = cursor_over(data, 3, "block");
	uint32_t w = 7;

	assert_int_equal(cursor_skip(&c, 1), 0);
	assert_int_equal(cursor_u32(&c, &w), -EBADMSG);
	assert_int_equal(w, 7);
	assert_int_equal(cursor_offset(&c), 1);
	assert_string_equal(err_text(-EBADMSG),
	                    "block: ends at byte 3, 4 more expected after byte 1");
	assert_int_equal(cursor_skip(&c, UINT64_MAX), -EBADMSG);
	assert_int_equal(cursor_skip(&c, 3), -EBADMSG);
	assert_int_equal(cursor_skip(&c, 2), 0);
	assert_int_equal(cursor_skip(&c, 0), 0);
	assert_int_equal(cursor_skip(&c, 1), -EBADMSG);
}

static void moving(void **state)
{
	struct cursor c = cursor_over(data, sizeof(data), "block");
	const void *bytes;

	assert_int_equal(cursor_align(&c, 4), 0);
	assert_int_equal(cursor_offset(&c), 0);
	assert_int_equal(cursor_skip(&c, 5), 0);
	assert_int_equal(cursor_align(&c, 4), 0);
	assert_int_equal(cursor_offset(&c), 8);
	assert_int_equal(cursor_skip(&c, 1), 0);
	assert_int_equal(cursor_align(&c, 4), -EBADMSG);
	assert_int_equal(cursor_offset(&c), 9);
	assert_int_equal(cursor_seek(&c, sizeof(data)), 0);
	assert_int_equal(cursor_seek(&c, sizeof(data) + 1), -EBADMSG);
	assert_int_equal(cursor_seek(&c, 2), 0);
	assert_int_equal(cursor_bytes(&c, 9, &bytes), 0);
	assert_ptr_equal(bytes, data + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(other_byte_order),
		cmocka_unit_test(the_end),
		cmocka_unit_test(moving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
