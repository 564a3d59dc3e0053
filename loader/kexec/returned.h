/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * returned.h - whether the running system came back by kexec from a crash, and what it lacks since.
 */
#pragma once

#include "base/base.h"

struct returned {
	bool by_kexec;
	uint64_t cpus_before, cpus_now;
	bool unreserved; /* crashkernel= is on the command line, but no memory was set aside */
};

/* From the marker on the command line (loader/kexec/next-cmdline.h) and what there is now. */
int returned_read(int root_fd, struct returned *ret);

/* Whether only the firmware can make it whole again. */
bool returned_is_degraded(const struct returned *r);

/* "back by kexec after a crash, with 1 of 2 CPUs; reboot through the firmware when convenient" into
 * @buf; returns it. */
#define RETURNED_MAX 256
char *returned_describe(const struct returned *r, char buf[static RETURNED_MAX]);
