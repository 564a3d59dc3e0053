/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drivers.h - the drivers of a device and of all that it depends on, by /sys.
 *
 * The path of a disk in /sys/devices leads from the root bus through bridges and controllers down
 * to the disk. In each of its directories the link "driver" names the driver, and driver/module its
 * module. Without such a link, or when the capture kernel is not the running one, "modalias" is the
 * name to look the module up by.
 */
#pragma once

#include <sys/types.h>

#include "base/base.h"

struct drivers {
	char **modules; /* names of modules that serve the device now: all of them are needed */
	char **aliases; /* of devices without a module, and names of optional modules */
};

void drivers_done(struct drivers *d);

/* Adds what the block device @number needs. @running: the capture kernel is the running one, so a
 * driver without a module is built into it. */
int drivers_of_block(int root_fd, dev_t number, bool running, struct drivers *d);

/* Adds virtio_mem and what it depends on, if there is such a device. Reading memory that it took
 * away gives garbage or kills the machine, unless the driver is loaded before /proc/vmcore is
 * opened (drivers/virtio/virtio_mem.c, 5.16 and later). */
int drivers_of_virtio_mem(int root_fd, bool running, struct drivers *d);

/* Adds, to the aliases, what makes variables of the EFI firmware files, and what keeps the log
 * there when a kernel panics, the capture kernel too. False when there is no such firmware. */
bool drivers_of_firmware(int root_fd, struct drivers *d);

/* Adds the drivers of hardware watchdogs, and what they depend on, to the aliases. A watchdog that
 * runs goes on counting in the capture kernel, where its driver feeds it until a program opens it
 * (watchdog.handle_boot_enabled=1). Without the driver a dump is still worth trying. softdog is
 * left out, since it ends with the running kernel. */
int drivers_of_watchdogs(int root_fd, bool running, struct drivers *d);
