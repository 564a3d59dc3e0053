/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stacks.h - the stacks that a CPU has for interrupts and exceptions, beside those of tasks. */
#pragma once

#include "vmcore/view/kview.h"

struct stacks;

/* Finds what there is of the possible CPUs; @size is the bytes of a task's stack, as which those
 * for interrupts are large. Fails for lack of memory only. */
int stacks_open(const struct kview *v, uint64_t size, struct stacks **ret);
struct stacks *stacks_free(struct stacks *s);

/* The name of the stack of @cpu that a frame with this stack pointer is on, as the kernel prints it
 * ("IRQ", "NMI", "#DF"); NULL: on none of these. */
const char *stacks_name(const struct stacks *s, unsigned cpu, uint64_t sp);
