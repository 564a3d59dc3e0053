// SPDX-License-Identifier: GPL-2.0-or-later
/* meminfo.c - how much memory there is, see meminfo.h. */
#include "capture/meminfo.h"

#include <fcntl.h>
#include <stdio.h>

#include "config/file.h"

uint64_t meminfo_read(const char *path, const char *name)
{
	_cleanup_free_ char *text = NULL;
	unsigned long long kib = 0;
	const char *line;

	if (file_read(AT_FDCWD, path, KIB(64), &text, NULL) < 0)
		return 0;
	line = strstr(text, name);
	if (line)
		sscanf(line + strlen(name), ": %llu", &kib);
	return KIB(kib);
}
