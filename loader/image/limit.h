/* SPDX-License-Identifier: GPL-2.0-or-later */
/* limit.h - how long a capture may take: TimeoutSec=auto. */
#pragma once

#include "base/base.h"

/* Seconds, whole minutes, by the System RAM of /proc/iomem: 40 for each GB, as much as it takes to
 * write it all and to read it back at 50 MB/s, which is a slow disk; at least 5 minutes, and at
 * most 4 hours, since a system that does not come back by itself is not noticed sooner. 30 minutes
 * when the memory is not known. A slower disk has more: of the last five complete dumps in the
 * directory @path the slowest tells, as it was written and read back. */
uint64_t limit_of_capture(int root_fd, const char *path);
