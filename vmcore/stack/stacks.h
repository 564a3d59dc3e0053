/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stacks.h - the stacks of each CPU for interrupts and exceptions. */
#pragma once

#include "vmcore/view/kview.h"

struct stacks;

/* Finds the stacks of all possible CPUs. @size is the size of a task's stack in bytes; a stack for
 * interrupts has the same size. Those that cannot be found are left out; -ENOMEM only. */
int stacks_open(const struct kview *v, uint64_t size, struct stacks **ret);
struct stacks *stacks_free(struct stacks *s);

/* The name of the stack of @cpu that the stack pointer @sp is in, as the kernel prints it ("IRQ",
 * "NMI", "#DF"). NULL: it is in none of these. */
const char *stacks_name(const struct stacks *s, unsigned cpu, uint64_t sp);
