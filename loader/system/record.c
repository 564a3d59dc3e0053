// SPDX-License-Identifier: GPL-2.0-or-later
/* record.c - files that tell what is loaded, see record.h. */
#include "loader/system/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "system/file.h"
#include "system/tree.h"
#include "base/err.h"

#define LOCK "lock"

json_t *record_to_json(const struct field *rows, size_t n, const void *object)
{
	json_auto_t *o = json_object();

	return fields_to_json(rows, n, object, o) < 0 ? NULL : TAKE_PTR(o);
}

int record_write(const struct field *rows, size_t n, int directory_fd, const char *name,
                 const void *object)
{
	json_auto_t *o = record_to_json(rows, n, object);
	_cleanup_free_ char *text = json_dumps(o, JSON_INDENT(2));
	int r;

	if (!text)
		return errf(-EINVAL, "the command line or a path is not UTF-8");
	r = file_replace(directory_fd, name, text, strlen(text), 0644);
	return r < 0 ? errf(r, RECORD_DIRECTORY "/%s: %s", name, strerror(-r)) : 0;
}

static int read_fields(const struct field *rows, size_t n, const char *text, size_t len,
                       void *object)
{
	json_auto_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	char why[ERR_WHY] = "";
	int r;

	if (!o)
		return errf(-EBADMSG, "is no JSON");
	r = fields_from_json(rows, n, o, object, "", why);
	if (r < 0)
		return r;
	return *why ? errf(-EBADMSG, "%s", why) : fields_fill(rows, n, object);
}

int record_read(const struct field *rows, size_t n, int root_fd, const char *name, void *object)
{
	_cleanup_free_ char *text = NULL;
	char path[64];
	size_t len;
	int r;

	snprintf(path, sizeof(path), RECORD_DIRECTORY "/%s", name);
	r = tree_read(root_fd, path, MIB(1), &text, &len);
	if (r < 0)
		return r;
	r = read_fields(rows, n, text, len, object);
	if (r < 0) {
		fields_done(rows, n, object);
		return err_prefix(r, "%s", path);
	}
	return 0;
}

int record_open(int root_fd)
{
	const char *below = &RECORD_DIRECTORY[1];
	int fd;

	if (mkdirat(root_fd, "run", 0755) < 0 && errno != EEXIST)
		return errf(-errno, "/run: %s", strerror(errno));
	if (mkdirat(root_fd, below, 0755) < 0 && errno != EEXIST)
		return errf(-errno, RECORD_DIRECTORY ": %s", strerror(errno));
	fd = file_open_dir(root_fd, below);
	return fd < 0 ? errf(fd, RECORD_DIRECTORY ": %s", strerror(-fd)) : fd;
}

int record_lock(int directory_fd)
{
	_cleanup_close_ int fd = openat(directory_fd, LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return errf(-errno, RECORD_DIRECTORY "/" LOCK ": %s", strerror(errno));
	do
		r = flock(fd, LOCK_EX);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return errf(-errno, RECORD_DIRECTORY "/" LOCK ": %s", strerror(errno));
	return TAKE_FD(fd);
}
