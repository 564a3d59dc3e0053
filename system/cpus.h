/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus.h - the processors of the running system. */
#pragma once

#include "base/base.h"

/* How many are online, and the APIC ID of the one that the kernel started on (x86; 0 elsewhere, and
 * where /proc/cpuinfo does not tell, as on machines whose packages hold one core: 0 is what
 * firmware gives the boot CPU). */
int cpus_read(int root_fd, uint64_t *ret_online, uint64_t *ret_boot_apicid);
