// SPDX-License-Identifier: GPL-2.0-or-later
/* procfile.c - how much memory there is, see procfile.h. */
#include "system/procfile.h"

#include <fcntl.h>
#include <stdio.h>

#include "system/file.h"

uint64_t procfile_number(const char *path, const char *name)
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
