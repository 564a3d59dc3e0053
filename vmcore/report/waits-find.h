/* SPDX-License-Identifier: GPL-2.0-or-later */
/* waits-find.h - what waits.c has found out for each task by itself. */
#pragma once

#include "vmcore/report/waits.h"

struct finder;

/* Fails for lack of memory only; what is passed must outlive the finder. @remark (256 bytes) gets
 * what it lacks. */
int finder_open(const struct kview *v, struct symbols *s, struct unwind *u, const struct tasks *t,
                char *remark, struct finder **ret);
struct finder *finder_free(struct finder *f);
void finder_freep(struct finder **f);

/* What @task waits for: kind, lock, owner and function. False: nothing, or nothing that is of
 * interest here. */
bool finder_look(struct finder *f, const struct task *task, struct wait *ret);
