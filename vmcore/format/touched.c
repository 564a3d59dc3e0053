// SPDX-License-Identifier: GPL-2.0-or-later
/* touched.c - the page frames that were read of a dump, see touched.h. */
#include "vmcore/format/touched.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "base/err.h"

/* A bitmap would not do: one that is shared takes memory where it is only looked at. */
struct touched_list {
	_Atomic uint64_t n; /* may be more than there is room for */
	uint64_t pfns[TOUCHED_MAX];
};

int touched_new(struct bitmap *like, struct touched **ret)
{
	struct touched *t = calloc(1, sizeof(*t));
	void *list = mmap(NULL, sizeof(*t->list), PROT_READ | PROT_WRITE,
	                  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (!t || list == MAP_FAILED) {
		bitmap_done(like);
		if (list != MAP_FAILED)
			munmap(list, sizeof(*t->list));
		free(t);
		return oom("a list of pages");
	}
	*t = (struct touched){ .seen = TAKE_STRUCT(*like), .list = list, .last = UINT64_MAX };
	*ret = t;
	return 0;
}

struct touched *touched_free(struct touched *t)
{
	if (!t)
		return NULL;
	bitmap_done(&t->seen);
	munmap(t->list, sizeof(*t->list));
	free(t);
	return NULL;
}

static void add(struct touched *t, uint64_t pfn)
{
	struct touched_list *list = t->list;
	uint64_t n = atomic_load_explicit(&list->n, memory_order_relaxed);

	t->last = pfn;
	if (bitmap_test(&t->seen, pfn) || n > TOUCHED_MAX)
		return;
	bitmap_set(&t->seen, pfn, pfn + 1);
	if (n < TOUCHED_MAX)
		list->pfns[n] = pfn;
	/* Whoever sees the count sees the number. */
	atomic_store_explicit(&list->n, n + 1, memory_order_release);
}

void touched_add(struct touched *t, uint64_t first, uint64_t last)
{
	for (uint64_t pfn = first; pfn <= last; pfn++)
		if (pfn != t->last)
			add(t, pfn);
}

bool touched_mark(const struct touched *t, struct bitmap *pages)
{
	uint64_t n = atomic_load_explicit(&t->list->n, memory_order_acquire);

	for (uint64_t i = 0; i < MIN(n, TOUCHED_MAX); i++)
		bitmap_set(pages, t->list->pfns[i], t->list->pfns[i] + 1);
	return n <= TOUCHED_MAX;
}
