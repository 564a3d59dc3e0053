// SPDX-License-Identifier: GPL-2.0-or-later
/* quiesce.c - devices before a kexec, see quiesce.h. */
#include "capture/quiesce.h"

#include <stdio.h>

#include "capture/log.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define DEVICES       "/sys/bus/pci/devices"
#define CLASS_STORAGE "0x01"
#define CLASS_BRIDGE  "0x06"

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

static bool enable(int root_fd, const char *device, const char *value)
{
	char path[320];
	int r;

	snprintf(path, sizeof(path), "%s/enable", device);
	r = tree_write(root_fd, path, value);
	if (r < 0)
		log_error("a PCI device cannot be enabled to be stopped: %s", err_text(r));
	return r == 0;
}

/* "0x020000": the first byte is the base class (PCI Code and ID Assignment). */
static bool is_to_be_stopped(int root_fd, const char *device)
{
	_cleanup_free_ char *class = NULL;
	char path[320];

	snprintf(path, sizeof(path), "%s/class", device);
	return tree_read_line(root_fd, path, &class) == 0 &&
	       strncmp(class, CLASS_STORAGE, 4) != 0 && strncmp(class, CLASS_BRIDGE, 4) != 0;
}

/* Calls @each for the devices that no driver has touched, and counts those that it takes. */
static unsigned for_untouched(int root_fd, bool (*each)(int root_fd, const char *device))
{
	_cleanup_(strv_freep) char **devices = NULL;
	unsigned n = 0;

	(void)tree_list(root_fd, DEVICES, &devices);
	for (char **name = devices; name && *name; name++) {
		char device[300];

		snprintf(device, sizeof(device), DEVICES "/%s", *name);
		if (is_untouched(root_fd, device))
			n += each(root_fd, device);
	}
	return n;
}

static bool stop(int root_fd, const char *device)
{
	return is_to_be_stopped(root_fd, device) && enable(root_fd, device, "1") &&
	       enable(root_fd, device, "0");
}

static bool make_known(int root_fd, const char *device)
{
	return enable(root_fd, device, "1");
}

unsigned quiesce_masters(int root_fd)
{
	return for_untouched(root_fd, stop);
}

unsigned quiesce_pci(int root_fd)
{
	return for_untouched(root_fd, make_known);
}
