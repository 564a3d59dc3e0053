/* SPDX-License-Identifier: GPL-2.0-or-later */
/* secret.h - whether what is written to a file system is encrypted on its way to the disk. */
#pragma once

#include <sys/types.h>

#include "base/base.h"

/* Looks through the devices that the block device @number is made of, by their "slaves" in sysfs.
 * True also where that cannot be known: file systems that encrypt themselves, or lie in a file of
 * another one. @number has major 0 where the file system has no block device. */
bool device_may_be_secret(int root_fd, const char *fstype, dev_t number);
