// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c - numbers, sizes, times and words, see text.h. */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>

#include "base/err.h"

int text_to_u64(const char *s, int base, uint64_t *ret)
{
	unsigned long long v;
	char *end;

	if (!isxdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	v = strtoull(s, &end, base);
	if (errno)
		return -errno;
	if (end == s || *end)
		return -EINVAL;
	*ret = v;
	return 0;
}

/* A number at the start of @s, which has to begin with a digit; *ret_end is behind it. */
static int read_digits(const char *s, unsigned long long *ret, char **ret_end)
{
	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	*ret = strtoull(s, ret_end, 10);
	return -errno;
}

int text_to_size(const char *s, uint64_t *ret)
{
	static const char units[] = "KMGT";
	unsigned long long v;
	unsigned shift = 0;
	char *end;
	int r = read_digits(s, &v, &end);

	if (r < 0)
		return r;
	if (*end) {
		const char *unit = strchr(units, toupper((unsigned char)*end));

		if (!unit || end[1])
			return -EINVAL;
		shift = 10 * (unit - units + 1);
	}
	if (v << shift >> shift != v)
		return -ERANGE;
	*ret = v << shift;
	return 0;
}

int text_to_seconds(const char *s, uint64_t *ret)
{
	static const struct {
		const char *name;
		unsigned seconds;
	} units[] = {
		{ "min", 60 }, { "m", 60 },    { "h", 3600 }, { "sec", 1 },
		{ "s", 1 },    { "d", 86400 }, { "", 1 },
	};
	uint64_t sum = 0;

	if (streq(s, "infinity")) {
		*ret = UINT64_MAX;
		return 0;
	}
	do {
		unsigned long long v;
		size_t u, len;
		char *end;
		int r;

		s += strspn(s, " ");
		r = read_digits(s, &v, &end);
		if (r < 0)
			return r;
		end += strspn(end, " ");
		len = strspn(end, "abcdefghijklmnopqrstuvwxyz");
		for (u = 0; u < ARRAY_SIZE(units); u++)
			if (strlen(units[u].name) == len && memcmp(units[u].name, end, len) == 0)
				break;
		if (u == ARRAY_SIZE(units))
			return -EINVAL;
		if (v > UINT32_MAX)
			return -ERANGE;
		sum += v * units[u].seconds;
		s = end + len;
	} while (*s);
	*ret = sum;
	return 0;
}

int text_to_bool(const char *s, bool *ret)
{
	static const char *const words[][2] = {
		{ "no", "yes" }, { "false", "true" }, { "off", "on" }, { "0", "1" }
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		for (int v = 0; v < 2; v++)
			if (strcasecmp(s, words[i][v]) == 0) {
				*ret = v;
				return 0;
			}
	return -EINVAL;
}

char *text_from_size(uint64_t bytes, char buf[static TEXT_SIZE_MAX])
{
	static const char units[] = "BKMGTPE";
	uint64_t rest = 0;
	unsigned u = 0;

	while (bytes >= 1024 && u < sizeof(units) - 2) {
		rest = bytes % 1024;
		bytes /= 1024;
		u++;
	}
	if (u == 0)
		snprintf(buf, TEXT_SIZE_MAX, "%uB", (unsigned)bytes);
	else
		snprintf(buf, TEXT_SIZE_MAX, "%u.%u%c", (unsigned)bytes,
		         (unsigned)(rest * 10 / 1024), units[u]);
	return buf;
}

char *text_from_stamp(time_t t, char buf[static TEXT_STAMP_MAX])
{
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(buf, TEXT_STAMP_MAX, "%Y%m%dT%H%M%SZ", &tm))
		snprintf(buf, TEXT_STAMP_MAX, "19700101T000000Z");
	return buf;
}

int text_printf(char **ret, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(ret, fmt, args);
	va_end(args);
	if (n >= 0)
		return 0;
	*ret = NULL;
	return oom("a text");
}

int text_replace(char **field, const char *s)
{
	char *copy = strdup(s);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

char *text_strip(char *s)
{
	size_t len;

	while (isspace((unsigned char)*s))
		s++;
	len = strlen(s);
	while (len && isspace((unsigned char)s[len - 1]))
		s[--len] = '\0';
	return s;
}

void text_mask(char *s, size_t len)
{
	for (char *end = s + len; s < end; s++)
		if (*s != '\0' && (*s < ' ' || *s > '~'))
			*s = '?';
}

char **strv_free(char **list)
{
	for (char **p = list; p && *p; p++)
		free(*p);
	free(list);
	return NULL;
}

void strv_freep(char ***list)
{
	*list = strv_free(*list);
}

size_t strv_length(char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* Takes ownership of @s, also when it fails. */
static int strv_consume(char ***list, char *s)
{
	size_t n = strv_length(*list);
	char **grown = s ? reallocarray(*list, n + 2, sizeof(char *)) : NULL;

	if (!grown) {
		free(s);
		return -ENOMEM;
	}
	grown[n] = s;
	grown[n + 1] = NULL;
	*list = grown;
	return 0;
}

int strv_push(char ***list, const char *s)
{
	return strv_consume(list, strdup(s)) < 0 ? oom("a list") : 0;
}

int strv_pushf(char ***list, const char *fmt, ...)
{
	char *s = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&s, fmt, args) < 0)
		s = NULL;
	va_end(args);
	return strv_consume(list, s) < 0 ? oom("a list") : 0;
}

int strv_split(char ***list, const char *s, bool keep_quotes)
{
	for (;;) {
		char *word, *out;
		char quote = 0;
		int r;

		s += strspn(s, " \t\n");
		if (!*s)
			return 0;
		word = out = malloc(strlen(s) + 1);
		if (!word)
			return -ENOMEM;
		for (; *s && (quote || !strchr(" \t\n", *s)); s++) {
			bool is_quote = quote ? *s == quote : *s == '"' || *s == '\'';

			if (is_quote)
				quote = quote ? 0 : *s;
			if (!is_quote || keep_quotes)
				*out++ = *s;
		}
		*out = '\0';
		r = strv_consume(list, word);
		if (r < 0)
			return r;
	}
}

bool strv_contains(char *const *list, const char *s)
{
	for (; list && *list; list++)
		if (streq(*list, s))
			return true;
	return false;
}

bool strv_equal(char *const *a, char *const *b)
{
	size_t n = strv_length(a);

	if (strv_length(b) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!streq(a[i], b[i]))
			return false;
	return true;
}

int strv_append(char ***list, char *const *more)
{
	int r = 0;

	for (; more && *more && r == 0; more++)
		r = strv_push(list, *more);
	return r;
}

int strv_join(char *const *list, const char *sep, char **ret)
{
	size_t size = 1;
	char *joined, *out;

	for (char *const *p = list; p && *p; p++)
		size += strlen(*p) + strlen(sep);
	joined = out = malloc(size);
	if (!joined)
		return -ENOMEM;
	*out = '\0';
	for (char *const *p = list; p && *p; p++)
		out = stpcpy(p == list ? out : stpcpy(out, sep), *p);
	*ret = joined;
	return 0;
}
