/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drivers.h - which drivers serve a device, by what /sys shows of it and of all it hangs on.
 *
 * The path of a disk in /sys/devices leads from the root bus through bridges and controllers down
 * to the disk. Each directory on it that has a "driver" link is served by that driver, and
 * driver/module names its module. Where nothing is bound, or the capture kernel is another one than
 * that which runs, "modalias" is what the module is looked up by.
 */
#pragma once

#include <sys/types.h>

#include "base/base.h"

struct drivers {
	char **modules; /* names of modules that serve the device now: all of them are needed */
	char **aliases; /* of devices without a module, and names of modules: whatever there is
	                   helps, nothing is needed */
};

void drivers_done(struct drivers *d);

/* Adds what the block device @number needs. @running: the capture kernel is the one that runs, so
 * that a driver without a module is built into it. */
int drivers_of_block(int root_fd, dev_t number, bool running, struct drivers *d);

/* Adds virtio_mem and what it hangs on, if there is such a device: memory that it took away reads
 * as garbage or kills the machine unless the driver is there before /proc/vmcore is opened
 * (drivers/virtio/virtio_mem.c, 5.16 and later). */
int drivers_of_virtio_mem(int root_fd, bool running, struct drivers *d);

/* Adds the drivers of hardware watchdogs, and what those hang on, to the aliases alone: a watchdog
 * that was started goes on counting in the capture kernel, and its driver there feeds it until
 * somebody takes over (watchdog.handle_boot_enabled=1), but a dump without is better than none.
 * softdog ends with the kernel that runs. */
int drivers_of_watchdogs(int root_fd, bool running, struct drivers *d);
