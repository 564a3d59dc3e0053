/* SPDX-License-Identifier: GPL-2.0-or-later */
/* disk.h - finds a block device by what is on it, without udev. */
#pragma once

#include "base/base.h"

/* Waits up to @timeout seconds for the device that @tag names: "UUID=...", "LABEL=...",
 * "PARTUUID=..." or a path in /dev. Gives its path, allocated. All paths are below @root_fd.
 * -ETIMEDOUT with a text that names the devices that are there. */
int disk_wait(int root_fd, const char *tag, uint64_t timeout, char **ret);
