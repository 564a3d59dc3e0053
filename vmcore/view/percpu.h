/* SPDX-License-Identifier: GPL-2.0-or-later */
/* percpu.h - counters of which each CPU has a part. */
#pragma once

#include "vmcore/view/kview.h"

/* The value of a struct percpu_counter (include/linux/percpu_counter.h): @count is its member of
 * that name, @counters the other, the per-CPU address of numbers of 32 bits, 0 where kernels for
 * one CPU have none. -ENODATA with a text when the CPUs are not known. */
int percpu_counter_sum(const struct kview *v, int64_t count, uint64_t counters, int64_t *ret);
