/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runqueues.h - the tasks that wanted to run on each CPU, in the order of the kernel's queues. */
#pragma once

#include "vmcore/report/tasks.h"

/* In the order in which the scheduler asks them for a task. */
enum queue_class {
	QUEUE_STOP,
	QUEUE_DEADLINE,
	QUEUE_REALTIME,
	QUEUE_FAIR,
	QUEUE_EXT,
	QUEUE_OTHER, /* the task says that it is queued, but in no queue was it found */
	QUEUE_CLASSES,
};

/* "fair", and the like. */
extern const char *const queue_classes[QUEUE_CLASSES];

struct queued {
	const struct task *task;
	enum queue_class class;
	/* It sleeps and is to leave the queue when its turn comes (since 6.12). */
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
	char remark[256]; /* which queues could not be read; empty when all could */
};

/* Fails for lack of memory only; @t must outlive the queues. */
int runqueues_read(const struct kview *v, const struct tasks *t, struct runqueues *ret);
void runqueues_done(struct runqueues *q);
