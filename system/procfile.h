/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procfile.h - how much memory there is, as the kernel's files below /proc tell. */
#pragma once

#include "base/base.h"

/* The bytes of the line "name:   123 kB" in /proc/meminfo or /proc/PID/status; 0 when there is
 * none.
 */
uint64_t procfile_number(const char *path, const char *name);
