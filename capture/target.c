// SPDX-License-Identifier: GPL-2.0-or-later
/* target.c - the file system that takes the dump, see target.h. */
#include "capture/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "capture/disk.h"
#include "capture/log.h"
#include "vmcore/base/err.h"

int target_mount(const struct plan *plan)
{
	_cleanup_free_ char *device = NULL;
	int r;

	r = disk_wait(plan->device, plan->device_timeout, &device);
	if (r < 0)
		return r;
	if (mkdir(TARGET_MOUNT, 0755) < 0 && errno != EEXIST)
		return errf(-errno, "%s: %s", TARGET_MOUNT, strerror(errno));
	if (mount(device, TARGET_MOUNT, plan->fstype, MS_NOATIME | MS_NODEV | MS_NOEXEC | MS_NOSUID,
	          plan->mount_options) < 0)
		return errf(-errno, "%s (%s) cannot be mounted as %s: %s", device, plan->device,
		            plan->fstype, strerror(errno));
	log_info("target %s mounted (%s, %s)", device, plan->fstype, plan->device);
	return 0;
}

/* Opens the directory @path, relative to TARGET_MOUNT, and makes what is missing of it. */
static int target_open_path(const char *path, int *ret_fd)
{
	_cleanup_close_ int fd = open(TARGET_MOUNT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *copy = strdup(path);
	char *save = NULL;

	if (fd < 0)
		return errf(-errno, "%s: %s", TARGET_MOUNT, strerror(errno));
	if (!copy)
		return -ENOMEM;
	for (char *name = strtok_r(copy, "/", &save); name; name = strtok_r(NULL, "/", &save)) {
		int next;

		if (mkdirat(fd, name, 0700) < 0 && errno != EEXIST)
			return errf(-errno, "%s: \"%s\" cannot be made: %s", path, name,
			            strerror(errno));
		next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (next < 0)
			return errf(-errno, "%s: \"%s\" cannot be opened: %s", path, name,
			            strerror(errno));
		close(fd);
		fd = next;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int target_make_directory(const struct plan *plan, const char *name, int *ret_fd)
{
	_cleanup_close_ int parent = -1;
	int fd, r;

	r = target_open_path(plan->directory, &parent);
	if (r < 0)
		return r;
	if (mkdirat(parent, name, 0700) < 0)
		return errf(-errno, "%s/%s: cannot be made: %s", plan->directory, name,
		            strerror(errno));
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errf(-errno, "%s/%s: %s", plan->directory, name, strerror(errno));
	/* So that the directory itself outlives a power cut. */
	if (fsync(parent) < 0)
		log_error("%s: %s, going on", plan->directory, strerror(errno));
	*ret_fd = fd;
	return 0;
}

int target_unmount(void)
{
	sync();
	if (umount2(TARGET_MOUNT, 0) < 0 && errno != EINVAL && errno != ENOENT)
		return errf(-errno, "%s cannot be unmounted: %s", TARGET_MOUNT, strerror(errno));
	return 0;
}
