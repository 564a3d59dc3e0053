// SPDX-License-Identifier: GPL-2.0-or-later
/* param.c - words of a kernel command line, see param.h. */
#include "system/param.h"

static bool same_char(char a, char b)
{
	return (a == '-' ? '_' : a) == (b == '-' ? '_' : b);
}

static size_t name_length(const char *word)
{
	return strcspn(word, "=");
}

bool param_matches(const char *word, const char *pattern)
{
	size_t i = 0;

	word += *word == '"';
	if (strchr(pattern, '='))
		return streq(word, pattern);
	for (; pattern[i] && pattern[i] != '*'; i++)
		if (i >= name_length(word) || !same_char(word[i], pattern[i]))
			return false;
	return pattern[i] == '*' || i == name_length(word);
}

bool param_matches_any(const char *word, char *const *patterns)
{
	for (; patterns && *patterns; patterns++)
		if (param_matches(word, *patterns))
			return true;
	return false;
}

bool param_same(const char *a, const char *b)
{
	size_t len;

	a += *a == '"';
	b += *b == '"';
	len = name_length(a);
	if (len != name_length(b))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!same_char(a[i], b[i]))
			return false;
	return true;
}

bool param_in(const char *word, char *const *list)
{
	for (; list && *list; list++)
		if (param_same(word, *list))
			return true;
	return false;
}
