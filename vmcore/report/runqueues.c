// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * runqueues.c - the tasks that wanted to run, see runqueues.h.
 *
 * struct rq of each CPU (kernel/sched/sched.h, Linux 6.12) has a queue for each class of
 * scheduling: trees for deadlines and for fair scheduling, a list for each real-time priority. An
 * entity of the fair class may be a group, which has a queue of its own (my_q). That of what runs
 * is not in its tree, but curr of the queue; the same goes for each group that it is part of.
 *
 * A task is taken once and only when it is among those that were found by their own list, so that
 * nothing can go on forever. In the end, those that say of themselves that they are queued on this
 * CPU are there as well, however broken the queues may be.
 */
#include "vmcore/report/runqueues.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/kernel/list.h"
#include "vmcore/kernel/rbtree.h"
#include "vmcore/view/kcopy.h"

/* Groups within each other; cgroups of systemd have some five. */
#define MAX_DEPTH 16

const char *const queue_classes[QUEUE_CLASSES] = {
	[QUEUE_STOP] = "stop", [QUEUE_DEADLINE] = "deadline", [QUEUE_REALTIME] = "real-time",
	[QUEUE_FAIR] = "fair", [QUEUE_EXT] = "ext",           [QUEUE_OTHER] = "other",
};

enum {
	RQ_STOP,
	RQ_CFS,
	RQ_RT,
	RQ_DL,
	RQ_EXT,
	RQ_MEMBERS,
};

static const char *const rq_members[RQ_MEMBERS] = {
	[RQ_STOP] = "?stop",
	[RQ_CFS] = "?cfs",
	[RQ_RT] = "?rt.active.queue",
	[RQ_DL] = "?dl.root",
	[RQ_EXT] = "?scx.runnable_list",
};

enum {
	TASK_ON_RQ,
	TASK_SE,
	TASK_RT,
	TASK_DL,
	TASK_EXT,
	TASK_MEMBERS,
};

static const char *const task_members[TASK_MEMBERS] = {
	[TASK_ON_RQ] = "?on_rq",           [TASK_SE] = "?se",
	[TASK_RT] = "?rt.run_list",        [TASK_DL] = "?dl.rb_node",
	[TASK_EXT] = "?scx.runnable_node",
};

enum {
	SE_NODE,
	SE_GROUP,
	SE_DELAYED,
	SE_MEMBERS,
};

static const char *const se_members[SE_MEMBERS] = {
	[SE_NODE] = "run_node",
	[SE_GROUP] = "?my_q",
	[SE_DELAYED] = "?sched_delayed",
};

enum {
	CFS_TREE,
	CFS_CURR,
	CFS_MEMBERS,
};

static const char *const cfs_members[CFS_MEMBERS] = {
	[CFS_TREE] = "tasks_timeline",
	[CFS_CURR] = "?curr",
};

struct reading {
	const struct kview *v;
	struct runqueues *q;
	const struct tasks *tasks;
	struct ktype rq, task, se, cfs;
	bool has_se, has_cfs;
	struct kcopy rq_copy, copy;
	const struct cpu *cpu; /* whose queue is read */
	bool *seen;            /* of each task */
	uint64_t steps;        /* that can still be made in all queues together */
};

/* The first that is wrong is told. */
static void note_fault(struct reading *r, enum queue_class class, const char *why)
{
	if (!r->q->remark[0])
		snprintf(r->q->remark, sizeof(r->q->remark), "the %s tasks of CPU %u: %.200s",
		         queue_classes[class], r->cpu->number, why);
}

static void add_task(struct reading *r, enum queue_class class, const struct task *task,
                     bool delayed)
{
	size_t nr = task - r->tasks->list;

	if (r->seen[nr] || task->address == r->cpu->current)
		return;
	r->seen[nr] = true;
	r->q->all[r->q->n++] = (struct queued){ .task = task, .class = class, .delayed = delayed };
}

