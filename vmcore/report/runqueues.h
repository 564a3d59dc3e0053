/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runqueues.h - the tasks that wanted to run on each CPU, in the order of the kernel's queues. */
#pragma once

#include "vmcore/report/tasks.h"

/* In the order in which the scheduler asks the classes for a task. */
enum queue_class {
	QUEUE_STOP,
	QUEUE_DEADLINE,
	QUEUE_REALTIME,
	QUEUE_FAIR,
	QUEUE_EXT,
	QUEUE_OTHER, /* marked as queued, but found in no queue */
	QUEUE_CLASSES,
};

/* Names like "fair". */
extern const char *const queue_classes[QUEUE_CLASSES];

struct queued {
	const struct task *task;
	enum queue_class class;
	/* It sleeps, and leaves the queue when its turn comes (since 6.12). */
	bool delayed;
};

struct runqueue {
	const struct queued *list; /* without the task that runs */
	size_t n;
};

struct runqueues {
	struct runqueue *cpus; /* as many as the tasks have CPUs, in that order */
	struct queued *all;
	size_t n;
	char remark[256]; /* the first queue that could not be read; empty when all could */
};

/* Fails for lack of memory only; @t must outlive the queues. */
int runqueues_read(const struct kview *v, const struct tasks *t, struct runqueues *ret);
void runqueues_done(struct runqueues *q);
