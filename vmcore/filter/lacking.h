/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lacking.h - memory that a kernel had and its dump does not know of.
 *
 * The core header of a dump is made when the capture kernel is loaded. Kernels before 6.5 and
 * machines without CONFIG_CRASH_HOTPLUG leave it as it is when memory is added later. Added memory
 * comes in whole sections (mm/memory_hotplug.c, check_hotplug_memory_range(), Linux 6.12), and they
 * are marked as not there at the boot. So what the firmware keeps, what is reserved for the capture
 * kernel and what was never given to the page allocator are not taken for it.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

/* Bytes of the sections that were added and online, and of which the dump has no page frame. 0 when
 * the kernel does not tell. Sections that cannot be read, and those behind them, do not count. */
uint64_t lacking_memory(struct kspace *ks);
