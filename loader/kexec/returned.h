/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * returned.h - tells if the running system was started by kexec after a crash, and what it lacks.
 */
#pragma once

#include "base/base.h"

struct returned {
	bool by_kexec;
	uint64_t cpus_before, cpus_now;
	bool unreserved; /* crashkernel= is on the command line, but no memory was set aside */
};

/* Compares the marker on the command line (loader/kexec/next-cmdline.h) with the present system. */
int returned_read(int root_fd, struct returned *ret);

/* True if CPUs or reserved memory are missing, which only a boot by the firmware brings back. */
bool returned_is_degraded(const struct returned *r);

/* Writes "back by kexec after a crash, with 1 of 2 CPUs; ..." into @buf; returns @buf. */
#define RETURNED_MAX 256
char *returned_describe(const struct returned *r, char buf[static RETURNED_MAX]);
