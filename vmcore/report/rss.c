// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rss.c - the memory of processes, see rss.h.
 *
 * mm_struct.rss_stat counts what a process has in memory, for each of the kinds MM_FILEPAGES and so
 * on (include/linux/mm_types_task.h). Up to Linux 6.1 it is a structure with an array of plain
 * numbers; from 6.2 on it is an array of struct percpu_counter.
 */
#include "vmcore/report/rss.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/view/kcopy.h"
#include "vmcore/view/percpu.h"

enum { TOTAL_VM, TABLES, MM_MEMBERS };

static const char *const mm_members[MM_MEMBERS] = {
	[TOTAL_VM] = "?total_vm", [TABLES] = "?pgtables_bytes"
};

static const char *const score_members[] = { "oom_score_adj" };

enum kind { FILE_PAGES, ANON_PAGES, SWAP_ENTRIES, SHMEM_PAGES, KINDS };

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
	uint64_t counts, stride; /* offset in mm_struct of the first count, bytes to the next */
	uint64_t parts;          /* bytes from a count to its per-CPU parts; 0: it has none */
	int64_t kinds[KINDS];    /* their numbers */
};

/* Where the counts are. */
static int find_counts(struct reading *rd)
{
	const struct btf *b = rd->v->types;
	struct btf_member all, first, parts;
	int r;

	if ((r = btf_member(b, "mm_struct", "rss_stat", &all)) < 0 ||
	    (r = btf_member(b, "mm_struct", "rss_stat.count", &first)) < 0)
		return r;
	rd->counts = first.offset;
	if (first.count > 1) {
		rd->stride = first.size / first.count;
		all.count = first.count;
	} else {
		if (all.count == 0)
			return errf(-ENOENT, "mm_struct.rss_stat has no counts");
		rd->stride = all.size / all.count;
		if (btf_member(b, "mm_struct", "rss_stat.counters", &parts) == 0)
			rd->parts = parts.offset - first.offset;
	}
	for (unsigned i = 0; i < KINDS; i++) {
		r = kview_enumerator(rd->v, NULL, kind_names[i], &rd->kinds[i]);
		if (r < 0)
			return r;
		if (rd->kinds[i] < 0 || (uint64_t)rd->kinds[i] >= all.count)
			return errf(-EBADMSG, "%s cannot be %lld", kind_names[i],
			            (long long)rd->kinds[i]);
	}
	return 0;
}

/* Reads the bytes of one kind. */
static int read_count(struct reading *rd, uint64_t mm, enum kind kind, uint64_t *ret)
{
	uint64_t at = mm + rd->counts + rd->kinds[kind] * rd->stride, count, parts = 0;
	int64_t sum;
	int r = kspace_u64(rd->v->ks, at, &count);

	if (r < 0)
		return r;
	r = rd->parts ? kspace_u64(rd->v->ks, at + rd->parts, &parts) : 0;
	if (r < 0)
		return r;
	r = percpu_counter_sum(rd->v, count, parts, &sum);
	if (r < 0)
		return r;
	*ret = (uint64_t)MAX(sum, 0) << rd->v->ks->dump->page_shift;
	return 0;
}

static int read_mm(struct reading *rd, struct rss *rss)
{
	const struct task *task = &rd->tasks->list[rss->task];
	int r;

	if ((r = read_count(rd, rss->mm, FILE_PAGES, &rss->file)) < 0 ||
	    (r = read_count(rd, rss->mm, ANON_PAGES, &rss->anon)) < 0 ||
	    (r = read_count(rd, rss->mm, SHMEM_PAGES, &rss->shmem)) < 0 ||
	    (r = read_count(rd, rss->mm, SWAP_ENTRIES, &rss->swap)) < 0)
		return r;
	r = kcopy_read(&rd->copy, rd->v->ks, &rd->mm, rss->mm);
	if (r < 0)
		return r;
	rss->mapped = kcopy_u64(&rd->copy, TOTAL_VM) << rd->v->ks->dump->page_shift;
	rss->tables = kcopy_u64(&rd->copy, TABLES);
	if (task->signal && rd->score.n > 0 &&
	    kcopy_read(&rd->copy, rd->v->ks, &rd->score, task->signal) == 0)
		rss->oom_score_adj = kcopy_s64(&rd->copy, 0);
	return 0;
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

/* Makes an entry for each mm_struct, whose numbers are read later. */
static int collect(struct reading *rd)
{
	const struct tasks *t = rd->tasks;
	struct rss *list = calloc(t->n + 1, sizeof(*list));
	size_t n = 0, kept = 0;

	if (!list)
		return oom("a list of processes");
	rd->list->list = list;
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].mm)
			list[n++] = (struct rss){ .mm = t->list[i].mm, .task = i };
	qsort(list, n, sizeof(*list), compare_mm);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || list[kept - 1].mm != list[i].mm)
			list[kept++] = list[i];
		list[kept - 1].tasks++;
	}
	rd->list->n = kept;
	return 0;
}

/* Drops the entries that cannot be read. */
static int read_list(struct reading *rd)
{
	struct rss_list *l = rd->list;
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		int r = read_mm(rd, &l->list[i]);

		if (r == 0)
			l->list[n++] = l->list[i];
		r = err_note(r, l->remark);
		if (r < 0)
			return r;
	}
	l->n = n;
	return 0;
}

static int read_all(struct reading *rd)
{
	int r;

	if (!rd->v->types)
		return errf(-ENODATA, "the kernel's types are not known: %s", rd->v->no_types);
	if ((r = find_counts(rd)) < 0 ||
	    (r = ktype_find(rd->v->types, "mm_struct", mm_members, MM_MEMBERS, &rd->mm)) < 0)
		return r;
	ktype_find(rd->v->types, "signal_struct", score_members, 1, &rd->score);
	r = collect(rd);
	return r < 0 ? r : read_list(rd);
}

int rss_read(const struct kview *v, const struct tasks *t, struct rss_list *ret)
{
	_cleanup_(rss_done) struct rss_list all = {};
	struct reading rd = { .v = v, .tasks = t, .list = &all };
	int r = err_note(read_all(&rd), all.remark);

	kcopy_done(&rd.copy);
	if (r < 0)
		return r;
	all.by_size = calloc(all.n + 1, sizeof(*all.by_size));
	if (!all.by_size)
		return oom("a list of processes");
	for (size_t i = 0; i < all.n; i++)
		all.by_size[i] = &all.list[i];
	qsort(all.by_size, all.n, sizeof(*all.by_size), compare_size);
	*ret = TAKE_STRUCT(all);
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
