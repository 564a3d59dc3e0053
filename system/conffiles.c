// SPDX-License-Identifier: GPL-2.0-or-later
/* conffiles.c - finds configuration files, see conffiles.h. */
#include "system/conffiles.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/text.h"
#include "system/file.h"

/* Earlier places win. */
static const char *const places[] = { "etc", "run", "usr/local/lib", "usr/lib" };

int conffiles_main(int root_fd, const char *name, char **ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char path[PATH_MAX];
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", places[i], name);
		if (fstatat(root_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			*ret = strdup(path);
			return *ret ? 0 : oom("a path");
		}
		if (errno != ENOENT)
			return errf(-errno, "/%s: cannot be read: %s", path, strerror(errno));
	}
	*ret = NULL;
	return 0;
}

static bool is_drop_in(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > strlen(".conf") &&
	       streq(name + len - strlen(".conf"), ".conf");
}

/* Adds the drop-ins of one directory that are not among the @names of earlier ones. */
static int add_directory(int root_fd, const char *directory, char ***names, char ***paths)
{
	_cleanup_(file_closedirp) DIR *dir = NULL;
	struct dirent *entry;
	int r = file_opendir_below(root_fd, directory, &dir);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return errf(r, "/%s: cannot be read: %s", directory, strerror(-r));
	while ((errno = 0, entry = readdir(dir))) {
		char path[PATH_MAX];

		if (!is_drop_in(entry->d_name) || strv_contains(*names, entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		if (strv_push(names, entry->d_name) < 0 || strv_push(paths, path) < 0)
			return oom("a list of files");
	}
	if (errno != 0)
		return errf(-errno, "/%s: cannot be read: %s", directory, strerror(errno));
	return 0;
}

/* By file name, in whatever directory the file lies. No two are equal. */
static int compare_names(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(strrchr(*x, '/'), strrchr(*y, '/'));
}

int conffiles_drop_ins(int root_fd, const char *name, conffiles_fault_fn fault, void *arg,
                       char ***ret)
{
	_cleanup_(strv_freep) char **names = NULL, **paths = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char directory[256];
		int r;

		snprintf(directory, sizeof(directory), "%s/%s.d", places[i], name);
		r = add_directory(root_fd, directory, &names, &paths);
		if (r < 0)
			r = fault(arg, r);
		if (r < 0)
			return r;
	}
	if (paths)
		qsort(paths, strv_length(paths), sizeof(*paths), compare_names);
	*ret = TAKE_PTR(paths);
	return 0;
}
