// SPDX-License-Identifier: GPL-2.0-or-later
/* memory-limit.c - keeps this program from taking all memory, see memory-limit.h. */
#include "system/memory-limit.h"

#include <sys/resource.h>

#include "base/base.h"
#include "system/procfile.h"

void memory_limit(int root_fd, double share)
{
	uint64_t available, data;
	struct rlimit limit;

	if (procfile_bytes(root_fd, "/proc/meminfo", "MemAvailable", &available) < 0 ||
	    procfile_bytes(root_fd, "/proc/self/status", "VmData", &data) < 0 || available == 0 ||
	    getrlimit(RLIMIT_DATA, &limit) < 0)
		return;
	limit.rlim_cur = MIN(limit.rlim_max, data + (rlim_t)(available * share));
	setrlimit(RLIMIT_DATA, &limit);
}

void memory_unlimit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_DATA, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_DATA, &limit);
}
