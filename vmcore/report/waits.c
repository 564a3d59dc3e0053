// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * waits.c - which tasks wait for each other, see waits.h. waits-find.c finds the wait of each task.
 *
 * A task waits for one lock, which has one owner. So each wait leads to at most one other, and a
 * circle is found by following them until a wait comes up again.
 */
#include "vmcore/report/waits.h"

#include "base/array.h"
#include "base/err.h"
#include "vmcore/report/waits-find.h"

const char *const wait_kinds[WAIT_KINDS] = {
	[WAIT_OTHER] = "other",
	[WAIT_MUTEX] = "mutex",
	[WAIT_RWSEM_READ] = "rwsem_read",
	[WAIT_RWSEM_WRITE] = "rwsem_write",
	[WAIT_RT_MUTEX] = "rt_mutex",
	[WAIT_SEMAPHORE] = "semaphore",
	[WAIT_COMPLETION] = "completion",
	[WAIT_PAGE] = "page",
	[WAIT_BIT] = "bit",
	[WAIT_FUTEX] = "futex",
	[WAIT_IO] = "io",
};

static int find_all(struct finder *f, const struct tasks *t, struct waits *ret)
{
	for (size_t i = 0; i < t->n; i++) {
		struct wait wait = {};
		int r;

		if (!finder_look(f, &t->list[i], &wait))
			continue;
		r = array_grow(&ret->list, ret->n, "a list of tasks that wait");
		if (r < 0)
			return r;
		ret->list[ret->n++] = wait;
	}
	return 0;
}

static int compare_tasks(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;

	return (x->task > y->task) - (x->task < y->task);
}

const struct wait *waits_find(const struct waits *w, const struct task *task)
{
	const struct wait key = { .task = task };

	return w->n ? bsearch(&key, w->list, w->n, sizeof(key), compare_tasks) : NULL;
}

/* Marks the members of the circle that has @first. */
static void add_cycle(struct waits *w, struct wait *first)
{
	struct wait *member = first;

	w->cycles[w->n_cycles++] = first;
	do {
		member->cycle = w->n_cycles;
		member = &w->list[member->next - w->list];
	} while (member != first);
}

static int find_cycles(struct waits *w)
{
	/* For each wait, the number of the path, from 1 on, that first reached it. */
	_cleanup_free_ size_t *seen = calloc(w->n + 1, sizeof(*seen));

	w->cycles = calloc(w->n + 1, sizeof(*w->cycles));
	if (!seen || !w->cycles)
		return oom("a list of deadlocks");
	for (size_t i = 0; i < w->n; i++)
		if (w->list[i].owner)
			w->list[i].next = waits_find(w, w->list[i].owner);
	for (size_t i = 0; i < w->n; i++) {
		const struct wait *at = &w->list[i];

		for (; at && seen[at - w->list] == 0; at = at->next)
			seen[at - w->list] = i + 1;
		if (at && seen[at - w->list] == i + 1)
			add_cycle(w, &w->list[at - w->list]);
	}
	return 0;
}

static int compare_locks(const void *a, const void *b)
{
	const struct wait *x = ((const struct waited_lock *)a)->wait,
			  *y = ((const struct waited_lock *)b)->wait;

	if (x->lock != y->lock)
		return x->lock < y->lock ? -1 : 1;
	return compare_tasks(x, y);
}

static int compare_numbers(const void *a, const void *b)
{
	const struct waited_lock *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return compare_tasks(x->wait, y->wait);
}

static int count_locks(struct waits *w)
{
	size_t n = 0;

	w->locks = calloc(w->n + 1, sizeof(*w->locks));
	if (!w->locks)
		return oom("a list of locks");
	for (size_t i = 0; i < w->n; i++)
		if (w->list[i].lock)
			w->locks[n++] = (struct waited_lock){ .wait = &w->list[i], .n = 1 };
	qsort(w->locks, n, sizeof(*w->locks), compare_locks);
	for (size_t i = 0; i < n; i++)
		if (w->n_locks > 0 && w->locks[w->n_locks - 1].wait->lock == w->locks[i].wait->lock)
			w->locks[w->n_locks - 1].n++;
		else
			w->locks[w->n_locks++] = w->locks[i];
	qsort(w->locks, w->n_locks, sizeof(*w->locks), compare_numbers);
	return 0;
}

int waits_read(const struct kview *v, struct symbols *s, struct unwind *u, const struct tasks *t,
               struct waits *ret)
{
	_cleanup_(waits_done) struct waits all = {};
	_cleanup_(finder_freep) struct finder *f = NULL;
	int r;

	if ((r = finder_open(v, s, u, t, all.remark, &f)) < 0 || (r = find_all(f, t, &all)) < 0 ||
	    (r = find_cycles(&all)) < 0 || (r = count_locks(&all)) < 0)
		return r;
	*ret = TAKE_STRUCT(all);
	return 0;
}

void waits_done(struct waits *w)
{
	free(w->list);
	free(w->cycles);
	free(w->locks);
	*w = (struct waits){};
}
