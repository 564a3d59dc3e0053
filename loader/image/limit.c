// SPDX-License-Identifier: GPL-2.0-or-later
/* limit.c - how long a capture may take, see limit.h. */
#include "loader/image/limit.h"

#include <fcntl.h>

#include "config/crashdir.h"
#include "system/iomem.h"
#include "system/tree.h"
#include "base/text.h"

#define BYTES_PER_SECOND (50000000 / 2)
#define DUMPS            5   /* that are looked at */
#define SECONDS          2.0 /* a shorter one tells more of its beginning than of the disk */
#define LEAST            (5 * 60)
#define MOST             (4 * 3600)
#define UNKNOWN          (30 * 60)

static double seconds_of(const struct crash *c)
{
	double seconds = 0;

	for (size_t i = 0; i < c->n_steps; i++)
		if (streq(c->steps[i].name, "vmcore") || streq(c->steps[i].name, "verify"))
			seconds += c->steps[i].seconds;
	return seconds;
}

/* Bytes in a second, of what dumps have shown. */
static double slowest(int root_fd, const char *path)
{
	_cleanup_close_ int fd = tree_open(root_fd, path, O_RDONLY | O_DIRECTORY);
	double least = BYTES_PER_SECOND;
	struct crash *list = NULL;
	size_t n = 0, seen = 0;

	if (fd < 0 || crash_list(fd, &list, &n) < 0)
		return least;
	for (size_t i = n; i > 0 && seen < DUMPS; i--) {
		const struct crash *c = &list[i - 1];

		if (c->foreign || c->outcome != CRASH_COMPLETE || seconds_of(c) < SECONDS)
			continue;
		least = MIN(least, c->vmcore_size / seconds_of(c));
		seen++;
	}
	crash_list_free(list, n);
	return least;
}

uint64_t limit_of_capture(int root_fd, const char *path)
{
	_cleanup_free_ struct iomem_range *ram = NULL;
	uint64_t bytes = 0, minutes;
	double seconds;
	size_t n = 0;

	if (iomem_read(root_fd, "System RAM", 0, &ram, &n) < 0)
		return UNKNOWN;
	for (size_t i = 0; i < n; i++)
		bytes += ram[i].end - ram[i].start;
	if (bytes == 0)
		return UNKNOWN;
	seconds = MIN(bytes / MAX(slowest(root_fd, path), 1), MOST);
	minutes = ((uint64_t)seconds + 59) / 60;
	return MAX(minutes * 60, LEAST);
}
