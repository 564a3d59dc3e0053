// SPDX-License-Identifier: GPL-2.0-or-later
/* entrypath.c - finds the files that an entry of the boot loader names, see entrypath.h. */
#include "loader/boot/entrypath.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "loader/system/mounts.h"
#include "system/tree.h"
#include "base/text.h"

/* Writes into @top where @dir lies in its file system: "/root/boot" if the root is a subvolume
 * "root" of btrfs and /boot no mount of its own. "": that is not known. */
static int find_top(int root_fd, const char *dir, char top[static PATH_MAX])
{
	_cleanup_(mounts_done) struct mounts mounts = {};
	const struct mount *m;
	int r = mounts_read(root_fd, &mounts);

	*top = '\0';
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	m = mounts_find(&mounts, dir);
	if (m)
		snprintf(top, PATH_MAX, "%s%s", streq(m->root, "/") ? "" : m->root,
		         mounts_below(dir, m->target));
	return 0;
}

/* Takes the file whose path from the top of the file system is @path, if @top is the place of @dir
 * in it. 1: it exists, and *@ret is its path. */
static int try_below(int root_fd, const char *dir, const char *path, const char *top, char **ret)
{
	const char *rest = *top ? mounts_below(path, top) : NULL;
	_cleanup_free_ char *found = NULL;

	if (!rest)
		return 0;
	if (asprintf(&found, "%s%s", dir, rest) < 0)
		return -ENOMEM;
	if (!tree_exists(root_fd, found))
		return 0;
	*ret = TAKE_PTR(found);
	return 1;
}

int entrypath_find(int root_fd, const char *dir, const char *path, char **ret)
{
	_cleanup_free_ char *direct = NULL, *from_top = NULL;
	char top[PATH_MAX];
	int r = 0;

	path += strspn(path, "/");
	if (asprintf(&direct, "%s/%s", dir, path) < 0 || asprintf(&from_top, "/%s", path) < 0)
		return -ENOMEM;
	if (!tree_exists(root_fd, direct)) {
		if ((r = find_top(root_fd, dir, top)) < 0)
			return r;
		r = try_below(root_fd, dir, from_top, top, ret)
		            ?: try_below(root_fd, dir, from_top, dir, ret);
	}
	if (r == 0)
		*ret = TAKE_PTR(direct);
	return MIN(r, 0);
}
