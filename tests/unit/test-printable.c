// SPDX-License-Identifier: GPL-2.0-or-later
/* test-printable.c - nothing that a terminal obeys comes through. */
#include "base/printable.h"
#include "tests/unit/check.h"

static void expect(const char *in, size_t len, bool lines, const char *expected)
{
	_cleanup_free_ char *out = NULL;

	assert_int_equal(printable(in, len, lines, &out), 0);
	assert_string_equal(out, expected);
}

static void plain_text_stays(void **state)
{
	static const char text[] =
		"Kernel panic: \t\"tabs\" und \xc3\xa4\xe2\x82\xac\xf0\x9f\x92\xa5 ~ \\";

	expect(text, strlen(text), false, text);
	expect("", 0, false, "");
}

static void controls_are_escaped(void **state)
{
	expect("\033[31m", 5, false, "\\x1b[31m");
	expect("a\0b", 3, false, "a\\x00b");
	expect("\r\n\177", 3, false, "\\x0d\\x0a\\x7f");
	expect("a\nb\r", 4, true, "a\nb\\x0d");
	/* CSI as one character of ISO 6429, in UTF-8 and alone. */
	expect("\xc2\x9b", 2, false, "\\xc2\\x9b");
	expect("\x9b", 1, false, "\\x9b");
	expect("\xc2\xa0", 2, false, "\xc2\xa0");
}

static void broken_utf8_is_escaped(void **state)
{
	expect("\xc0\x8a", 2, false, "\\xc0\\x8a");          /* overlong line feed */
	expect("\xe0\x80\x9b", 3, false, "\\xe0\\x80\\x9b"); /* overlong CSI */
	expect("\xf0\x80\x80\x9b", 4, false, "\\xf0\\x80\\x80\\x9b");
	expect("\xed\xa0\x80", 3, false, "\\xed\\xa0\\x80");          /* surrogate */
	expect("\xf4\x90\x80\x80", 4, false, "\\xf4\\x90\\x80\\x80"); /* past U+10FFFF */
	expect("\xf8\x88\x80\x80\x80", 5, false, "\\xf8\\x88\\x80\\x80\\x80");
	expect("\xe2\x82", 2, false, "\\xe2\\x82"); /* cut off */
	expect("\xe2\x82z", 3, false, "\\xe2\\x82z");
	expect("\x80\xff", 2, false, "\\x80\\xff");
}

/* They hide text, or turn its direction. */
static void invisible_characters_are_escaped(void **state)
{
	expect("\xe2\x80\xae"
	       "gpj",
	       6, false, "\\xe2\\x80\\xaegpj");                       /* override to the left */
	expect("\xe2\x81\xa6", 3, false, "\\xe2\\x81\\xa6");          /* isolate */
	expect("\xe2\x80\x8b", 3, false, "\\xe2\\x80\\x8b");          /* zero width */
	expect("\xe2\x80\xa8", 3, true, "\\xe2\\x80\\xa8");           /* a line's end */
	expect("\xef\xbb\xbf", 3, false, "\\xef\\xbb\\xbf");          /* byte order mark */
	expect("\xf3\xa0\x81\x81", 4, false, "\\xf3\\xa0\\x81\\x81"); /* tag */
	expect("\xc2\xad", 2, false, "\\xc2\\xad");                   /* soft hyphen */
	expect("\xe2\x80\x90\xe2\x80\xaf\xef\xbf\xbd", 9, false,
	       "\xe2\x80\x90\xe2\x80\xaf\xef\xbf\xbd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays),
		cmocka_unit_test(controls_are_escaped),
		cmocka_unit_test(broken_utf8_is_escaped),
		cmocka_unit_test(invisible_characters_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
