/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procfile.h - amounts of memory in files below /proc. */
#pragma once

#include "base/base.h"

/* Reads the line "NAME:   123 kB" of @path, which is /proc/meminfo or /proc/PID/status, below
 * @root_fd. @ret is in bytes. -EBADMSG with a text when there is no such line. */
int procfile_bytes(int root_fd, const char *path, const char *name, uint64_t *ret);
