/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.h - where memory is, for whom, by /proc/iomem.
 */
#pragma once

#include "segments/ranges.h"

struct memory {
	struct ranges ram;     /* all there is, also what drivers have plugged in */
	struct ranges plain;   /* what firmware told of */
	struct ranges reserve; /* for a capture kernel: the last one is for the kernel; the ones
	                          below it are for devices that cannot reach higher */
	struct ranges closed;  /* where firmware is, or what firmware has left for a kernel */
};

/* -ENODATA without a reservation, when @crash. */
int memory_read(int root_fd, bool crash, struct memory *ret);
void memory_done(struct memory *m);
