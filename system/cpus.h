/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus.h - the processors of the running system. */
#pragma once

#include "base/base.h"

/* Counts the CPUs that are online. @ret_boot_apicid is the APIC ID of the CPU that the kernel
 * started on. It is 0 on other architectures than x86, and where /proc/cpuinfo does not tell, as on
 * machines whose packages hold one core; there firmware gives the boot CPU 0. */
int cpus_read(int root_fd, uint64_t *ret_online, uint64_t *ret_boot_apicid);

/* True with the number of a CPU that no kernel can switch off, by lack of the file "online"
 * (drivers/base/cpu.c, 6.12, register_cpu()). On x86 that means nothing. */
bool cpus_find_stuck(int root_fd, uint64_t *ret);
