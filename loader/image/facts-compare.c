// SPDX-License-Identifier: GPL-2.0-or-later
/* facts-compare.c - in what two loads differ, in words; see facts.h. */
#include "loader/image/facts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "base/text.h"

/* A fact that differs. A value is NULL where the fact is missing. */
struct change {
	const char *what;
	const char *armed, *now;
};

static const char *shown(const char *value)
{
	return value && *value ? value : "none";
}

static int say_values(const struct change *c, char ***list)
{
	return strv_pushf(list, "%s: armed with %s, now %s", c->what, shown(c->armed),
	                  shown(c->now));
}

/* What is gone needs no line of its own: then the program or the list of modules has changed. */
static int say_file(const struct change *c, char ***list)
{
	return c->armed && c->now ? strv_pushf(list, "%s has changed", c->what) : 0;
}

/* The module in a name such as "001-ext4.ko"; other words are left as they are. */
static const char *skip_number(const char *word)
{
	size_t digits = strspn(word, "0123456789");

	return digits == 3 && word[3] == '-' ? word + 4 : word;
}

static bool has_word(char *const *words, const char *word)
{
	for (char *const *w = words; w && *w; w++)
		if (streq(skip_number(*w), skip_number(word)))
			return true;
	return false;
}

/* The words of @these that @those lack, as text that the caller frees. */
static int only_in(char *const *these, char *const *those, char **ret)
{
	_cleanup_(strv_freep) char **found = NULL;

	for (char *const *w = these; w && *w; w++)
		if (!has_word(those, *w) && strv_push(&found, skip_number(*w)) < 0)
			return -ENOMEM;
	return strv_join(found, " ", ret);
}

static int say_words(const struct change *c, char ***list)
{
	_cleanup_(strv_freep) char **armed = NULL, **now = NULL;
	_cleanup_free_ char *more = NULL, *less = NULL;
	int r;

	if ((r = strv_split(&armed, c->armed ?: "", true)) < 0 ||
	    (r = strv_split(&now, c->now ?: "", true)) < 0 ||
	    (r = only_in(now, armed, &more)) < 0 || (r = only_in(armed, now, &less)) < 0)
		return r;
	if (*more && *less)
		return strv_pushf(list, "%s: now with %s, and without %s", c->what, more, less);
	if (*more || *less)
		return strv_pushf(list, "%s: now %s %s", c->what, *more ? "with" : "without",
		                  *more ? more : less);
	return strv_pushf(list, "%s: now in another order", c->what);
}

static int say_elsewhere(const struct change *c, char ***list)
{
	return strv_pushf(list, "%s: %s", c->what,
	                  !c->armed || !*c->armed ? "there is one now"
	                  : !c->now || !*c->now   ? "there is none now"
	                                          : "it lies elsewhere now");
}

static uint64_t sum_of_ranges(const char *ranges)
{
	uint64_t sum = 0, first, last;

	for (int n; sscanf(ranges, " 0x%" SCNx64 "-0x%" SCNx64 "%n", &first, &last, &n) == 2;
	     ranges += n)
		sum += last - first + 1;
	return sum;
}

static int say_ranges(const struct change *c, char ***list)
{
	uint64_t armed = sum_of_ranges(c->armed ?: ""), now = sum_of_ranges(c->now ?: "");
	char more[TEXT_SIZE_MAX];

	if (armed == now)
		return strv_pushf(list, "%s: it lies elsewhere now", c->what);
	return strv_pushf(list, "%s: %s %s than when armed", c->what,
	                  text_from_size(MAX(armed, now) - MIN(armed, now), more),
	                  now > armed ? "more" : "less");
}

/*
 * The first row counts whose key a key begins with. A fact is not told of when that of the row
 * @within differs, which it is part of. What has no row is a setting: it goes by its own name.
 */
