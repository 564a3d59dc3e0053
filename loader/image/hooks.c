// SPDX-License-Identifier: GPL-2.0-or-later
/* hooks.c - programs of the administrator for the capture kernel, see hooks.h. */
#include "loader/image/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "config/plan.h"
#include "loader/image/closure.h"
#include "loader/image/ldcache.h"
#include "system/file.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* Names that run-parts(8) takes. Copies that editors and package managers leave have others. */
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

#define ROOT_ONLY "others than root can change it; run chown root and chmod go-w"

void hooks_done(struct hooks *h)
{
	strv_free(h->names);
	strv_free(h->paths);
	strv_free(h->files);
	strv_free(h->refused);
	*h = (struct hooks){};
}

/* Notes the error @r. Names may hold anything. */
static int refuse(struct hooks *h, int r)
{
	_cleanup_free_ char *line = r == -ENOMEM ? NULL : strdup(err_text(r));

	if (!line)
		return oom("a list of hooks");
	text_mask(line, strlen(line));
	return strv_push(&h->refused, line);
}

static int check_directory(int fd, const char *path)
{
	if (fd < 0)
		return errf(fd, "%s: %s", path, strerror(-fd));
	return file_is_private(fd) ? 0 : errf(-EPERM, "%s: " ROOT_ONLY, path);
}

static int check_file(int dir_fd, const char *name, const char *path)
{
	_cleanup_close_ int fd = file_open_entry(dir_fd, name);
	struct stat st;

	if (strspn(name, NAME_CHARACTERS) != strlen(name))
		return errf(-EINVAL, "%s: the name of a hook has only letters, digits, - and _",
		            path);
	if (fd == -ELOOP)
		return errf(fd, "%s: is a symbolic link; put the file itself there", path);
	if (fd == -EINVAL || fd == -ENODEV)
		return errf(fd, "%s: is no regular file", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return errf(fd < 0 ? fd : -errno, "%s: %s", path, strerror(fd < 0 ? -fd : errno));
	if (!file_is_private(fd))
		return errf(-EPERM, "%s: " ROOT_ONLY, path);
	return st.st_mode & S_IXUSR ? 0
	                            : errf(-EACCES, "%s: is not executable; run chmod +x", path);
}

static int take_needs(struct hooks *h, struct closure *c)
{
	if (c->needs_cache && strv_push(&c->files, LDCACHE_FILE) < 0)
		return oom("a list of files");
	for (char **f = c->files; f && *f; f++)
		if (!strv_contains(h->files, *f) && strv_push(&h->files, *f) < 0)
			return oom("a list of files");
	return 0;
}

int hooks_add(int root_fd, const char *name, const char *path, struct hooks *h)
{
	_cleanup_(closure_done) struct closure c = {};
	int r = closure_add_executable(root_fd, path, &c);

	if (r < 0)
		return r;
	if (strv_push(&h->names, name) < 0 || strv_push(&h->paths, path) < 0)
		return oom("a list of hooks");
	return take_needs(h, &c);
}

static int take_hook(struct hooks *h, int root_fd, int dir_fd, const char *name, const char *path)
{
	int r = check_file(dir_fd, name, path);

	if (r >= 0)
		r = hooks_add(root_fd, path + strlen(HOOKS_SOURCE "/"), path, h);
	return r < 0 ? refuse(h, r) : 0;
}

static int take_kind(struct hooks *h, int root_fd, int source_fd, const char *kind)
{
	_cleanup_(strv_freep) char **names = NULL;
	_cleanup_free_ char *dir = NULL;
	_cleanup_close_ int dir_fd = -1;
	int r = text_printf(&dir, HOOKS_SOURCE "/%s.d", kind);

	if (r < 0)
		return r;
	dir_fd = file_open_subdir(source_fd, strrchr(dir, '/') + 1);
	if (dir_fd == -ENOENT)
		return 0;
	if ((r = check_directory(dir_fd, dir)) < 0 || (r = tree_list(root_fd, dir, &names)) < 0)
		return refuse(h, r);
	for (char **n = names; n && *n; n++) {
		_cleanup_free_ char *path = NULL;

		if ((r = text_printf(&path, "%s/%s", dir, *n)) < 0 ||
		    (r = take_hook(h, root_fd, dir_fd, *n, path)) < 0)
			return r;
	}
	return 0;
}

static int take_program(struct hooks *h, int root_fd, const char *program)
{
	_cleanup_(closure_done) struct closure c = {};
	int r = closure_add_command(root_fd, program, &c);

	return r < 0 ? refuse(h, err_prefix(r, "HookPrograms=")) : take_needs(h, &c);
}

static int find_all(int root_fd, char *const *programs, struct hooks *h)
{
	_cleanup_close_ int source_fd =
		file_open_below(root_fd, HOOKS_SOURCE, O_DIRECTORY | O_RDONLY);
	int r;

	if (source_fd == -ENOENT)
		return 0;
	r = check_directory(source_fd, HOOKS_SOURCE);
	if (r < 0)
		return refuse(h, r);
	for (size_t i = 0; plan_hook_kinds[i]; i++)
		if ((r = take_kind(h, root_fd, source_fd, plan_hook_kinds[i])) < 0)
			return r;
	for (char *const *p = programs; h->names && p && *p; p++)
		if ((r = take_program(h, root_fd, *p)) < 0)
			return r;
	return 0;
}

int hooks_find(int root_fd, char *const *programs, struct hooks *ret)
{
	_cleanup_(hooks_done) struct hooks h = {};
	int r = find_all(root_fd, programs, &h);

	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(h);
	return 0;
}
