// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * entrypath.c - finds the files that an entry of the boot loader names, see entrypath.h.
 *
 * A line of mountinfo has in its fourth field the directory of the file system that is mounted, and
 * in its fifth where it is mounted (proc_pid_mountinfo(5)):
 *
 *	36 1 0:31 /root / rw,relatime shared:1 - btrfs /dev/vda3 rw,subvol=/root
 */
#include "loader/boot/entrypath.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "system/tree.h"
#include "base/text.h"

/* The part of @path behind the directory @top, with its slash; NULL when it is not below @top. */
static const char *below(const char *path, const char *top)
{
	size_t len = streq(top, "/") ? 0 : strlen(top);

	return strncmp(path, top, len) == 0 && (!path[len] || path[len] == '/') ? path + len : NULL;
}

/* Writes into @top where @dir lies in its file system: "/root/boot" in the example, if /boot is no
 * mount of its own. Of several mounts at one place the last counts. */
static void find_top(int root_fd, const char *dir, char top[static PATH_MAX])
{
	_cleanup_free_ char *text = NULL;
	size_t depth = 0;

	*top = '\0';
	if (tree_read(root_fd, "/proc/self/mountinfo", MIB(16), &text, NULL) < 0)
		return;
	for (char *save = NULL, *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char root[PATH_MAX], target[PATH_MAX];
		const char *rest;

		if (sscanf(line, "%*s %*s %*s %4095s %4095s", root, target) != 2)
			continue;
		rest = below(dir, target);
		if (!rest || strlen(target) < depth)
			continue;
		depth = strlen(target);
		snprintf(top, PATH_MAX, "%.*s%s", (int)(streq(root, "/") ? 0 : strlen(root)), root,
		         rest);
	}
}

/* Takes the file whose path from the top of the file system is @path, if @top is the place of @dir
 * in it. 1: it exists, and *@ret is its path. */
static int try_below(int root_fd, const char *dir, const char *path, const char *top, char **ret)
{
	const char *rest = *top ? below(path, top) : NULL;
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
		find_top(root_fd, dir, top);
		r = try_below(root_fd, dir, from_top, top, ret)
		            ?: try_below(root_fd, dir, from_top, dir, ret);
	}
	if (r == 0)
		*ret = TAKE_PTR(direct);
	return MIN(r, 0);
}
