// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * runqueues.c - the tasks that wanted to run, see runqueues.h.
 *
 * The struct rq of a CPU (kernel/sched/sched.h, Linux 6.12) has a queue for each scheduling class:
 * trees for deadlines and for fair scheduling, a list for each real-time priority. An entity of the
 * fair class may be a group, which has a queue of its own (my_q). The entity that runs is not in
 * the tree: the queue's curr points to it. That holds for each group that it is part of, too.
 *
 * A task is taken once, and only when the list of tasks has it, so that a broken queue cannot go on
 * forever. In the end, tasks that are marked as queued on this CPU and were found in no queue are
 * added.
 */
#include "vmcore/report/runqueues.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/kernel/list.h"
#include "vmcore/kernel/rbtree.h"
#include "vmcore/view/kcopy.h"

/* The deepest nesting of groups; systemd's cgroups have about five levels. */
#define MAX_DEPTH 16

const char *const queue_classes[QUEUE_CLASSES] = {
	[QUEUE_STOP] = "stop", [QUEUE_DEADLINE] = "deadline", [QUEUE_REALTIME] = "real-time",
	[QUEUE_FAIR] = "fair", [QUEUE_EXT] = "ext",           [QUEUE_OTHER] = "other",
};

enum { RQ_STOP, RQ_CFS, RQ_RT, RQ_DL, RQ_EXT, RQ_MEMBERS };

static const char *const rq_members[RQ_MEMBERS] = {
	[RQ_STOP] = "?stop",
	[RQ_CFS] = "?cfs",
	[RQ_RT] = "?rt.active.queue",
	[RQ_DL] = "?dl.root",
	[RQ_EXT] = "?scx.runnable_list",
};

enum { TASK_ON_RQ, TASK_SE, TASK_RT, TASK_DL, TASK_EXT, TASK_MEMBERS };

static const char *const task_members[TASK_MEMBERS] = {
	[TASK_ON_RQ] = "?on_rq",           [TASK_SE] = "?se",
	[TASK_RT] = "?rt.run_list",        [TASK_DL] = "?dl.rb_node",
	[TASK_EXT] = "?scx.runnable_node",
};

enum { SE_NODE, SE_GROUP, SE_DELAYED, SE_MEMBERS };

static const char *const se_members[SE_MEMBERS] = {
	[SE_NODE] = "run_node", [SE_GROUP] = "?my_q", [SE_DELAYED] = "?sched_delayed"
};

enum { CFS_TREE, CFS_CURR, CFS_MEMBERS };

static const char *const cfs_members[CFS_MEMBERS] = {
	[CFS_TREE] = "tasks_timeline", [CFS_CURR] = "?curr"
};

struct reading {
	const struct kview *v;
	struct runqueues *q;
	const struct tasks *tasks;
	struct ktype rq, task, se, cfs;
	bool has_se, has_cfs;
	struct kcopy rq_copy, copy;
	const struct cpu *cpu; /* whose queue is read */
	bool *seen;            /* for each task: it was found in a queue */
	uint64_t steps;        /* left, for all queues together */
};

/* Keeps the first fault. */
static void note_fault(struct reading *rd, enum queue_class class, const char *why)
{
	if (!rd->q->remark[0])
		snprintf(rd->q->remark, sizeof(rd->q->remark), "the %s tasks of CPU %u: %.200s",
		         queue_classes[class], rd->cpu->number, why);
}

static void add_task(struct reading *rd, enum queue_class class, const struct task *task,
                     bool delayed)
{
	size_t nr = task - rd->tasks->list;

	if (rd->seen[nr] || task->address == rd->cpu->current)
		return;
	rd->seen[nr] = true;
	rd->q->all[rd->q->n++] =
		(struct queued){ .task = task, .class = class, .delayed = delayed };
}

/* Adds the task whose @member is at @address. Returns false when there is none. */
static bool add_by_member(struct reading *rd, enum queue_class class, unsigned member,
                          uint64_t address, bool delayed)
{
	const struct task *task = tasks_find(rd->tasks, ktype_around(&rd->task, member, address));

	if (task)
		add_task(rd, class, task, delayed);
	return task;
}

