// SPDX-License-Identifier: GPL-2.0-or-later
/* version.c - compares versions, see version.h. */
#include "loader/boot/version.h"

#include "base/base.h"

/* Without regard to the locale. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Anything but what has a meaning is passed over. */
static const char *skip_noise(const char *s)
{
	while (*s && !is_digit(*s) && !is_letter(*s) && !strchr("-.~^", *s))
		s++;
	return s;
}

static int sign(bool more, bool less)
{
	return (int)more - (int)less;
}

/* Runs of digits; the one that has none is the older. Both pointers move behind them. */
static int compare_numbers(const char **a, const char **b)
{
	const char *from_a, *from_b;
	size_t len_a, len_b;
	int r = sign(is_digit(**a), is_digit(**b));

	if (r != 0)
		return r;
	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	from_a = *a;
	from_b = *b;
	while (is_digit(**a))
		(*a)++;
	while (is_digit(**b))
		(*b)++;
	len_a = *a - from_a;
	len_b = *b - from_b;
	if (len_a != len_b)
		return sign(len_a > len_b, len_a < len_b);
	return strncmp(from_a, from_b, len_a);
}

/* Runs of letters, by their codes, so that capitals are the older ones; then the longer is newer.
 */
static int compare_words(const char **a, const char **b)
{
	while (is_letter(**a) && **a == **b) {
		(*a)++;
		(*b)++;
	}
	if (!is_letter(**a) || !is_letter(**b))
		return sign(is_letter(**a), is_letter(**b));
	return **a - **b;
}

/* Passes over the same separator in both versions. Where only one has it, that is the older one. 1:
 * passed over, 0: neither has one; else @ret_order tells. */
static int skip_separator(const char **a, const char **b, int *ret_order)
{
	/* A prerelease, the revision of a package, a patch, a further part. */
	for (const char *c = "~-^."; *c; c++) {
		if (**a != *c && **b != *c)
			continue;
		*ret_order = sign(**b == *c, **a == *c);
		/* Only "~" is older even than what ends there. */
		if (*c != '~' && (!**a || !**b))
			*ret_order = sign(**a, **b);
		if (*ret_order != 0)
			return -1;
		(*a)++;
		(*b)++;
		return 1;
	}
	return 0;
}

int version_compare(const char *a, const char *b)
{
	int r, order;

	for (;;) {
		a = skip_noise(a);
		b = skip_noise(b);
		r = skip_separator(&a, &b, &order);
		if (r < 0)
			return order;
		if (r > 0)
			continue;
		if (!*a || !*b)
			return sign(*a, *b);
		r = is_digit(*a) || is_digit(*b) ? compare_numbers(&a, &b) : compare_words(&a, &b);
		if (r != 0)
			return r;
	}
}
