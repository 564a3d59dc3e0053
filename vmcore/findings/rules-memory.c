// SPDX-License-Identifier: GPL-2.0-or-later
/* rules-memory.c - the rule about memory that was exhausted, see rules.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "vmcore/findings/rules.h"

/* Who used memory, in KiB. */
struct user {
	char name[128];
	uint64_t size;
};

static void add_user(struct user *largest, uint64_t size, const char *fmt, ...) _printf_(3, 4);

static void add_user(struct user *largest, uint64_t size, const char *fmt, ...)
{
	va_list args;

	if (size <= largest->size)
		return;
	largest->size = size;
	va_start(args, fmt);
	vsnprintf(largest->name, sizeof(largest->name), fmt, args);
	va_end(args);
}

/* What is left of all memory without what is counted; 0 when a counter is not known. */
static uint64_t uncounted(const struct inquiry *q)
{
	static const char *const needed[] = { "MemFree", "Cached", "AnonPages", "Slab" };
	static const char *const others[] = { "Buffers",     "SwapCached",     "KernelStack",
		                              "PageTables",  "Hugetlb",        "SecPageTables",
		                              "VmallocUsed", "Percpu",         "Balloon",
		                              "Unaccepted",  "ShadowCallStack" };
	uint64_t total = inquiry_meminfo(q, "MemTotal"), counted = 0, value;

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (!inquiry_find_meminfo(q, needed[i], &value))
			return 0;
		counted += value;
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		counted += inquiry_meminfo(q, others[i]);
	return total > counted ? total - counted : 0;
}

static struct user largest_user(const struct inquiry *q)
{
	const struct report *report = q->report;
	struct user u = {};

	if (report->rss.n > 0) {
		const struct rss *rss = report->rss.by_size[0];
		const struct task *task = &report->tasks.list[rss->task];

		add_user(&u, rss_total(rss) / 1024, "process %s (%d)", task->name, task->tgid);
	}
	if (report->slabs.n > 0 && report->slabs.counted)
		add_user(&u, report->slabs.list[0].bytes / 1024, "the slab cache %s",
		         report->slabs.list[0].name);
	add_user(&u, inquiry_meminfo(q, "Slab"), "slab caches");
	add_user(&u, inquiry_meminfo(q, "PageTables"), "page tables");
	add_user(&u, inquiry_meminfo(q, "Hugetlb"), "reserved huge pages");
	add_user(&u, inquiry_meminfo(q, "Shmem"), "shared memory and tmpfs");
	add_user(&u, inquiry_meminfo(q, "VmallocUsed"), "vmalloc");
	add_user(&u, inquiry_meminfo(q, "KernelStack"), "kernel stacks");
	add_user(&u, inquiry_meminfo(q, "Percpu"), "memory of each CPU");
	add_user(&u, uncounted(q), "pages that no counter tells of, like those of drivers,");
	/* Many small ones are worth telling only if nobody else has much. */
	if (u.size < inquiry_meminfo(q, "MemTotal") / 4)
		add_user(&u, inquiry_meminfo(q, "AnonPages"), "all processes together");
	return u;
}

bool rule_memory(const struct inquiry *q, struct finding *ret)
{
	bool panicked = inquiry_is(q, "out of memory"), killed = q->clues[CLUE_OOM].n > 0;
	uint64_t total = inquiry_meminfo(q, "MemTotal"), free = 0;
	bool known = inquiry_find_meminfo(q, "MemAvailable", &free) && total > 0;
	enum finding_degree degree = panicked ? FINDING_CERTAIN
	                             : killed ? FINDING_LIKELY
	                                      : FINDING_HINT;
	const char *nearly = panicked || killed ? "" : "nearly ";
	struct user user = largest_user(q);
	char size[TEXT_SIZE_MAX], all[TEXT_SIZE_MAX];

	if (!panicked && !(known && free < total / 100))
		return false;
	if (killed)
		finding_show_line(ret, &q->clues[CLUE_OOM].last);
	else if (known)
		finding_show(ret, "MemAvailable %" PRIu64 " kB of MemTotal %" PRIu64 " kB", free,
		             total);
	else
		finding_show_crash(q, ret);
	if (known && free > total / 10)
		return finding_say(
			ret, FINDING_LIKELY,
			"Memory was exhausted within a limit: that of a cgroup, a cpuset or "
			"a node.");
	if (!known || user.size < total / 4)
		return finding_say(ret, degree,
		                   "Memory was %sexhausted; nobody alone had much of it.", nearly);
	text_from_size(user.size * 1024, size);
	text_from_size(total * 1024, all);
	return finding_say(ret, degree, "Memory was %sexhausted: %s had %s of %s.", nearly,
	                   user.name, size, all);
}
