// SPDX-License-Identifier: GPL-2.0-or-later
/* spool.c - keeps what comes through a pipe, or is compressed, in a file, see spool.h. */
#include "loader/crashes/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "loader/crashes/outfile.h"
#include "loader/crashes/packed.h"
#include "system/file.h"
#include "base/err.h"
#include "base/text.h"

#define COPY_SIZE MIB(1)

/* A file without a name. */
static int make(const char *dir, const char *name, const char *why, int *ret)
{
	_cleanup_free_ char *path = NULL;
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	/* Not every file system has such files. */
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		int r = text_printf(&path, "%s/kdump-lite-XXXXXX", dir);

		if (r < 0)
			return r;
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			unlink(path);
	}
	if (fd < 0)
		return errf(-errno,
		            "%s: %s, and no file to keep it can be made in %s: %s; set TMPDIR to "
		            "another directory",
		            name, why, dir, strerror(errno));
	*ret = fd;
	return 0;
}

static int copy(int from, const char *name, int to, const char *dir)
{
	_cleanup_free_ char *buf = malloc(COPY_SIZE);
	char room[OUTFILE_ROOM_MAX];
	ssize_t n;
	int r;

	if (!buf)
		return oom("a copy");
	while ((n = read(from, buf, COPY_SIZE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errf(-errno, "%s: cannot be read: %s", name, strerror(errno));
		r = file_write(to, buf, n);
		if (r < 0)
			return errf(r,
			            "%s: cannot be kept in %s: %s%s; set TMPDIR to another "
			            "directory",
			            name, dir, strerror(-r), outfile_room(to, r, room));
	}
	return 0;
}

static const char *directory(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/var/tmp";
}

int spool(int from, const char *name, int *ret_fd)
{
	const char *dir = directory();
	_cleanup_close_ int fd = -1;
	int r;

	if ((r = make(dir, name, "comes through a pipe", &fd)) < 0 ||
	    (r = copy(from, name, fd, dir)) < 0)
		return r;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int spool_packed(int from, const char *name, int *ret_fd)
{
	const char *dir = directory();
	_cleanup_close_ int fd = -1;
	char room[OUTFILE_ROOM_MAX];
	struct statvfs fs;
	int64_t n;
	int r;

	if (!packed_is(from))
		return 0;
	if ((r = make(dir, name, "is compressed", &fd)) < 0)
		return r;
	if (fstatvfs(fd, &fs) < 0)
		return errf(-errno, "%s: cannot be looked at: %s", dir, strerror(errno));
	n = packed_copy(from, name, fd, (uint64_t)fs.f_bavail * fs.f_frsize / 4 * 3);
	if (n == -EFBIG)
		return errf(n,
		            "%s: is compressed, and needs more than three quarters of what is free "
		            "in %s; set TMPDIR to another directory",
		            name, dir);
	if (n < 0 && n != -EBADMSG && n != -ENOMEM)
		return errf(n,
		            "%s: cannot be unpacked in %s: %s%s; set TMPDIR to another directory",
		            name, dir, strerror(-n), outfile_room(fd, n, room));
	if (n < 0)
		return n;
	*ret_fd = TAKE_FD(fd);
	return 1;
}
