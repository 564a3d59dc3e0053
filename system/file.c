// SPDX-License-Identifier: GPL-2.0-or-later
/* file.c - small files, read and written whole, see file.h. */
#include "system/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/err.h"

#define OPEN_TRIES 1000

/* Reads until the end, since sizes in /proc and /sys are no help. */
static int read_all(int fd, size_t max, char **ret, size_t *ret_len)
{
	_cleanup_free_ char *data = NULL;
	size_t len = 0, room = 0;
	ssize_t n;

	do {
		if (room - len < 2) {
			size_t grown = room ? room * 2 : 4096;
			char *p = realloc(data, grown);

			if (!p)
				return -ENOMEM;
			data = p;
			room = grown;
		}
		n = read(fd, data + len, room - len - 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			len += n;
		if (len > max)
			return -EFBIG;
	} while (n != 0);
	data[len] = '\0';
	*ret = TAKE_PTR(data);
	if (ret_len)
		*ret_len = len;
	return 0;
}

static bool is_system_root(int fd)
{
	struct stat st, root;

	return fstat(fd, &st) == 0 && stat("/", &root) == 0 && st.st_dev == root.st_dev &&
	       st.st_ino == root.st_ino;
}

/* A path with ".." is refused while anything on the system is renamed or mounted, since it might
 * lead out then; the next try goes well (openat2(2), EAGAIN). */
static int open_in_root(int root_fd, const char *path, struct open_how *how)
{
	int fd = -1;

	for (unsigned left = OPEN_TRIES; left > 0; left--) {
		fd = syscall(SYS_openat2, root_fd, path, how, sizeof(*how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd;
}

int file_open_below(int root_fd, const char *path, int flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	int fd = -1;

	path += strspn(path, "/");
	if (!*path)
		path = ".";
	/* The links below /proc/self/fd go with the root of the system only. */
	errno = ENOSYS;
	if (!is_system_root(root_fd))
		fd = open_in_root(root_fd, path, &how);
	/* Before Linux 5.6, or where a sandbox does not know the call. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(root_fd, path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* O_NONBLOCK: a FIFO in the place of a file must not stop us. */
#define REGULAR_FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

/* Gives @fd back when it is a regular file. Takes it over. */
static int check_regular(int opened)
{
	_cleanup_close_ int fd = opened;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		return -ENODEV;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return TAKE_FD(fd);
}

int file_read(int dir_fd, const char *path, size_t max, char **ret, size_t *ret_len)
{
	int opened = openat(dir_fd, path, REGULAR_FLAGS);
	_cleanup_close_ int fd = check_regular(opened < 0 ? -errno : opened);

	return fd < 0 ? fd : read_all(fd, max, ret, ret_len);
}

int file_read_below(int root_fd, const char *path, size_t max, char **ret, size_t *ret_len)
{
	_cleanup_close_ int fd = check_regular(file_open_below(root_fd, path, REGULAR_FLAGS));

	return fd < 0 ? fd : read_all(fd, max, ret, ret_len);
}

int file_open_entry(int dir_fd, const char *name)
{
	int opened = openat(dir_fd, name, REGULAR_FLAGS | O_NOFOLLOW);

	return check_regular(opened < 0 ? -errno : opened);
}

int file_read_entry(int dir_fd, const char *name, size_t max, char **ret, size_t *ret_len)
{
	_cleanup_close_ int fd = file_open_entry(dir_fd, name);

	return fd < 0 ? fd : read_all(fd, max, ret, ret_len);
}

ssize_t file_pread(int fd, void *buf, size_t len, uint64_t offset)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = pread(fd, (char *)buf + got, len - got, offset + got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += n;
	}
	return got;
}

int file_write(int fd, const void *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data = (const char *)data + n;
		len -= n;
	}
	return 0;
}

/* Writes and syncs the temporary file. One that is there already may be open elsewhere, or be a
 * link or a FIFO: it is removed, and whoever makes it again in this moment makes us fail. */
static int write_temporary(int dir_fd, const char *temporary, const void *data, size_t len,
                           mode_t mode)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (unlinkat(dir_fd, temporary, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0700);
	if (fd < 0 || fchmod(fd, mode) < 0)
		return -errno;
	r = file_write(fd, data, len);
	if (r < 0)
		return r;
	return fsync(fd) < 0 ? -errno : 0;
}

int file_replace(int dir_fd, const char *name, const void *data, size_t len, mode_t mode)
{
	_cleanup_free_ char *temporary = NULL;
	int r;

	if (asprintf(&temporary, ".%s.new", name) < 0) {
		temporary = NULL;
		return errf(-ENOMEM, "%s: no memory", name);
	}
	r = write_temporary(dir_fd, temporary, data, len, mode);
	if (r == 0 && renameat(dir_fd, temporary, dir_fd, name) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlinkat(dir_fd, temporary, 0);
		return errf(r, "%s: cannot be written: %s", name, strerror(-r));
	}
	if (fsync(dir_fd) < 0)
		return errf(-errno, "%s: its directory cannot be synced: %s", name,
		            strerror(errno));
	return 0;
}

int file_open_dir(int dir_fd, const char *path)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int file_open_subdir(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

bool file_is_private(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_uid == 0 || st.st_uid == geteuid()) &&
	       (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Takes over @opened, which may be an error. */
static int list_dir(int opened, DIR **ret)
{
	_cleanup_close_ int fd = opened;
	DIR *dir;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir)
		return -errno;
	(void)TAKE_FD(fd);
	*ret = dir;
	return 0;
}

int file_opendir(int dir_fd, const char *path, DIR **ret)
{
	return list_dir(file_open_dir(dir_fd, path), ret);
}

int file_opendir_below(int root_fd, const char *path, DIR **ret)
{
	return list_dir(file_open_below(root_fd, path, O_RDONLY | O_DIRECTORY), ret);
}

void file_closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}