static bool step(struct reading *rd)
{
	return rd->steps > 0 && rd->steps-- > 0;
}

/* --- Each class ------------------------------------------------------------------------------ */

static void read_stop(struct reading *rd)
{
	const struct task *task = tasks_find(rd->tasks, kcopy_u64(&rd->rq_copy, RQ_STOP));

	if (task && task->on_rq)
		add_task(rd, QUEUE_STOP, task, false);
}

/* An entry that is no task is a server, which runs tasks of another class (since 6.8). */
static void read_deadline(struct reading *rd)
{
	struct tree_walk w = tree_walk(rd->v->ks, kcopy_at(&rd->rq_copy, RQ_DL), rd->tasks->n + 1);
	uint64_t node;
	int r;

	while ((r = tree_next(&w, &node)) > 0 && step(rd))
		add_by_member(rd, QUEUE_DEADLINE, TASK_DL, node, false);
	if (r < 0)
		note_fault(rd, QUEUE_DEADLINE, err_text(r));
}

static void read_list(struct reading *rd, enum queue_class class, unsigned member, uint64_t head)
{
	struct list_walk w = list_walk(rd->v->ks, head, rd->tasks->n + 1);
	uint64_t node;
	int r;

	while ((r = list_next(&w, &node)) > 0 && step(rd))
		add_by_member(rd, class, member, node, false);
	if (r < 0)
		note_fault(rd, class, err_text(r));
}

static void read_realtime(struct reading *rd)
{
	const struct btf_member *m = &rd->rq.members[RQ_RT];
	uint64_t size = m->count ? m->size / m->count : 0;

	for (uint64_t i = 0; i < m->count && size >= 16; i++)
		read_list(rd, QUEUE_REALTIME, TASK_RT, kcopy_at(&rd->rq_copy, RQ_RT) + i * size);
}

static void read_cfs(struct reading *rd, uint64_t cfs, unsigned depth);

/* A struct sched_entity. */
static void read_entity(struct reading *rd, uint64_t address, unsigned depth)
{
	uint64_t group;
	bool delayed;

	if (kcopy_read(&rd->copy, rd->v->ks, &rd->se, address) < 0)
		return;
	group = kcopy_u64(&rd->copy, SE_GROUP);
	delayed = kcopy_u64(&rd->copy, SE_DELAYED);
	if (group == 0)
		add_by_member(rd, QUEUE_FAIR, TASK_SE, address, delayed);
	else if (depth + 1 < MAX_DEPTH)
		read_cfs(rd, group, depth + 1);
}

/* A struct cfs_rq. */
static void read_cfs(struct reading *rd, uint64_t cfs, unsigned depth)
{
	struct tree_walk w =
		tree_walk(rd->v->ks, cfs + rd->cfs.members[CFS_TREE].offset, rd->tasks->n + 4096);
	uint64_t node, curr = 0;
	int r;

	if (ktype_has(&rd->cfs, CFS_CURR) &&
	    kspace_u64(rd->v->ks, cfs + rd->cfs.members[CFS_CURR].offset, &curr) == 0 &&
	    curr != 0 && step(rd))
		read_entity(rd, curr, depth);
	while ((r = tree_next(&w, &node)) > 0 && step(rd))
		read_entity(rd, ktype_around(&rd->se, SE_NODE, node), depth);
	if (r < 0)
		note_fault(rd, QUEUE_FAIR, err_text(r));
}

static void read_fair(struct reading *rd)
{
	if (rd->has_se && rd->has_cfs)
		read_cfs(rd, kcopy_at(&rd->rq_copy, RQ_CFS), 0);
	else
		note_fault(rd, QUEUE_FAIR, "the kernel does not tell how they are queued");
}

static void read_ext(struct reading *rd)
{
	read_list(rd, QUEUE_EXT, TASK_EXT, kcopy_at(&rd->rq_copy, RQ_EXT));
}

