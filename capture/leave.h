/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leave.h - the way out of the capture kernel. */
#pragma once

#include "capture/os.h"
#include "config/settings.h"

/* Writes everything to the disks and does what @action says: auto and kexec start the kernel that
 * is loaded, if one is, and reboot otherwise. When that fails it reboots by whatever works. A child
 * reboots the machine if nothing has after @seconds, since a disk that does not answer may hold up
 * sync(), umount() and even reboot(). Returns only when every way has failed. */
void leave(const struct os *os, enum final_action action, double seconds);

/* For a kernel in which a driver hangs. reboot(2) and a kexec stop every device first
 * (device_shutdown(), drivers/base/core.c, Linux 6.12) and would wait for this one, so that sysrq-b
 * it is, whatever the plan says. The disks have @seconds before that. Returns only when that has
 * failed. */
void leave_at_once(const struct os *os, double seconds);
