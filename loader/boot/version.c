// SPDX-License-Identifier: GPL-2.0-or-later
/* version.c - compares versions, see version.h. */
#include "loader/boot/version.h"

#include "base/base.h"

/* Unlike isdigit(), these do not depend on the locale. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Skips characters without a meaning. */
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

/* Compares runs of digits, and moves behind them. A version without digits here is older. */
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

/* Compares runs of letters by their codes, so capitals are older. A longer run is newer. */
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

/* Skips a separator that both versions have. If one has it, that version is older. 1: skipped; 0:
 * neither has one; -1: *@ret_order is the result. */
static int skip_separator(const char **a, const char **b, int *ret_order)
{
	/* The order is by prerelease, package revision, patch, further part. */
	for (const char *c = "~-^."; *c; c++) {
		if (**a != *c && **b != *c)
			continue;
		*ret_order = sign(**b == *c, **a == *c);
		/* Only "~" is older than the end of a version. */
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