/* In the order of the scheduler, with the members of queue and task that each class needs. */
static const struct {
	unsigned rq, task;
	void (*read)(struct reading *rd);
} classes[] = {
	{ RQ_STOP, TASK_ON_RQ, read_stop }, { RQ_DL, TASK_DL, read_deadline },
	{ RQ_RT, TASK_RT, read_realtime },  { RQ_CFS, TASK_SE, read_fair },
	{ RQ_EXT, TASK_EXT, read_ext },
};

/* --- All CPUs -------------------------------------------------------------------------------- */

static int find_types(struct reading *rd, uint64_t *ret_rqs)
{
	const struct btf *b = rd->v->types;
	int r;

	if (!b)
		return errf(-ENODATA, "the kernel's types are not known: %s", rd->v->no_types);
	rd->has_se = ktype_find(b, "sched_entity", se_members, SE_MEMBERS, &rd->se) == 0;
	rd->has_cfs = ktype_find(b, "cfs_rq", cfs_members, CFS_MEMBERS, &rd->cfs) == 0;
	r = ktype_find(b, "task_struct", task_members, TASK_MEMBERS, &rd->task);
	if (r < 0)
		return r;
	r = ktype_find(b, "rq", rq_members, RQ_MEMBERS, &rd->rq);
	return r < 0 ? r : kview_address(rd->v, "runqueues", ret_rqs);
}

static void read_queues(struct reading *rd, uint64_t rq)
{
	if (kcopy_read(&rd->rq_copy, rd->v->ks, &rd->rq, rq) < 0) {
		note_fault(rd, QUEUE_OTHER, "the struct rq cannot be read");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (kcopy_has(&rd->rq_copy, classes[i].rq) && ktype_has(&rd->task, classes[i].task))
			classes[i].read(rd);
}

/* Idle tasks are always queued, and never wait. */
static void read_others(struct reading *rd)
{
	for (size_t i = 0; i < rd->tasks->n; i++) {
		const struct task *task = &rd->tasks->list[i];

		if (task->on_rq && task->cpu == rd->cpu->number && task->pid != 0)
			add_task(rd, QUEUE_OTHER, task, false);
	}
}

static void read_all(struct reading *rd, uint64_t rqs)
{
	const struct tasks *t = rd->tasks;

	for (size_t i = 0; i < t->n_cpus; i++) {
		size_t before = rd->q->n;

		rd->cpu = &t->cpus[i];
		if (rqs)
			read_queues(rd, kview_on_cpu(rd->v, rqs, t->cpus[i].number));
		read_others(rd);
		rd->q->cpus[i] =
			(struct runqueue){ .list = rd->q->all + before, .n = rd->q->n - before };
	}
}

int runqueues_read(const struct kview *v, const struct tasks *t, struct runqueues *ret)
{
	struct reading rd = { .v = v, .q = ret, .tasks = t, .steps = 2 * (uint64_t)t->n + 65536 };
	uint64_t rqs = 0;
	int r;

	*ret = (struct runqueues){};
	ret->cpus = calloc(t->n_cpus + 1, sizeof(*ret->cpus));
	ret->all = calloc(t->n + 1, sizeof(*ret->all));
	rd.seen = calloc(t->n + 1, sizeof(*rd.seen));
	if (!ret->cpus || !ret->all || !rd.seen) {
		free(rd.seen);
		runqueues_done(ret);
		return oom("the queues of tasks");
	}
	r = find_types(&rd, &rqs);
	err_note(r, ret->remark);
	/* CPUs that only have registers have no queues. */
	read_all(&rd, r < 0 || t->cpus_remark[0] ? 0 : rqs);
	kcopy_done(&rd.rq_copy);
	kcopy_done(&rd.copy);
	free(rd.seen);
	return 0;
}

void runqueues_done(struct runqueues *q)
{
	free(q->cpus);
	free(q->all);
	*q = (struct runqueues){};
}
