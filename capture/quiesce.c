// SPDX-License-Identifier: GPL-2.0-or-later
/* quiesce.c - devices before a kexec, see quiesce.h. */
#include "capture/quiesce.h"

#include <stdio.h>

#include "capture/log.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define DEVICES "/sys/bus/pci/devices"

/* A device is a link that leads out of DEVICES. "unknown" while nothing has enabled it in this
 * kernel (drivers/pci/pci-sysfs.c). */
static bool is_untouched(int root_fd, const char *device)
{
	_cleanup_free_ char *state = NULL;
	char path[320];

	snprintf(path, sizeof(path), "%s/driver", device);
	if (tree_exists(root_fd, path))
		return false;
	snprintf(path, sizeof(path), "%s/power_state", device);
	/* Kernels before 5.4 do not tell. */
	return tree_read_line(root_fd, path, &state) < 0 || streq(state, "unknown");
}

static bool enable(int root_fd, const char *device)
{
	char path[320];
	int r;

	snprintf(path, sizeof(path), "%s/enable", device);
	r = tree_write(root_fd, path, "1");
	if (r < 0)
		log_error("a PCI device cannot be enabled to be stopped: %s", err_text(r));
	return r == 0;
}

unsigned quiesce_pci(int root_fd)
{
	_cleanup_(strv_freep) char **devices = NULL;
	unsigned n = 0;

	(void)tree_list(root_fd, DEVICES, &devices);
	for (char **name = devices; name && *name; name++) {
		char device[300];

		snprintf(device, sizeof(device), DEVICES "/%s", *name);
		if (is_untouched(root_fd, device))
			n += enable(root_fd, device);
	}
	return n;
}
