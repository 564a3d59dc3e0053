// SPDX-License-Identifier: GPL-2.0-or-later
/* modules.c - loads the modules of the dump path, see modules.h. */
#include "capture/modules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "capture/log.h"
#include "vmcore/base/err.h"

static int module_load(const char *dir, const char *name)
{
	_cleanup_close_ int fd = -1;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errf(-errno, "%s: %s", path, strerror(errno));
	/* ENODEV: made for another CPU, as crc32c_intel where there is no SSE4.2; the generic one
	 * is planned too. */
	if (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST && errno != ENODEV)
		return errf(-errno, "module %s does not load: %s", name, strerror(errno));
	/* Its memory is better used otherwise. */
	unlink(path);
	return 0;
}

int modules_load(const char *dir, char *const *names)
{
	char first_text[256] = "";
	int first = 0;

	for (char *const *name = names; name && *name; name++) {
		int r = module_load(dir, *name);

		if (r == 0)
			continue;
		log_error("%s, going on without", err_text(r));
		if (first == 0) {
			first = r;
			snprintf(first_text, sizeof(first_text), "%s", err_text(r));
		}
	}
	return first < 0 ? errf(first, "%s", first_text) : 0;
}
