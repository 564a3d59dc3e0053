/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device-id.h - by what the capture kernel knows a block device again. */
#pragma once

#include "loader/system/device.h"

/* Fills spec and facts of a device of which node and number are known. */
int device_identify(int root_fd, struct device *d);

/* Looks for another device with the UUID of @d: a clone or a snapshot. udev is asked, and only what
 * udev does not know is read. 1 with the node, allocated, 0 when there is none. */
#define DEVICE_COPY_REMEDY "detach it, or give it another UUID, as tune2fs -U does"
int device_find_copy(int root_fd, const struct device *d, char **ret);

/* Looks for a file system, RAID, partition table and the like on the device @fd. 1 with the name of
 * what there is, allocated, 0 when there is nothing that libblkid knows. */
int device_find_signature(int fd, char **ret);
