/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room.h - how much the capture program can write to the file system of the target. */
#pragma once

#include <sys/statvfs.h>

#include "loader/system/device.h"

/* Sets the free bytes and files of @d, whose node and fstype are known, and the size. */
void room_set(int root_fd, const struct statvfs *st, struct device *d);

/* True, with the reason in @why, when not even the log would fit. */
#define ROOM_WHY_MAX 64
bool room_is_gone(const struct device *d, char why[static ROOM_WHY_MAX]);
