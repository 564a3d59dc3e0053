// SPDX-License-Identifier: GPL-2.0-or-later
/* modules.c - modules in load order, see modules.h. */
#include "loader/system/modules.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "system/libraries.h"
#include "system/tree.h"
#include "loader/system/unpack.h"
#include "base/err.h"
#include "base/text.h"

/* Modules of today are up to 10M (GPU drivers); the limit is against broken files. */
#define MODULE_MAX MIB(64)

void modules_done(struct modules *m)
{
	m->names = strv_free(m->names);
	m->paths = strv_free(m->paths);
	m->options = strv_free(m->options);
}

/* One resolution. */
struct resolver {
	const struct modules_request *req;
	struct kmod_ctx *ctx; /* NULL: a kernel without modules */
	char *directory;      /* of the modules, below the root */
	size_t skip;          /* length of what tree_path() puts before a path */
	char **visited;
	char **running; /* words of the running kernel's command line */
	struct modules found;
};

static void resolver_done(struct resolver *s)
{
	free(s->directory);
	strv_free(s->visited);
	strv_free(s->running);
	modules_done(&s->found);
	if (s->ctx)
		libkmod.kmod_unref(s->ctx);
}

/* The library must not write to our stderr. */
static void no_log(void *data, int priority, const char *file, int line, const char *fn,
                   const char *format, va_list args)
{
}

/* Where modprobe.d(5) has its files; their aliases and soft dependencies count here too. */
static int config_paths(int root_fd, char ***ret)
{
	static const char *const places[] = { "/etc/modprobe.d", "/run/modprobe.d",
		                              "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
		                              "/lib/modprobe.d" };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_free_ char *path = NULL;

		r = tree_path(root_fd, places[i], &path);
		if (r < 0)
			return r;
		if (strv_push(ret, path) < 0)
			return oom("a list of paths");
	}
	return 0;
}

static int open_index(struct resolver *s)
{
	static const char *const places[] = { "/usr/lib/modules/", "/lib/modules/" };
	_cleanup_(strv_freep) char **config = NULL;
	_cleanup_free_ char *directory = NULL, *index = NULL, *cmdline = NULL;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(places) && !s->directory; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s%s", places[i], s->req->release);
		if (!tree_exists(s->req->root_fd, path))
			continue;
		s->directory = strdup(path);
		if (!s->directory)
			return oom("a path");
	}
	if (!s->directory) /* a kernel without modules; the look-ups then find nothing */
		return 0;
	if (asprintf(&index, "%s/modules.dep.bin", s->directory) < 0)
		return oom("a path");
	if (!tree_exists(s->req->root_fd, index))
		return errf(-ENOENT, "%s: is not there; run depmod -a %s", index, s->req->release);
	if ((r = tree_path(s->req->root_fd, s->directory, &directory)) < 0 ||
	    (r = config_paths(s->req->root_fd, &config)) < 0)
		return r;
	s->skip = strlen(directory) - strlen(s->directory);
	r = libkmod_open();
	if (r < 0)
		return r;
	s->ctx = libkmod.kmod_new(directory, (const char *const *)config);
	if (!s->ctx)
		return oom("libkmod");
	libkmod.kmod_set_log_fn(s->ctx, no_log, NULL);
	return tree_read_line(s->req->root_fd, "/proc/cmdline", &cmdline) < 0
	               ? 0
	               : strv_split(&s->running, cmdline, true);
}

/* libkmod adds those of the command line that it runs under. What is left of them for the capture
 * is decided elsewhere (cmdline.h), as is that nothing of it may panic. */
static bool is_wanted(const struct resolver *s, const char *option)
{
	return !strv_contains(s->running, option) && !strstr(option, "panic");
}

static int add_options(struct resolver *s, struct kmod_module *mod)
{
	_cleanup_(strv_freep) char **words = NULL;
	const char *options = libkmod.kmod_module_get_options(mod);
	int r = options ? strv_split(&words, options, true) : 0;

	if (r < 0)
		return oom("the options of a module");
	for (char **w = words; w && *w; w++) {
		_cleanup_free_ char *option = NULL;

		r = text_printf(&option, "%s.%s", libkmod.kmod_module_get_name(mod), *w);
		if (r < 0)
			return r;
		if (is_wanted(s, option) && strv_push(&s->found.options, option) < 0)
			return oom("the options of a module");
	}
	return 0;
}

static int visit(struct resolver *s, struct kmod_module *mod);

static void list_freep(struct kmod_list **list)
{
	if (*list)
		libkmod.kmod_module_unref_list(*list);
}

static void module_freep(struct kmod_module **mod)
{
	libkmod.kmod_module_unref(*mod);
}

