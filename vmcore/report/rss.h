/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rss.h - how much memory the processes of a crashed kernel had.
 *
 * Memory that tasks share, like threads and children of vfork(), is counted once. Up to Linux 6.1
 * each thread may have up to 64 pages of each kind that it has not yet added to the counts.
 */
#pragma once

#include "vmcore/report/tasks.h"

/* A struct mm_struct, which one or more tasks have. */
struct rss {
	uint64_t mm;                   /* its address */
	size_t task;                   /* the first that has it, an index into the list of tasks */
	size_t tasks;                  /* how many have it */
	uint64_t file, anon, shmem;    /* bytes in memory */
	uint64_t swap, tables, mapped; /* bytes in swap, of page tables, of addresses in use */
	int oom_score_adj;             /* of the first task, -1000 to 1000 */
};

struct rss_list {
	struct rss *list;     /* by address */
	struct rss **by_size; /* into list, the largest first */
	size_t n;
	char remark[256]; /* why some are missing; empty when none is */
};

/* Fails for lack of memory only. The list has indices into @t. */
int rss_read(const struct kview *v, const struct tasks *t, struct rss_list *ret);
void rss_done(struct rss_list *l);

/* Returns NULL when the task has no memory of its own, or it is not known. */
const struct rss *rss_of(const struct rss_list *l, const struct task *task);

static inline uint64_t rss_total(const struct rss *r)
{
	return r->file + r->anon + r->shmem;
}
