// SPDX-License-Identifier: GPL-2.0-or-later
/* target.c - the file system that takes the dump, see target.h. */
#include "capture/target.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "capture/disk.h"
#include "capture/log.h"
#include "config/crashdir.h"
#include "system/file.h"
#include "system/tree.h"
#include "base/err.h"

int target_mount_at(const struct os *os, const struct target_mount *m, const char *place)
{
	const struct disk_wanted wanted = { .tag = m->device, .facts = m->facts };
	_cleanup_(disk_done) struct disk disk = {};
	int r = disk_wait(os->root_fd, &wanted, m->timeout, &disk);

	if (r < 0)
		return r;
	if (mkdirat(os->root_fd, place + strspn(place, "/"), 0755) < 0 && errno != EEXIST)
		return errf(-errno, "%s: cannot be made: %s", place, strerror(errno));
	if (*disk.remark)
		log_info("%s is taken for %s: %s", disk.path, m->device, disk.remark);
	if (os->mount(disk.path, place, m->fstype,
	              MS_NOATIME | MS_NODEV | MS_NOEXEC | MS_NOSUID |
	                      (m->read_only ? MS_RDONLY : 0),
	              m->options) < 0)
		return errf(-errno, "%s (%s) cannot be mounted as %s: %s", disk.path, m->device,
		            m->fstype, strerror(errno));
	log_info("%s mounted at %s (%s, %s)", disk.path, place, m->fstype, m->device);
	return 0;
}

int target_mount(const struct os *os, const struct plan *plan)
{
	const struct target_mount m = {
		.device = plan->device,
		.facts = plan->device_facts,
		.fstype = plan->fstype,
		.options = plan->mount_options,
		.timeout = plan->capture.device_timeout,
	};

	return target_mount_at(os, &m, TARGET_MOUNT);
}

/* Opens the directory @name of @parent_fd, which is made when it is not there. */
static int open_part(int parent_fd, const char *path, const char *name)
{
	int fd;

	if (mkdirat(parent_fd, name, 0700) < 0 && errno != EEXIST)
		return errf(-errno, "%s: \"%s\" cannot be made: %s", path, name, strerror(errno));
	fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errf(-errno, "%s: \"%s\" cannot be opened: %s", path, name, strerror(errno));
	return fd;
}

int target_open_parent(const struct os *os, const struct plan *plan)
{
	const char *path = plan->directory;
	_cleanup_close_ int fd = tree_open(os->root_fd, TARGET_MOUNT, O_RDONLY | O_DIRECTORY);
	_cleanup_free_ char *copy = strdup(path);
	char *save = NULL;

	if (fd < 0)
		return fd;
	if (!copy)
		return oom("the path of the target");
	for (char *name = strtok_r(copy, "/", &save); name; name = strtok_r(NULL, "/", &save)) {
		int next = open_part(fd, path, name);

		if (next < 0)
			return next;
		close(fd);
		fd = next;
	}
	return TAKE_FD(fd);
}

int target_drop_reserve(const struct os *os, const struct plan *plan)
{
	_cleanup_close_ int fd = target_open_parent(os, plan);

	if (fd < 0)
		return fd;
	/* ext4 gives the blocks of a file to others only when its removal is on the disk. */
	if (unlinkat(fd, CRASH_RESERVE, 0) < 0 || syncfs(fd) < 0)
		return errf(-errno, "%s/" CRASH_RESERVE ": %s", plan->directory, strerror(errno));
	return 0;
}

int target_make_directory(const struct os *os, const struct plan *plan, const char *name,
                          int *ret_fd)
{
	_cleanup_close_ int parent_fd = target_open_parent(os, plan);
	int fd;

	if (parent_fd < 0)
		return parent_fd;
	if (mkdirat(parent_fd, name, 0700) < 0)
		return errf(-errno, "%s/%s: cannot be made: %s", plan->directory, name,
		            strerror(errno));
	fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errf(-errno, "%s/%s: %s", plan->directory, name, strerror(errno));
	/* So that the directory itself outlives a power cut. */
	if (fsync(parent_fd) < 0)
		log_error("%s: %s, going on", plan->directory, strerror(errno));
	*ret_fd = fd;
	return 0;
}

int target_open_directory(const struct os *os, const struct plan *plan, const char *name,
                          int *ret_parent_fd, int *ret_fd)
{
	int parent_fd = target_open_parent(os, plan), fd;

	if (parent_fd < 0)
		return parent_fd;
	fd = file_open_subdir(parent_fd, name);
	if (fd < 0) {
		close(parent_fd);
		return errf(fd, "%s/%s: %s", plan->directory, name, strerror(-fd));
	}
	*ret_parent_fd = parent_fd;
	*ret_fd = fd;
	return 0;
}

int target_unmount(const struct os *os)
{
	static const char *const places[] = { TARGET_MOUNT, TARGET_PRODUCTION };
	int r = 0;

	os->sync();
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (os->umount2(places[i], 0) < 0 && errno != EINVAL && errno != ENOENT)
			r = errf(-errno, "%s: cannot be unmounted: %s", places[i], strerror(errno));
	return r;
}