/* The task whose @member is at @address; false: there is none. */
static bool add_by_member(struct reading *r, enum queue_class class, unsigned member,
                          uint64_t address, bool delayed)
{
	const struct task *task = tasks_find(r->tasks, ktype_around(&r->task, member, address));

	if (task)
		add_task(r, class, task, delayed);
	return task;
}

static bool step(struct reading *r)
{
	return r->steps > 0 && r->steps-- > 0;
}

/* --- Each class ------------------------------------------------------------------------------ */

static void read_stop(struct reading *r)
{
	const struct task *task = tasks_find(r->tasks, kcopy_u64(&r->rq_copy, RQ_STOP));

	if (task && task->on_rq)
		add_task(r, QUEUE_STOP, task, false);
}

/* What is no task in this tree is a server, that runs those of another class (since 6.8). */
static void read_deadline(struct reading *r)
{
	struct tree_walk w = tree_walk(r->v->ks, kcopy_at(&r->rq_copy, RQ_DL), r->tasks->n + 1);
	uint64_t node;
	int e;

	while ((e = tree_next(&w, &node)) > 0 && step(r))
		add_by_member(r, QUEUE_DEADLINE, TASK_DL, node, false);
	if (e < 0)
		note_fault(r, QUEUE_DEADLINE, err_text(e));
}

static void read_list(struct reading *r, enum queue_class class, unsigned member, uint64_t head)
{
	struct list_walk w = list_walk(r->v->ks, head, r->tasks->n + 1);
	uint64_t node;
	int e;

	while ((e = list_next(&w, &node)) > 0 && step(r))
		add_by_member(r, class, member, node, false);
	if (e < 0)
		note_fault(r, class, err_text(e));
}

static void read_realtime(struct reading *r)
{
	const struct btf_member *m = &r->rq.members[RQ_RT];
	uint64_t size = m->count ? m->size / m->count : 0;

	for (uint64_t i = 0; i < m->count && size >= 16; i++)
		read_list(r, QUEUE_REALTIME, TASK_RT, kcopy_at(&r->rq_copy, RQ_RT) + i * size);
}

static void read_cfs(struct reading *r, uint64_t cfs, unsigned depth);

/* A struct sched_entity. */
static void read_entity(struct reading *r, uint64_t address, unsigned depth)
{
	uint64_t group;
	bool delayed;

	if (kcopy_read(&r->copy, r->v->ks, &r->se, address) < 0)
		return;
	group = kcopy_u64(&r->copy, SE_GROUP);
	delayed = kcopy_u64(&r->copy, SE_DELAYED);
	if (group == 0)
		add_by_member(r, QUEUE_FAIR, TASK_SE, address, delayed);
	else if (depth + 1 < MAX_DEPTH)
		read_cfs(r, group, depth + 1);
}

/* A struct cfs_rq. */
static void read_cfs(struct reading *r, uint64_t cfs, unsigned depth)
{
	struct tree_walk w =
		tree_walk(r->v->ks, cfs + r->cfs.members[CFS_TREE].offset, r->tasks->n + 4096);
	uint64_t node, curr = 0;
	int e;

	if (ktype_has(&r->cfs, CFS_CURR) &&
	    kspace_u64(r->v->ks, cfs + r->cfs.members[CFS_CURR].offset, &curr) == 0 && curr != 0 &&
	    step(r))
		read_entity(r, curr, depth);
	while ((e = tree_next(&w, &node)) > 0 && step(r))
		read_entity(r, ktype_around(&r->se, SE_NODE, node), depth);
	if (e < 0)
		note_fault(r, QUEUE_FAIR, err_text(e));
}

static void read_fair(struct reading *r)
{
	if (r->has_se && r->has_cfs)
		read_cfs(r, kcopy_at(&r->rq_copy, RQ_CFS), 0);
	else
		note_fault(r, QUEUE_FAIR, "the kernel does not tell how they are queued");
}

