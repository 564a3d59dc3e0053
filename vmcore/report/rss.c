// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rss.c - the memory of processes, see rss.h.
 *
 * What a process has in memory is counted in the rss_stat of its struct mm_struct, for each of the
 * kinds that MM_FILEPAGES and others number (include/linux/mm_types_task.h). Up to Linux 6.1 that
 * is a structure with one array, of plain numbers; from 6.2 on an array of struct percpu_counter.
 */
#include "vmcore/report/rss.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/view/kcopy.h"
#include "vmcore/view/percpu.h"

enum {
	TOTAL_VM,
	TABLES,
	MM_MEMBERS,
};

static const char *const mm_members[MM_MEMBERS] = {
	[TOTAL_VM] = "?total_vm",
	[TABLES] = "?pgtables_bytes",
};

static const char *const score_members[] = { "oom_score_adj" };

enum kind {
	FILE_PAGES,
	ANON_PAGES,
	SWAP_ENTRIES,
	SHMEM_PAGES,
	KINDS,
};

static const char *const kind_names[KINDS] = {
	[FILE_PAGES] = "MM_FILEPAGES",
	[ANON_PAGES] = "MM_ANONPAGES",
	[SWAP_ENTRIES] = "MM_SWAPENTS",
	[SHMEM_PAGES] = "MM_SHMEMPAGES",
};

struct reading {
	const struct kview *v;
	const struct tasks *tasks;
	struct rss_list *list;
	struct ktype mm, score;
	struct kcopy copy;
	uint64_t counts, stride; /* where in mm_struct the first count is, and how far the next */
	uint64_t parts;          /* from a count to the parts that CPUs have; 0: there are none */
	int64_t kinds[KINDS];    /* their numbers */
};

/* Where the counts are. */
static int find_counts(struct reading *r)
{
	const struct btf *b = r->v->types;
	struct btf_member all, first, parts;
	int e;

	if ((e = btf_member(b, "mm_struct", "rss_stat", &all)) < 0 ||
	    (e = btf_member(b, "mm_struct", "rss_stat.count", &first)) < 0)
		return e;
	r->counts = first.offset;
	if (first.count > 1) {
		r->stride = first.size / first.count;
		all.count = first.count;
	} else {
		if (all.count == 0)
			return errf(-ENOENT, "mm_struct.rss_stat has no counts");
		r->stride = all.size / all.count;
		if (btf_member(b, "mm_struct", "rss_stat.counters", &parts) == 0)
			r->parts = parts.offset - first.offset;
	}
	for (unsigned i = 0; i < KINDS; i++) {
		e = kview_enumerator(r->v, NULL, kind_names[i], &r->kinds[i]);
		if (e < 0)
			return e;
		if (r->kinds[i] < 0 || (uint64_t)r->kinds[i] >= all.count)
			return errf(-EBADMSG, "%s cannot be %lld", kind_names[i],
			            (long long)r->kinds[i]);
	}
	return 0;
}

/* Gives what there is of one kind, as bytes. */
static int read_count(struct reading *r, uint64_t mm, enum kind kind, uint64_t *ret)
{
	uint64_t at = mm + r->counts + r->kinds[kind] * r->stride, count, parts = 0;
	int64_t sum;
	int e;

	e = kspace_u64(r->v->ks, at, &count);
	if (e == 0 && r->parts)
		e = kspace_u64(r->v->ks, at + r->parts, &parts);
	if (e == 0)
		e = percpu_counter_sum(r->v, count, parts, &sum);
	if (e < 0)
		return e;
	*ret = (uint64_t)MAX(sum, 0) << r->v->ks->dump->page_shift;
	return 0;
}

