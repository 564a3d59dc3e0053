/* SPDX-License-Identifier: GPL-2.0-or-later */
/* waits-find.h - what one task waits for. */
#pragma once

#include "vmcore/report/waits.h"

struct finder;

/* Fails for lack of memory only. All arguments must outlive the finder. @remark, of 256 bytes, gets
 * the reason when the finder will not find all. */
int finder_open(const struct kview *v, struct symbols *s, struct unwind *u, const struct tasks *t,
                char *remark, struct finder **ret);
struct finder *finder_free(struct finder *f);
BASE_FREEP(finder)

/* Finds kind, lock, owner and function of the wait of @task. Returns false when it does not wait,
 * or sleeps without being blocked or waiting for a lock. */
bool finder_look(struct finder *f, const struct task *task, struct wait *ret);
