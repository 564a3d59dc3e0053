// SPDX-License-Identifier: GPL-2.0-or-later
/* tree.c - files of a system below the fd of its root, see tree.h. */
#include "system/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "system/file.h"
#include "base/err.h"
#include "base/text.h"

static const char *below_root(const char *path)
{
	path += strspn(path, "/");
	return *path ? path : ".";
}

int tree_open(int root_fd, const char *path, int flags)
{
	int fd = file_open_below(root_fd, path, flags);

	return fd < 0 ? errf(fd, "%s: %s", path, strerror(-fd)) : fd;
}

bool tree_exists(int root_fd, const char *path)
{
	_cleanup_close_ int fd = file_open_below(root_fd, path, O_PATH);

	return fd >= 0;
}

int tree_read(int root_fd, const char *path, size_t max, char **ret, size_t *ret_len)
{
	size_t len;
	int r = file_read_below(root_fd, path, max, ret, &len);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return errf(r, "%s: %s", path, strerror(-r));
	if (ret_len)
		*ret_len = len;
	return 0;
}

int tree_read_line(int root_fd, const char *path, char **ret)
{
	char *text;
	int r = tree_read(root_fd, path, KIB(64), &text, NULL);

	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	*ret = text;
	return 0;
}

int tree_read_u64(int root_fd, const char *path, uint64_t *ret)
{
	_cleanup_free_ char *line = NULL;
	int r = tree_read_line(root_fd, path, &line);

	if (r < 0)
		return r;
	if (text_to_u64(line, 0, ret) < 0)
		return errf(-EBADMSG, "%s: holds \"%s\" instead of a number", path, line);
	return 0;
}

int tree_write(int root_fd, const char *path, const char *text)
{
	_cleanup_close_ int fd = tree_open(root_fd, path, O_WRONLY | O_NOCTTY);

	if (fd < 0)
		return fd;
	if (write(fd, text, strlen(text)) < 0)
		return errf(-errno, "%s: %s", path, strerror(errno));
	return 0;
}

/* What the kernel calls the file behind @fd. */
static int fd_path(int fd, char buf[static PATH_MAX])
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, buf, PATH_MAX - 1);
	if (n < 0)
		return errf(-errno, "%s: %s", link, strerror(errno));
	buf[n] = '\0';
	return 0;
}

int tree_realpath(int root_fd, const char *path, char **ret)
{
	char root[PATH_MAX], real[PATH_MAX];
	size_t len;
	int r;
	_cleanup_close_ int fd = tree_open(root_fd, path, O_PATH);

	if (fd < 0)
		return fd;
	if ((r = fd_path(root_fd, root)) < 0 || (r = fd_path(fd, real)) < 0)
		return r;
	len = streq(root, "/") ? 0 : strlen(root);
	if (strncmp(real, root, len) != 0 || (real[len] && real[len] != '/'))
		return errf(-EXDEV, "%s: leads out of the tree at %s", path, root);
	*ret = strdup(real[len] ? real + len : "/");
	return *ret ? 0 : -ENOMEM;
}

int tree_link_name(int root_fd, const char *path, char **ret)
{
	char target[PATH_MAX];
	const char *slash;
	ssize_t n = -1;
	_cleanup_close_ int fd = file_open_below(root_fd, path, O_PATH | O_NOFOLLOW);

	if (fd >= 0)
		n = readlinkat(fd, "", target, sizeof(target) - 1);
	if (n < 0)
		return -ENOENT;
	target[n] = '\0';
	slash = strrchr(target, '/');
	*ret = strdup(slash ? slash + 1 : target);
	return *ret ? 0 : -ENOMEM;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int tree_list(int root_fd, const char *path, char ***ret)
{
	_cleanup_(strv_freep) char **names = NULL;
	struct dirent *entry;
	_cleanup_(file_closedirp) DIR *dir = NULL;
	int r = file_opendir_below(root_fd, path, &dir);

	if (r < 0)
		return errf(r, "%s: %s", path, strerror(-r));
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && strv_push(&names, entry->d_name) < 0)
			return oom("a list of files");
	if (names)
		qsort(names, strv_length(names), sizeof(*names), by_name);
	*ret = TAKE_PTR(names);
	return 0;
}

int tree_path(int root_fd, const char *path, char **ret)
{
	return asprintf(ret, "/proc/self/fd/%d/%s", root_fd, below_root(path)) < 0 ? -ENOMEM : 0;
}
