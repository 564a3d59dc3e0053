// SPDX-License-Identifier: GPL-2.0-or-later
/* printable.c - escapes control characters and broken UTF-8, see printable.h. */
#include "base/printable.h"

#include "base/err.h"

/* Characters that are not seen, and those that turn the direction of what is. */
static const struct {
	uint32_t first, last;
} invisible[] = {
	{ 0x00ad, 0x00ad },   /* soft hyphen */
	{ 0x061c, 0x061c },   /* Arabic letter mark */
	{ 0x115f, 0x1160 },   /* Hangul fillers */
	{ 0x180b, 0x180f },   /* Mongolian selectors */
	{ 0x200b, 0x200f },   /* zero width, marks of direction */
	{ 0x2028, 0x202e },   /* separators of lines, embeddings and overrides */
	{ 0x2060, 0x206f },   /* joiners, isolates */
	{ 0x3164, 0x3164 },   /* Hangul filler */
	{ 0xfe00, 0xfe0f },   /* variation selectors */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xffa0, 0xffa0 },   /* Hangul filler */
	{ 0xfff0, 0xfffb },   /* specials */
	{ 0xe0000, 0xe0fff }, /* tags, selectors */
};

static bool is_invisible(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_SIZE(invisible); i++)
		if (c >= invisible[i].first && c <= invisible[i].last)
			return true;
	return false;
}

/* The length of the character at @s if it may be shown as it is, else 0. Overlong forms, surrogates
 * and code points past U+10FFFF are not UTF-8; U+0080 to U+009F are control characters. */
static size_t shown_length(const uint8_t *s, size_t left, bool lines)
{
	uint32_t c = s[0];
	size_t len;

	if (c < 0x80)
		return (c >= 0x20 && c != 0x7f) || c == '\t' || (lines && c == '\n');
	len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc2 || c > 0xf4 || len > left)
		return 0;
	c &= 0x7f >> len;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < 0xa0 || (len == 3 && c < 0x800) || (len == 4 && c < 0x10000) || c > 0x10ffff ||
	    (c >= 0xd800 && c <= 0xdfff) || is_invisible(c))
		return 0;
	return len;
}

int printable(const char *s, size_t len, bool lines, char **ret)
{
	static const char hex[] = "0123456789abcdef";
	const uint8_t *in = (const uint8_t *)s;
	char *copy, *out;
	size_t size;

	if (__builtin_mul_overflow(len, strlen("\\xNN"), &size) || size == SIZE_MAX)
		return oom("a text");
	copy = out = malloc(size + 1);
	if (!copy)
		return oom("a text");
	while (len > 0) {
		size_t n = shown_length(in, len, lines);

		if (n == 0) {
			*out++ = '\\';
			*out++ = 'x';
			*out++ = hex[*in >> 4];
			*out++ = hex[*in & 15];
			n = 1;
		} else {
			memcpy(out, in, n);
			out += n;
		}
		in += n;
		len -= n;
	}
	*out = '\0';
	*ret = copy;
	return 0;
}