static void read_ext(struct reading *r)
{
	read_list(r, QUEUE_EXT, TASK_EXT, kcopy_at(&r->rq_copy, RQ_EXT));
}

/* In the order of the scheduler; each needs one member of the queue and one of the task. */
static const struct {
	unsigned rq, task;
	void (*read)(struct reading *r);
} classes[] = {
	{ RQ_STOP, TASK_ON_RQ, read_stop }, { RQ_DL, TASK_DL, read_deadline },
	{ RQ_RT, TASK_RT, read_realtime },  { RQ_CFS, TASK_SE, read_fair },
	{ RQ_EXT, TASK_EXT, read_ext },
};

/* --- All CPUs -------------------------------------------------------------------------------- */

static int find_types(struct reading *r, uint64_t *ret_rqs)
{
	const struct btf *b = r->v->types;
	int e;

	if (!b)
		return errf(-ENODATA, "the kernel's types are not known: %s", r->v->no_types);
	r->has_se = ktype_find(b, "sched_entity", se_members, SE_MEMBERS, &r->se) == 0;
	r->has_cfs = ktype_find(b, "cfs_rq", cfs_members, CFS_MEMBERS, &r->cfs) == 0;
	e = ktype_find(b, "task_struct", task_members, TASK_MEMBERS, &r->task);
	if (e == 0)
		e = ktype_find(b, "rq", rq_members, RQ_MEMBERS, &r->rq);
	return e < 0 ? e : kview_address(r->v, "runqueues", ret_rqs);
}

static void read_queues(struct reading *r, uint64_t rq)
{
	if (kcopy_read(&r->rq_copy, r->v->ks, &r->rq, rq) < 0) {
		note_fault(r, QUEUE_OTHER, "the struct rq cannot be read");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (kcopy_has(&r->rq_copy, classes[i].rq) && ktype_has(&r->task, classes[i].task))
			classes[i].read(r);
}

/* Idle tasks are always queued, and never wait. */
static void read_others(struct reading *r)
{
	for (size_t i = 0; i < r->tasks->n; i++) {
		const struct task *task = &r->tasks->list[i];

		if (task->on_rq && task->cpu == r->cpu->number && task->pid != 0)
			add_task(r, QUEUE_OTHER, task, false);
	}
}

static void read_all(struct reading *r, uint64_t rqs)
{
	const struct tasks *t = r->tasks;

	for (size_t i = 0; i < t->n_cpus; i++) {
		size_t before = r->q->n;

		r->cpu = &t->cpus[i];
		if (rqs)
			read_queues(r, kview_on_cpu(r->v, rqs, t->cpus[i].number));
		read_others(r);
		r->q->cpus[i] =
			(struct runqueue){ .list = r->q->all + before, .n = r->q->n - before };
	}
}

int runqueues_read(const struct kview *v, const struct tasks *t, struct runqueues *ret)
{
	struct reading r = { .v = v, .q = ret, .tasks = t, .steps = 2 * (uint64_t)t->n + 65536 };
	uint64_t rqs = 0;
	int e;

	*ret = (struct runqueues){};
	ret->cpus = calloc(t->n_cpus + 1, sizeof(*ret->cpus));
	ret->all = calloc(t->n + 1, sizeof(*ret->all));
	r.seen = calloc(t->n + 1, sizeof(*r.seen));
	if (!ret->cpus || !ret->all || !r.seen) {
		free(r.seen);
		runqueues_done(ret);
		return -ENOMEM;
	}
	e = find_types(&r, &rqs);
	if (e < 0)
		snprintf(ret->remark, sizeof(ret->remark), "%s", err_text(e));
	/* CPUs that only have registers have no queues. */
	read_all(&r, e < 0 || t->cpus_remark[0] ? 0 : rqs);
	kcopy_done(&r.rq_copy);
	kcopy_done(&r.copy);
	free(r.seen);
	return 0;
}

void runqueues_done(struct runqueues *q)
{
	free(q->cpus);
	free(q->all);
	*q = (struct runqueues){};
}
