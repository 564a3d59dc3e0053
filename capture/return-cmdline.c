// SPDX-License-Identifier: GPL-2.0-or-later
/* return-cmdline.c - the command line of a kernel that a capture kernel starts, see return.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "capture/return.h"
#include "base/err.h"
#include "base/text.h"

/* The capture kernel is told of the memory below, where the firmware has its data too. */
#define LOW_MEMORY MIB(1)

/* A smaller gap between the maps is no memory that was unplugged: Linux unplugs whole sections of
 * memory, and those are at least this large. The gaps that always are there, some MiB in the
 * capture kernel's own memory, are tables that the load put there. */
#define UNPLUGGED_MIN MIB(64)

static int parse_range(const char *text, struct iomem_range *ret)
{
	uint64_t first, last;
	int n = 0;

	if (sscanf(text, "0x%" SCNx64 "-0x%" SCNx64 "%n", &first, &last, &n) != 2 || text[n] ||
	    last < first)
		return errf(-EINVAL, "plan: \"%s\" is no range of memory", text);
	*ret = (struct iomem_range){ first, last + 1 };
	return 0;
}

/* Where the range that covers @at ends; @at itself when none does. */
static uint64_t covered_to(uint64_t at, const struct iomem_range *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].start <= at && at < list[i].end)
			return list[i].end;
	return at;
}

/* Where the next range begins at or after @at; UINT64_MAX when none does. */
static uint64_t next_start(uint64_t at, const struct iomem_range *list, size_t n)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < n; i++)
		if (list[i].start >= at)
			next = MIN(next, list[i].start);
	return next;
}

struct words {
	char *text;
	size_t len;
	FILE *f;
	bool any;
};

static void words_done(struct words *w)
{
	if (w->f)
		fclose(w->f);
	free(w->text);
}

static void add_range(struct words *w, uint64_t start, uint64_t end)
{
	if (start >= end)
		return;
	fprintf(w->f, "%s0x%" PRIx64 "@0x%" PRIx64, w->any ? "," : " memmap=", end - start, start);
	w->any = true;
}

/* Adds what is left of @range without the parts that were unplugged. */
static void add_present(struct words *w, const struct iomem_range *range,
                        const struct iomem_range *ram, size_t n_ram, const struct iomem_range *own,
                        size_t n_own)
{
	uint64_t start = MAX(range->start, LOW_MEMORY), at = start;

	while (at < range->end) {
		uint64_t to = MAX(covered_to(at, ram, n_ram), covered_to(at, own, n_own));
		uint64_t next;

		if (to > at) {
			at = to;
			continue;
		}
		next = MIN(MIN(next_start(at, ram, n_ram), next_start(at, own, n_own)), range->end);
		if (next - at >= UNPLUGGED_MIN) {
			add_range(w, start, at);
			start = next;
		}
		at = next;
	}
	add_range(w, start, range->end);
}

static bool has_word(const char *cmdline, const char *name)
{
	_cleanup_(strv_freep) char **words = NULL;

	if (strv_split(&words, cmdline, true) < 0)
		return false;
	for (char **p = words; p && *p && !streq(*p, "--"); p++)
		if (strncmp(*p, name, strlen(name)) == 0)
			return true;
	return false;
}

/* Adds the RAM that the plan tells of, as far as it is still there. */
static int add_memory(struct words *w, const struct plan *plan, const struct iomem_range *ram,
                      size_t n_ram, const struct iomem_range *own, size_t n_own)
{
	for (char **p = plan->back_memory; p && *p; p++) {
		struct iomem_range range;
		int r = parse_range(*p, &range);

		if (r < 0)
			return r;
		/* An administrator's exactmap replaces all before it, and names all memory. */
		if (!has_word(plan->back_cmdline, "memmap=exactmap"))
			add_present(w, &range, ram, n_ram, own, n_own);
	}
	return 0;
}

int return_words(const struct plan *plan, const struct iomem_range *ram, size_t n_ram,
                 const struct iomem_range *own, size_t n_own, bool fewer, char **ret)
{
	_cleanup_(words_done) struct words w = {};
	int r;

	w.f = open_memstream(&w.text, &w.len);
	if (!w.f)
		return oom("a command line");
	fprintf(w.f, "kdump_lite.returned=%" PRIu64, plan->cpus);
	r = add_memory(&w, plan, ram, n_ram, own, n_own);
	if (r < 0)
		return r;
	if (*plan->back_parked)
		fprintf(w.f, " %s", plan->back_parked);
	if (fewer && *plan->back_fewer)
		fprintf(w.f, " %s", plan->back_fewer);
	/* If this kernel does not come up, the system reboots through the firmware. */
	if (!has_word(plan->back_cmdline, "panic="))
		fputs(" panic=10", w.f);
	if (fclose(TAKE_PTR(w.f)) != 0)
		return oom("a command line");
	*ret = TAKE_PTR(w.text);
	return 0;
}

/* Appends the words of @list, with @words in front of a "--", or else at the end. */
static int insert_words(char *const *list, const char *words, char ***ret)
{
	bool done = false;
	int r;

	for (char *const *p = list; p && *p; p++) {
		if (!done && streq(*p, "--")) {
			r = strv_push(ret, words);
			if (r < 0)
				return r;
			done = true;
		}
		r = strv_push(ret, *p);
		if (r < 0)
			return r;
	}
	return done ? 0 : strv_push(ret, words);
}

int return_cmdline(const struct plan *plan, const char *words, char **ret)
{
	_cleanup_(strv_freep) char **base = NULL, **all = NULL;
	_cleanup_free_ char *text = NULL;

	if (strv_split(&base, plan->back_cmdline, true) < 0 ||
	    insert_words(base, words, &all) < 0 || strv_join(all, " ", &text) < 0)
		return oom("a command line");
	if (strlen(text) > plan->back_limit)
		return errf(-E2BIG,
		            "the command line with all memory on it has %zu bytes, the kernel "
		            "takes %" PRIu64,
		            strlen(text), plan->back_limit);
	*ret = TAKE_PTR(text);
	return 0;
}
