// SPDX-License-Identifier: GPL-2.0-or-later
/* crashkernel.c - what is wrong with crashkernel=, see crashkernel.h. */
#include "loader/system/crashkernel.h"

#include <ctype.h>
#include <errno.h>

#include "loader/system/crashmem.h"
#include "system/iomem.h"
#include "system/procfile.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define NAME "crashkernel="

enum reason {
	ASKS_FOR_NOTHING,
	AUTO,
	UNREADABLE,
	NO_RANGE,
	TOO_LARGE,
	NEEDS_ANOTHER,
	NO_PLACE_THERE,
	NO_PLACE,
};

static const struct {
	const char *why;
	const char *remedy; /* NULL: another word */
	bool tells_memory;  /* the size of memory follows @why */
} reasons[] = {
	[AUTO] = { "the kernel does not know auto (some of RHEL do)" },
	[UNREADABLE] = { "the kernel cannot read it" },
	[NO_RANGE] = { "no range of it fits the memory of", .tells_memory = true },
	[TOO_LARGE] = { "it asks for more than the memory of", .tells_memory = true },
	[NEEDS_ANOTHER] = { "by itself it reserves nothing" },
	[NO_PLACE_THERE] = { "the kernel has no place at the offset behind @",
	                     "leave the offset out and reboot" },
	[NO_PLACE] = { "the kernel has found no place for it, or it was given back",
	               "the kernel log has the reason (journalctl -k -g crashkernel); ask for "
	               "less, "
	               "or reboot through the firmware" },
};

/* A size as memparse() of the kernel reads it; moves @s behind it. */
static bool parse_memory(const char **s, uint64_t *ret)
{
	static const char units[] = "KMGTPE";
	const char *unit;
	char *end;

	if (!isdigit((unsigned char)**s))
		return false;
	*ret = strtoull(*s, &end, 0);
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (unit) {
		*ret <<= 10 * (unit - units + 1);
		end++;
	}
	*s = end;
	return true;
}

static enum reason judge_size(const char *rest, uint64_t size, uint64_t memory)
{
	if (size == 0)
		return ASKS_FOR_NOTHING;
	if (size >= memory)
		return TOO_LARGE;
	return strchr(rest, '@') ? NO_PLACE_THERE : NO_PLACE;
}

static enum reason judge_ranges(const char *s, uint64_t memory)
{
	/* The firmware keeps some memory, so the kernel rounds. */
	uint64_t rounded = ALIGN_UP(MIN(memory, UINT64_MAX - MIB(128)), MIB(128));

	do {
		uint64_t start, end = UINT64_MAX, size;

		if (!parse_memory(&s, &start) || *s++ != '-')
			return UNREADABLE;
		if (*s != ':' && (!parse_memory(&s, &end) || end <= start))
			return UNREADABLE;
		if (*s++ != ':' || !parse_memory(&s, &size))
			return UNREADABLE;
		/* The kernel gives up here, also where a later range would fit. */
		if (size >= rounded)
			return TOO_LARGE;
		if (rounded >= start && rounded < end)
			return judge_size(s, size, memory);
	} while (*s++ == ',');
	return NO_RANGE;
}

static enum reason judge(const char *value, uint64_t memory)
{
	const char *s = value;
	uint64_t size;

	if (streq(value, "auto"))
		return AUTO;
	if (strchr(value, ':'))
		return judge_ranges(value, memory);
	if (!parse_memory(&s, &size))
		return UNREADABLE;
	if (streq(s, ",low") || streq(s, ",cma"))
		return NEEDS_ANOTHER;
	return !*s || *s == '@' || streq(s, ",high") ? judge_size(s, size, memory) : UNREADABLE;
}

static bool ends_in(const char *s, const char *suffix)
{
	size_t len = strlen(s), n = strlen(suffix);

	return len >= n && streq(s + len - n, suffix);
}

/* The word that counts, or NULL when there is none. */
static const char *choose(char *const *words)
{
	const char *plain = NULL, *high = NULL, *other = NULL;

	for (; words && *words; words++) {
		if (strncmp(*words, NAME, strlen(NAME)) != 0)
			continue;
		if (ends_in(*words, ",high"))
			high = *words;
		else if (ends_in(*words, ",low") || ends_in(*words, ",cma"))
			other = *words;
		else
			plain = *words;
	}
	return plain ?: high ?: other;
}

/* The kernel's own count; MemTotal lacks what the kernel took for itself. */
static int count_memory(int root_fd, uint64_t *ret)
{
	_cleanup_free_ struct iomem_range *list = NULL;
	uint64_t sum = 0;
	size_t n;

	if (iomem_read(root_fd, "System RAM", 0, &list, &n) < 0 || n == 0)
		return procfile_bytes(root_fd, "/proc/meminfo", "MemTotal", ret);
	for (size_t i = 0; i < n; i++)
		sum += list[i].end - list[i].start;
	*ret = sum;
	return 0;
}

int crashkernel_explain(int root_fd)
{
	_cleanup_(strv_freep) char **words = NULL;
	_cleanup_free_ char *line = NULL;
	char size[TEXT_SIZE_MAX] = "";
	enum reason reason = ASKS_FOR_NOTHING;
	const char *word, *remedy;
	uint64_t memory;
	int r;

	if ((r = tree_read_line(root_fd, "/proc/cmdline", &line)) < 0 && r != -ENOENT)
		return r;
	if (line && (r = strv_split(&words, line, true)) < 0)
		return r;
	word = choose(words);
	/* Without the size of memory nothing is known to be too large. */
	if (word && count_memory(root_fd, &memory) < 0)
		memory = UINT64_MAX;
	if (word)
		reason = judge(word + strlen(NAME), memory);
	if (reason == ASKS_FOR_NOTHING)
		return errf(
			-ENODATA,
			"no memory is reserved for a capture kernel: add " NAME CRASHKERNEL_ADVICE
			" to the kernel command line and reboot");
	if (reasons[reason].tells_memory)
		text_from_size(memory, size);
	remedy = reasons[reason].remedy
	                 ?: "put " NAME CRASHKERNEL_ADVICE " there instead and reboot";
	return errf(-ENOSPC, "%.150s is on the kernel command line, but %s%s%s; %s", word,
	            reasons[reason].why, *size ? " " : "", size, remedy);
}
