// SPDX-License-Identifier: GPL-2.0-or-later
/* procfile.c - amounts of memory in files below /proc, see procfile.h. */
#include "system/procfile.h"

#include <errno.h>
#include <stdio.h>

#include "system/tree.h"
#include "base/err.h"

int procfile_bytes(int root_fd, const char *path, const char *name, uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len = strlen(name);
	char *save = NULL;
	int r = tree_read(root_fd, path, MIB(1), &text, NULL);

	if (r < 0)
		return r;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned long long kib;
		int end = 0;

		if (strncmp(line, name, len) == 0 &&
		    sscanf(line + len, ": %llu kB%n", &kib, &end) == 1 && end > 0) {
			*ret = KIB(kib);
			return 0;
		}
	}
	return errf(-EBADMSG, "%s: has no %s", path, name);
}