static const struct row {
	const char *key;
	const char *what; /* NULL: the rest of the key */
	int (*say)(const struct change *c, char ***list);
	const char *within;
} rows[] = {
	{ "target", "target", say_values, NULL },
	{ "Device", "device of the target", say_values, "target" },
	{ "FileSystem", "file system", say_values, "target" },
	{ "MountOptions", "mount options", say_values, "target" },
	{ "Obstacle", "obstacle of the target", say_values, "target" },
	{ "Directory", "directory below the root of the file system", say_values, "target" },
	{ "kernel", "capture kernel", say_values, NULL },
	{ "KernelRelease", "release of the capture kernel", say_values, "kernel" },
	{ "command_line", "command line", say_words, NULL },
	{ "reservation", "reserved bytes", say_values, NULL },
	{ "SwapID", "swap partitions", say_elsewhere, "Swap" },
	{ "Swap", "swap partitions", say_words, NULL },
	{ "PartitionID", "partition of Target=", say_elsewhere, "Partition" },
	{ "Partition", "partition of Target=", say_words, NULL },
	{ "Modules", "modules", say_words, NULL },
	{ "Hooks", "hooks", say_words, NULL },
	{ "hooks_refused", "hooks left out", say_values, NULL },
	{ "memory", "memory", say_ranges, NULL },
	{ "cpus possible", "possible CPUs", say_values, NULL },
	{ "cpus present", "CPUs present", say_values, NULL },
	{ "CPUs", "CPUs online", say_values, "cpus present" },
	{ "BootAPICID", "boot CPU", say_values, NULL },
	{ "BackMemory", "memory after the way back", say_ranges, "memory" },
	{ "BackKernel", "kernel of the way back", say_values, NULL },
	{ "BackInitrds", "initrds of the way back", say_words, NULL },
	{ "BackCommandLineLimit", "longest command line of the way back", say_values, NULL },
	{ "BackCommandLine", "command line of the way back", say_words, NULL },
	{ "BackObstacle", "obstacle on the way back", say_values, NULL },
	{ "BackNeed", "bytes that the way back takes", say_values, NULL },
	{ "Back", "way back", say_values, "BackKernel" },
	{ "ReserveID", "reserve", say_elsewhere, NULL },
	{ "Reserve", "blocks of the reserve", say_elsewhere, "ReserveID" },
	{ "file ", NULL, say_file, NULL },
};

static const struct row *find_row(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strncmp(key, rows[i].key, strlen(rows[i].key)) == 0)
			return &rows[i];
	return NULL;
}

/* The value of @key in the lines of a text, which were cut at their ends; NULL: it has none. */
static const char *value_of(char *const *lines, const char *key, size_t len)
{
	for (char *const *l = lines; l && *l; l++)
		if (strncmp(*l, key, len) == 0 && (*l)[len] == '=')
			return *l + len + 1;
	return NULL;
}

/* A fact that is missing is one without a value. */
static bool differs(const char *a, const char *b)
{
	return !streq(a ?: "", b ?: "");
}

/* Paths may hold "=", which values of files do not. */
static size_t key_length(const char *line)
{
	const char *end = strncmp(line, "file ", 5) == 0 ? strrchr(line, '=') : strchr(line, '=');

	return end ? (size_t)(end - line) : strlen(line);
}

static bool has_key(char *const *keys, const char *line)
{
	size_t len = key_length(line);

	for (char *const *k = keys; k && *k; k++)
		if (strlen(*k) == len && strncmp(*k, line, len) == 0)
			return true;
	return false;
}

/* The lines but for those of keys that are ignored. */
static int split_lines(const char *text, char *const *ignored, char ***ret)
{
	_cleanup_free_ char *copy = strdup(text);
	char *save = NULL;

	if (!copy)
		return oom("the facts of a load");
	for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		if (!has_key(ignored, l) && strv_push(ret, l) < 0)
			return oom("the facts of a load");
	return 0;
}

static int compare_line(const char *line, char *const *armed, char *const *now, char ***list)
{
	size_t len = key_length(line);
	const struct row *row = find_row(line);
	_cleanup_free_ char *name = NULL;
	struct change c = { .armed = value_of(armed, line, len), .now = value_of(now, line, len) };

	if (!differs(c.armed, c.now))
		return 0;
	if (row && row->within &&
	    differs(value_of(armed, row->within, strlen(row->within)),
	            value_of(now, row->within, strlen(row->within))))
		return 0;
	if (asprintf(&name, row ? "%.*s" : "%.*s=", (int)len, line) < 0) {
		name = NULL;
		return oom("a list of differences");
	}
	c.what = !row ? name : row->what ?: name + strlen(row->key);
	return row ? row->say(&c, list) : say_values(&c, list);
}

int facts_compare(const char *armed, const char *now, char *const *ignored, char ***list)
{
	_cleanup_(strv_freep) char **before = NULL, **after = NULL;
	int r;

	if ((r = split_lines(armed, ignored, &before)) < 0 ||
	    (r = split_lines(now, ignored, &after)) < 0)
		return r;
	for (char **l = after; l && *l; l++)
		if ((r = compare_line(*l, before, after, list)) < 0)
			return r;
	for (char **l = before; l && *l; l++)
		if (!value_of(after, *l, key_length(*l)) &&
		    (r = compare_line(*l, before, after, list)) < 0)
			return r;
	return 0;
}
