/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lost-vmcoreinfo.h - VMCOREINFO of dumps that have no note with it, out of their memory.
 *
 * QEMU passes the note on only with -device vmcoreinfo and once the guest's driver has told of it;
 * VirtualBox and converters of raw memory have none, or that of another kernel.
 */
#pragma once

#include "vmcore/format/dump.h"

/* Looks for VMCOREINFO in all of the dump's memory when that of its notes is missing or does not
 * fit the memory, and makes a note of it. A dump in which none can be found stays as it is; -ENOMEM
 * only. It reads as much of the dump as it must. */
int lost_vmcoreinfo_find(struct dump *d);