static int read_mm(struct reading *r, struct rss *rss)
{
	const struct task *task = &r->tasks->list[rss->task];
	int e;

	if ((e = read_count(r, rss->mm, FILE_PAGES, &rss->file)) < 0 ||
	    (e = read_count(r, rss->mm, ANON_PAGES, &rss->anon)) < 0 ||
	    (e = read_count(r, rss->mm, SHMEM_PAGES, &rss->shmem)) < 0 ||
	    (e = read_count(r, rss->mm, SWAP_ENTRIES, &rss->swap)) < 0)
		return e;
	e = kcopy_read(&r->copy, r->v->ks, &r->mm, rss->mm);
	if (e < 0)
		return e;
	rss->mapped = kcopy_u64(&r->copy, TOTAL_VM) << r->v->ks->dump->page_shift;
	rss->tables = kcopy_u64(&r->copy, TABLES);
	if (task->signal && r->score.n > 0 &&
	    kcopy_read(&r->copy, r->v->ks, &r->score, task->signal) == 0)
		rss->oom_score_adj = kcopy_s64(&r->copy, 0);
	return 0;
}

/* The first that is wrong is told, the rest is looked for all the same. */
static int note_fault(struct rss_list *l, int error)
{
	if (error < 0 && error != -ENOMEM && !l->remark[0])
		snprintf(l->remark, sizeof(l->remark), "%s", err_text(error));
	return error == -ENOMEM ? error : 0;
}

static int compare_mm(const void *a, const void *b)
{
	const struct rss *x = a, *y = b;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	return x->task < y->task ? -1 : 1;
}

static int compare_size(const void *a, const void *b)
{
	const struct rss *x = *(const struct rss *const *)a, *y = *(const struct rss *const *)b;

	if (rss_total(x) != rss_total(y))
		return rss_total(x) > rss_total(y) ? -1 : 1;
	return x->task < y->task ? -1 : 1;
}

/* Fills the list with one entry for each memory, whose numbers are still to be read. */
static int collect(struct reading *r)
{
	const struct tasks *t = r->tasks;
	struct rss *list = calloc(t->n + 1, sizeof(*list));
	size_t n = 0, kept = 0;

	if (!list)
		return -ENOMEM;
	r->list->list = list;
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].mm)
			list[n++] = (struct rss){ .mm = t->list[i].mm, .task = i };
	qsort(list, n, sizeof(*list), compare_mm);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || list[kept - 1].mm != list[i].mm)
			list[kept++] = list[i];
		list[kept - 1].tasks++;
	}
	r->list->n = kept;
	return 0;
}

/* Those that cannot be read go. */
static int read_list(struct reading *r)
{
	struct rss_list *l = r->list;
	size_t n = 0;
	int e = 0;

	for (size_t i = 0; i < l->n && e == 0; i++) {
		int wrong = read_mm(r, &l->list[i]);

		if (wrong == 0)
			l->list[n++] = l->list[i];
		e = note_fault(l, wrong);
	}
	l->n = n;
	return e;
}

static int read_all(struct reading *r)
{
	int e;

	if (!r->v->types)
		return errf(-ENODATA, "the kernel's types are not known: %s", r->v->no_types);
	if ((e = find_counts(r)) < 0 ||
	    (e = ktype_find(r->v->types, "mm_struct", mm_members, MM_MEMBERS, &r->mm)) < 0)
		return e;
	ktype_find(r->v->types, "signal_struct", score_members, 1, &r->score);
	e = collect(r);
	return e < 0 ? e : read_list(r);
}

int rss_read(const struct kview *v, const struct tasks *t, struct rss_list *ret)
{
	struct reading r = { .v = v, .tasks = t, .list = ret };
	int e;

	*ret = (struct rss_list){};
	e = note_fault(ret, read_all(&r));
	kcopy_done(&r.copy);
	if (e == 0) {
		ret->by_size = calloc(ret->n + 1, sizeof(*ret->by_size));
		if (!ret->by_size)
			e = -ENOMEM;
	}
	if (e < 0) {
		rss_done(ret);
		return e;
	}
	for (size_t i = 0; i < ret->n; i++)
		ret->by_size[i] = &ret->list[i];
	qsort(ret->by_size, ret->n, sizeof(*ret->by_size), compare_size);
	return 0;
}

void rss_done(struct rss_list *l)
{
	free(l->by_size);
	free(l->list);
	*l = (struct rss_list){};
}

const struct rss *rss_of(const struct rss_list *l, const struct task *task)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->list[middle].mm < task->mm)
			low = middle + 1;
		else
			high = middle;
	}
	return task->mm && low < l->n && l->list[low].mm == task->mm ? &l->list[low] : NULL;
}
