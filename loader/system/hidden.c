// SPDX-License-Identifier: GPL-2.0-or-later
/* hidden.c - opens directories that a mount hides, see hidden.h. */
#include "loader/system/hidden.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>

#include "loader/system/mounts.h"
#include "system/file.h"
#include "system/tree.h"
#include "base/array.h"
#include "base/err.h"
#include "base/text.h"

void hidden_done(struct hidden *h)
{
	for (size_t i = 0; i < h->n; i++) {
		close(h->list[i].fd);
		free(h->list[i].device);
	}
	free(h->list);
	*h = (struct hidden){};
}

/* A copy of a mount has none of the mounts on it. It takes CAP_SYS_ADMIN, and Linux 5.2. */
static int open_in_copy(int root_fd, const struct mount *m, const char *rest)
{
	const char *target = m->target + strspn(m->target, "/");
	_cleanup_close_ int fd =
		open_tree(root_fd, *target ? target : ".", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return fd < 0 ? -errno : file_open_below(fd, rest, O_RDONLY | O_DIRECTORY);
}

/* The same file system may be mounted elsewhere too, as the unit has it. */
static int open_elsewhere(int root_fd, const struct mounts *all, const struct mount *m,
                          const char *rest)
{
	char whole[PATH_MAX], path[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s%s", streq(m->root, "/") ? "" : m->root, rest);
	for (size_t i = 0; i < all->n; i++) {
		const struct mount *other = &all->list[i];
		const char *below = mounts_below(whole, other->root);
		int fd;

		if (other == m || other->number != m->number || !below)
			continue;
		snprintf(path, sizeof(path), "%s%s", other->target, below);
		/* Another mount may hide it there as well. */
		if (mounts_find(all, path) != other)
			continue;
		fd = file_open_below(root_fd, path, O_RDONLY | O_DIRECTORY);
		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

/* Adds the directory @rest of @m, if it is there. */
static int add(int root_fd, const struct mounts *all, const struct mount *m, const char *rest,
               struct hidden *h)
{
	_cleanup_close_ int fd = open_in_copy(root_fd, m, rest);
	char *device;
	int r;

	if (fd < 0)
		fd = open_elsewhere(root_fd, all, m, rest);
	if (fd < 0)
		return 0;
	r = array_grow(&h->list, h->n, "a list of directories");
	if (r < 0)
		return r;
	device = strdup(m->source);
	if (!device)
		return oom("a list of directories");
	h->list[h->n++] = (struct hidden_directory){ TAKE_FD(fd), device };
	return 0;
}

/* The mount below @m: the one that holds the directory on which it lies. */
static const struct mount *below(const struct mounts *all, const struct mount *m)
{
	char parent[PATH_MAX];
	char *slash;

	snprintf(parent, sizeof(parent), "%s", m->target);
	slash = strrchr(parent, '/');
	if (!slash || streq(m->target, "/"))
		return NULL;
	*(slash == parent ? slash + 1 : slash) = '\0';
	return mounts_find(all, parent);
}

int hidden_open(int root_fd, const char *path, struct hidden *ret)
{
	_cleanup_(hidden_done) struct hidden h = {};
	_cleanup_(mounts_done) struct mounts all = {};
	_cleanup_free_ char *real = NULL;
	int r;

	if ((r = tree_realpath(root_fd, path, &real)) < 0 || (r = mounts_read(root_fd, &all)) < 0)
		return r;
	for (const struct mount *m = mounts_find(&all, real); m && (m = below(&all, m));)
		if ((r = add(root_fd, &all, m, mounts_below(real, m->target), &h)) < 0)
			return r;
	*ret = TAKE_STRUCT(h);
	return 0;
}
