/* SPDX-License-Identifier: GPL-2.0-or-later */
/* percpu.h - counters that are split over the CPUs. */
#pragma once

#include "vmcore/view/kview.h"

/* The value of a struct percpu_counter (include/linux/percpu_counter.h). @count is its member of
 * that name. @counters is the per-CPU address of 32-bit numbers, 0 in kernels for one CPU. -ENODATA
 * with a text when the CPUs are not known. */
int percpu_counter_sum(const struct kview *v, int64_t count, uint64_t counters, int64_t *ret);
