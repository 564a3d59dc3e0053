/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * waits.h - what blocked tasks wait for, who holds it, and who waits for whom in a circle.
 */
#pragma once

#include "vmcore/view/symbols.h"
#include "vmcore/report/tasks.h"
#include "vmcore/stack/unwind.h"

enum wait_kind {
	WAIT_OTHER, /* only the function is known */
	WAIT_MUTEX,
	WAIT_RWSEM_READ, /* a read-write semaphore, for reading or for writing */
	WAIT_RWSEM_WRITE,
	WAIT_RT_MUTEX,
	WAIT_SEMAPHORE,
	WAIT_COMPLETION,
	WAIT_PAGE, /* a page or folio that is locked, being written or being read */
	WAIT_BIT,
	WAIT_FUTEX,
	WAIT_IO,
	WAIT_KINDS,
};

/* Names like "mutex" and "rwsem_read". */
extern const char *const wait_kinds[WAIT_KINDS];

struct wait {
	const struct task *task;
	enum wait_kind kind;
	/* True: the kernel's data say so. False: guessed from the functions in the trace. */
	bool sure;
	uint64_t lock;            /* address of the lock, page or word; 0: not known */
	const struct task *owner; /* the holder of the lock; NULL: not known */
	uint64_t gone;    /* address of the holder's task_struct if it is no task any more; or 0 */
	bool shared;      /* readers hold the lock; the owner is the last that took it, and may have
	                   * released it since */
	uint64_t readers; /* number of readers; 0: not known */
	uint64_t ip;      /* as in struct frame, of the first function of the trace that belongs to
	                   * neither a lock nor the scheduler; 0: there is no trace */
	bool exact;
	const struct wait *next; /* the wait of the owner; NULL: it does not wait */
	size_t cycle;            /* number of the circle that it is part of, from 1 on; 0: none */
};

/* A lock that tasks wait for. */
struct waited_lock {
	const struct wait *wait; /* one of the waits for it */
	size_t n;                /* number of waits */
};

struct waits {
	struct wait *list; /* by task: those in state D, and others that wait for a lock */
	size_t n;
	const struct wait **cycles; /* one member of each circle; the others follow by next */
	size_t n_cycles;
	struct waited_lock *locks; /* the one with the most waits first */
	size_t n_locks;
	char remark[256]; /* why waits may be missing; empty when none is */
};

/* -ENOMEM only. Without @u only what the kernel's data say is found. @t must outlive the waits. */
int waits_read(const struct kview *v, struct symbols *s, struct unwind *u, const struct tasks *t,
               struct waits *ret);
void waits_done(struct waits *w);

/* Returns NULL when the task is not known to wait. */
const struct wait *waits_find(const struct waits *w, const struct task *task);
