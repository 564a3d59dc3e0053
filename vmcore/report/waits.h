/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * waits.h - what blocked tasks wait for, who holds it, and who waits for whom in a circle.
 */
#pragma once

#include "vmcore/view/symbols.h"
#include "vmcore/report/tasks.h"
#include "vmcore/stack/unwind.h"

enum wait_kind {
	WAIT_OTHER, /* what the function may tell */
	WAIT_MUTEX,
	WAIT_RWSEM_READ, /* to read what a read-write semaphore protects, or to write it */
	WAIT_RWSEM_WRITE,
	WAIT_RT_MUTEX,
	WAIT_SEMAPHORE,
	WAIT_COMPLETION,
	WAIT_PAGE, /* for a page or folio to be unlocked, or to be written or read */
	WAIT_BIT,
	WAIT_FUTEX,
	WAIT_IO,
	WAIT_KINDS,
};

/* "mutex", "rwsem_read" and the like. */
extern const char *const wait_kinds[WAIT_KINDS];

struct wait {
	const struct task *task;
	enum wait_kind kind;
	/* The kernel's own data say so; false: judged by the names of the functions in its trace.
	 */
	bool sure;
	uint64_t lock;            /* address of the lock, or of the page or word; 0: not known */
	const struct task *owner; /* who holds the lock; NULL: not known */
	bool shared; /* the lock is held by readers, of whom the owner is the last to have come,
	              * and may have gone again */
	uint64_t readers; /* how many they are; 0: not known */
	uint64_t ip;      /* in the first function of the trace that is not a lock's or the
	                   * scheduler's, as of a frame; 0: there is no trace */
	bool exact;
	const struct wait *next; /* what the owner waits for; NULL: it does not */
	size_t cycle;            /* it is part of that circle, from 1 on; 0: of none */
};

/* A lock that somebody waits for. */
struct waited_lock {
	const struct wait *wait; /* one of those for it */
	size_t n;                /* how many there are */
};

struct waits {
	struct wait
		*list; /* in the order of the tasks: those in D, and others that wait for a lock */
	size_t n;
	const struct wait **cycles; /* one member of each circle; the others follow by next */
	size_t n_cycles;
	struct waited_lock *locks; /* what most wait for comes first */
	size_t n_locks;
	char remark[256]; /* what cannot be told; empty when all can */
};

/* Fails for lack of memory only. @u may be NULL: then there are no functions to judge by. @t must
 * outlive the waits. */
int waits_read(const struct kview *v, struct symbols *s, struct unwind *u, const struct tasks *t,
               struct waits *ret);
void waits_done(struct waits *w);

/* NULL: it does not wait, as far as is known. */
const struct wait *waits_find(const struct waits *w, const struct task *task);