static int visit_list(struct resolver *s, struct kmod_list *list)
{
	for (struct kmod_list *item = list; item; item = libkmod.kmod_list_next(list, item)) {
		_cleanup_(module_freep) struct kmod_module *mod =
			libkmod.kmod_module_get_module(item);
		int r = visit(s, mod);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Adds @mod behind what has to come before it. */
static int visit(struct resolver *s, struct kmod_module *mod)
{
	const char *name = libkmod.kmod_module_get_name(mod),
		   *path = libkmod.kmod_module_get_path(mod);
	_cleanup_(list_freep) struct kmod_list *before = NULL, *needed = NULL, *after = NULL;
	int r;

	if (strv_contains(s->visited, name))
		return 0;
	if (strv_push(&s->visited, name) < 0)
		return oom("a list of modules");
	(void)libkmod.kmod_module_get_softdeps(mod, &before, &after);
	r = visit_list(s, before);
	if (r < 0)
		return r;
	needed = libkmod.kmod_module_get_dependencies(mod);
	r = visit_list(s, needed);
	if (r < 0)
		return r;
	/* Without a file it is built in: only its soft dependencies count. */
	if (path && (strv_push(&s->found.names, name) < 0 ||
	             strv_push(&s->found.paths, path + s->skip) < 0))
		return oom("a list of modules");
	r = path ? add_options(s, mod) : 0;
	return r < 0 ? r : visit_list(s, after);
}

/* 1: there, or built in; 0: nothing of that name. */
static int look_up(struct resolver *s, const char *name)
{
	_cleanup_(list_freep) struct kmod_list *list = NULL;
	int r;

	if (!s->ctx)
		return 0;
	r = libkmod.kmod_module_new_from_lookup(s->ctx, name, &list);
	if (r < 0 || !list)
		return r == -ENOMEM ? r : 0;
	r = visit_list(s, list);
	return r < 0 ? r : 1;
}

/* What /sys says of a module of the running kernel. */
enum presence { ABSENT, BUILT_IN, LOADED };

/* Only a module that was loaded has a state (kernel/module/sysfs.c, 6.12). A built-in one is there
 * if it has a driver or parameters. */
static enum presence look_in_sys(int root_fd, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/module/%s/initstate", name);
	if (tree_exists(root_fd, path))
		return LOADED;
	*strrchr(path, '/') = '\0';
	return tree_exists(root_fd, path) ? BUILT_IN : ABSENT;
}

static int refuse_missing(const struct resolver *s, const char *what, const char *name)
{
	if (!s->directory)
		return errf(-ENOENT,
		            "%s %s: the modules of kernel %s are not there (/lib/modules/%s); "
		            "reboot if that kernel was removed, or install its package",
		            what, name, s->req->release, s->req->release);
	return errf(-ENOENT, "%s %s: no module for kernel %s; install the package that has it",
	            what, name, s->req->release);
}

static int require(struct resolver *s, const char *name)
{
	int r = look_up(s, name);

	/* Drivers that are built in have a link to a module too, and indexes may be gone. */
	if (r != 0 || (s->req->running && look_in_sys(s->req->root_fd, name) == BUILT_IN))
		return MIN(r, 0);
	return refuse_missing(s, "module", name);
}

static int require_named(struct resolver *s, const char *name)
{
	int r = require(s, name);

	return r == -ENOENT ? err_suffix(r, ", or correct Modules=") : r;
}

/* What a file system asks for when it is mounted and does not name as a soft dependency. */
static const struct {
	const char *fstype;
	const char *module;
} at_mount[] = {
	{ "vfat", "nls_cp437" }, { "vfat", "nls_ascii" }, { "vfat", "nls_iso8859-1" },
	{ "vfat", "nls_utf8" },  { "exfat", "nls_utf8" }, { "ext4", "crc32c" },
	{ "ext3", "crc32c" },    { "xfs", "crc32c" },     { "btrfs", "crc32c" },
	{ "f2fs", "crc32" },     { "f2fs", "crc32c" },
};

/* True when the running kernel knows @fstype, and not from a module that is loaded. */
static bool built_in_fstype(int root_fd, const char *fstype)
{
	_cleanup_free_ char *text = NULL;
	char *save = NULL;

	/* ext4 serves them all. */
	if (look_in_sys(root_fd, fstype) == LOADED ||
	    (strncmp(fstype, "ext", 3) == 0 && look_in_sys(root_fd, "ext4") == LOADED))
		return false;
	if (tree_read(root_fd, "/proc/filesystems", KIB(64), &text, NULL) < 0)
		return false;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strrchr(line, '\t') && streq(strrchr(line, '\t') + 1, fstype))
			return true;
	return false;
}

static int find_fstype(struct resolver *s, const char *fstype)
{
	char alias[64];
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(at_mount); i++)
		if (streq(at_mount[i].fstype, fstype) && (r = look_up(s, at_mount[i].module)) < 0)
			return r;
	snprintf(alias, sizeof(alias), "fs-%s", fstype);
	r = look_up(s, alias);
	if (r != 0)
		return MIN(r, 0);
	r = look_up(s, fstype);
	if (r != 0)
		return MIN(r, 0);
	return built_in_fstype(s->req->root_fd, fstype) ? 0
	                                                : refuse_missing(s, "file system", fstype);
}

int modules_resolve(const struct modules_request *req, struct modules *ret)
{
	_cleanup_(resolver_done) struct resolver s = { .req = req };
	int r = open_index(&s);

	if (r < 0)
		return r;
	for (char *const *m = req->first; m && *m; m++)
		if ((r = look_up(&s, *m)) < 0)
			return r;
	for (char *const *m = req->required; m && *m; m++)
		if ((r = require(&s, *m)) < 0)
			return r;
	for (char *const *m = req->named; m && *m; m++)
		if ((r = require_named(&s, *m)) < 0)
			return r;
	for (char *const *m = req->optional; m && *m; m++)
		if ((r = look_up(&s, *m)) < 0)
			return r;
	for (const char *const *f = req->fstypes; f && *f; f++)
		if ((r = find_fstype(&s, *f)) < 0)
			return r;
	*ret = TAKE_STRUCT(s.found);
	return 0;
}

int modules_read(int root_fd, const char *path, void **ret, size_t *ret_len)
{
	_cleanup_free_ char *packed = NULL;
	size_t len;
	int r = tree_read(root_fd, path, MODULE_MAX, &packed, &len);

	return r < 0 ? r : unpack(packed, len, MODULE_MAX, path, ret, ret_len);
}
