// SPDX-License-Identifier: GPL-2.0-or-later
/* limit.c - how long a capture may take, see limit.h. */
#include "loader/image/limit.h"

#include "system/iomem.h"

#define BYTES_PER_SECOND (50000000 / 2)
#define LEAST            (5 * 60)
#define MOST             (4 * 3600)
#define UNKNOWN          (30 * 60)

uint64_t limit_of_capture(int root_fd)
{
	_cleanup_free_ struct iomem_range *ram = NULL;
	uint64_t bytes = 0, minutes;
	size_t n = 0;

	if (iomem_read(root_fd, "System RAM", 0, &ram, &n) < 0)
		return UNKNOWN;
	for (size_t i = 0; i < n; i++)
		bytes += ram[i].end - ram[i].start;
	if (bytes == 0)
		return UNKNOWN;
	minutes = (bytes / BYTES_PER_SECOND + 59) / 60;
	return MIN(MAX(minutes * 60, LEAST), MOST);
}
