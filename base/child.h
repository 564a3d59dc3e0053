/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child.h - work that may hang, run out of memory or be killed, in a process of its own.
 */
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include "base/base.h"

/* As much as a pipe takes at once (PIPE_BUF). */
#define CHILD_ANSWER_MAX 4096

/* In the child; what it leaves in @answer, which is zeroed before, the parent gets. */
typedef void (*child_fn)(void *arg, void *answer);

/* Runs @work in a child, which is killed after @seconds, and fills @ret_answer of @size bytes.
 * -ETIMEDOUT or -ECHILD with a text when the child gave no answer: it took too long, or a signal
 * ended it. @ret_usage is what it used, zeroes when that is not known. */
int child_run(child_fn work, void *arg, double seconds, void *ret_answer, size_t size,
              struct rusage *ret_usage);

/* Called at least twice a second. */
typedef void (*child_tick_fn)(void *arg);

/* Waits for @child the way that init has to: it reaps whatever else ends in the meantime. When
 * @seconds are over it kills @child and returns -ETIMEDOUT with a text, even if the child hangs in
 * the kernel and does not end. Setting the date does not change the limit. @ret_status is the
 * status of waitpid(). -ECHILD with a text when there is no child any more. */
int child_wait(pid_t child, double seconds, int *ret_status);

/* The same; @tick, which may be NULL, is called in the meantime. */
int child_wait_ticking(pid_t child, double seconds, child_tick_fn tick, void *arg, int *ret_status);
