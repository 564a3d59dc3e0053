// SPDX-License-Identifier: GPL-2.0-or-later
/* quiesce.c - devices before a kexec, see quiesce.h. */
#include "capture/quiesce.h"

#include <fcntl.h>
#include <linux/watchdog.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "capture/log.h"
#include "system/file.h"
#include "system/tree.h"

#define DEVICES "sys/bus/pci/devices"

/* "unknown" while nothing has enabled the device in this kernel (drivers/pci/pci-sysfs.c). */
static bool is_untouched(int fd, const char *name)
{
	_cleanup_free_ char *state = NULL;
	char path[300];

	snprintf(path, sizeof(path), "%s/driver", name);
	if (faccessat(fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return false;
	snprintf(path, sizeof(path), "%s/power_state", name);
	/* Kernels before 5.4 do not tell. */
	return file_read(fd, path, KIB(4), &state, NULL) < 0 || strncmp(state, "unknown", 7) == 0;
}

static bool enable(int fd, const char *name)
{
	char path[300];
	int r;

	snprintf(path, sizeof(path), "%s/enable", name);
	r = tree_write(fd, path, "1");
	if (r < 0)
		log_error("PCI device %s cannot be enabled to be stopped: %s", name, strerror(-r));
	return r == 0;
}

unsigned quiesce_pci(int root_fd)
{
	_cleanup_(file_closedirp) DIR *dir = NULL;
	unsigned n = 0;
	struct dirent *e;

	file_opendir(root_fd, DEVICES, &dir);
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && is_untouched(dirfd(dir), e->d_name))
			n += enable(dirfd(dir), e->d_name);
	return n;
}

bool quiesce_arm_watchdog(int root_fd, unsigned seconds)
{
	int fd = tree_open(root_fd, "/dev/watchdog", O_WRONLY);
	int timeout = seconds;

	if (fd < 0)
		return false;
	/* A device with a lower maximum says -EINVAL: then what it is set to has to do. */
	if (ioctl(fd, WDIOC_SETTIMEOUT, &timeout) < 0)
		(void)ioctl(fd, WDIOC_GETTIMEOUT, &timeout);
	(void)ioctl(fd, WDIOC_KEEPALIVE, 0);
	log_info("a watchdog resets the machine unless a system is up within %d s", timeout);
	/* Closed without the magic letter it keeps running. */
	close(fd);
	return true;
}
