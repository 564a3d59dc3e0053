// SPDX-License-Identifier: GPL-2.0-or-later
/* sizes.c - prints an estimate, see sizes.h. */
#include "loader/show/sizes.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

/* In the order in which they are shown. */
static const struct {
	enum page_class class;
	const char *words;
} rows[PAGE_CLASSES] = {
	{ PAGE_KEEP, "kernel and other" },
	{ PAGE_CACHE, "cache" },
	{ PAGE_PRIVATE_CACHE, "cache with private data" },
	{ PAGE_USER, "programs" },
	{ PAGE_FREE, "free" },
	{ PAGE_HWPOISON, "broken (hwpoison)" },
	{ PAGE_OFFLINE, "given back (offline)" },
	{ PAGE_UNACCEPTED, "not accepted" },
};

static void print_class(const struct estimate *e, enum page_class class, const char *words)
{
	const struct estimate_class *c = &e->classes[class];
	char memory[TEXT_SIZE_MAX], size[TEXT_SIZE_MAX];

	text_from_size(c->pages << e->page_shift, memory);
	text_from_size(c->pages * c->bytes, size);
	if (!estimate_excludes(0, class))
		printf("%-23s %12" PRIu64 " %9s %4.0f%% %9s\n", words, c->pages, memory,
		       100 * c->zero, size);
	else if (c->pages > 0)
		printf("%-23s %12" PRIu64 " %9s     -         -\n", words, c->pages, memory);
}

/* The classes that dumps of a level lack; "-": none. */
#define WITHOUT_MAX 80
static const char *without(unsigned level, char buf[static WITHOUT_MAX])
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = {
		{ LEVEL_CACHE | LEVEL_PRIVATE_CACHE, "cache" },
		{ LEVEL_PRIVATE_CACHE, "private cache" },
		{ LEVEL_USER, "programs" },
		{ LEVEL_FREE, "free" },
		{ LEVEL_ZERO, "zeroes" },
	};
	size_t len = 0;

	snprintf(buf, WITHOUT_MAX, "-");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (level & words[i].bit)
			len += snprintf(buf + len, WITHOUT_MAX - len, "%s%s", len ? ", " : "",
			                words[i].word);
	return buf;
}

static void print_level(const struct estimate *e, unsigned level, unsigned chosen)
{
	struct estimate_size s = estimate_level(e, level);
	char memory[TEXT_SIZE_MAX], size[TEXT_SIZE_MAX], words[WITHOUT_MAX];

	printf("%c%4u %12" PRIu64 " %9s %9s  %s\n", level == chosen ? '>' : ' ', level, s.pages,
	       text_from_size(s.pages << e->page_shift, memory), text_from_size(s.bytes, size),
	       without(level, words));
}

static bool same_as_lower(const struct estimate *e, unsigned level)
{
	struct estimate_size s = estimate_level(e, level);

	for (unsigned i = 0; i < level; i++) {
		struct estimate_size lower = estimate_level(e, i);

		if (lower.pages == s.pages && lower.bytes == s.bytes)
			return true;
	}
	return false;
}

void sizes_print(const struct estimate *e, unsigned level)
{
	printf("%-23s %12s %9s %5s %9s\n", "MEMORY", "PAGES", "SIZE", "ZERO", "PACKED");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		print_class(e, rows[i].class, rows[i].words);
	printf("\n%5s %12s %9s %9s  %s\n", "LEVEL", "PAGES", "MEMORY", "DUMP", "WITHOUT");
	for (unsigned i = 0; i <= LEVEL_MAX; i++)
		if (i == level || !same_as_lower(e, i))
			print_level(e, i, level);
	printf("\nSizes are estimated from a sample of the pages.\n");
}

static json_t *class_json(const struct estimate_class *c, enum page_class class)
{
	return json_pack("{s:s, s:I, s:f, s:I}", "class", page_class_name(class), "pages",
	                 (json_int_t)c->pages, "zero", c->zero, "about_bytes",
	                 (json_int_t)(c->pages * c->bytes));
}

static json_t *level_json(const struct estimate *e, unsigned level)
{
	struct estimate_size s = estimate_level(e, level);

	return json_pack("{s:i, s:I, s:I, s:I}", "level", (int)level, "pages", (json_int_t)s.pages,
	                 "zero_pages", (json_int_t)s.zero, "about_bytes", (json_int_t)s.bytes);
}

json_t *sizes_json(const struct estimate *e)
{
	json_t *classes = json_array(), *levels = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		json_array_append_new(classes,
		                      class_json(&e->classes[rows[i].class], rows[i].class));
	for (unsigned i = 0; i <= LEVEL_MAX; i++)
		json_array_append_new(levels, level_json(e, i));
	return json_pack("{s:I, s:I, s:o, s:o}", "page_size",
	                 (json_int_t)(UINT64_C(1) << e->page_shift), "pages", (json_int_t)e->pages,
	                 "classes", classes, "levels", levels);
}
