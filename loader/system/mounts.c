// SPDX-License-Identifier: GPL-2.0-or-later
/* mounts.c - what is mounted where, by libmount, see mounts.h. */
#include "loader/system/mounts.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "system/libraries.h"
#include "system/tree.h"
#include "base/array.h"
#include "base/err.h"
#include "base/text.h"

void mounts_done(struct mounts *m)
{
	free(m->list);
	if (m->table)
		libmount.mnt_unref_table(m->table);
	*m = (struct mounts){};
}

static void iter_freep(struct libmnt_iter **iter)
{
	libmount.mnt_free_iter(*iter);
}

/* libmount sees by itself if it is a mountinfo or an fstab. */
static int parse(struct libmnt_table *table, char *text, size_t len, const char *what)
{
	FILE *f = fmemopen(text, MAX(len, 1), "r");
	int r;

	if (!f)
		return oom("a table of mounts");
	r = libmount.mnt_table_parse_stream(table, f, what);
	fclose(f);
	return r != 0 ? errf(-EBADMSG, "%s: cannot be parsed", what) : 0;
}

static int add_all(struct mounts *m, bool fstab)
{
	_cleanup_(iter_freep) struct libmnt_iter *iter = libmount.mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;

	if (!iter)
		return oom("a table of mounts");
	while (libmount.mnt_table_next_fs(m->table, iter, &fs) == 0) {
		int r = array_grow(&m->list, m->n, "a table of mounts");

		if (r < 0)
			return r;
		m->list[m->n++] = (struct mount){
			.id = libmount.mnt_fs_get_id(fs),
			.parent = libmount.mnt_fs_get_parent_id(fs),
			.root = libmount.mnt_fs_get_root(fs) ?: "/",
			.target = libmount.mnt_fs_get_target(fs) ?: "",
			.source = libmount.mnt_fs_get_source(fs) ?: "",
			.fstype = libmount.mnt_fs_get_fstype(fs) ?: "",
			.flags = libmount.mnt_fs_get_vfs_options(fs) ?: "",
			.options = (fstab ? libmount.mnt_fs_get_options(fs)
			                  : libmount.mnt_fs_get_fs_options(fs))
			                   ?: "",
			.number = libmount.mnt_fs_get_devno(fs),
		};
	}
	return 0;
}

/* An fstab has all options in one. */
static int read_table(int root_fd, const char *path, bool fstab, struct mounts *ret)
{
	_cleanup_(mounts_done) struct mounts m = {};
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r;

	if ((r = libmount_open()) < 0 || (r = tree_read(root_fd, path, MIB(16), &text, &len)) < 0)
		return r;
	m.table = libmount.mnt_new_table();
	if (!m.table)
		return oom("a table of mounts");
	if ((r = parse(m.table, text, len, path)) < 0 || (r = add_all(&m, fstab)) < 0)
		return r;
	*ret = TAKE_STRUCT(m);
	return 0;
}

int mounts_read(int root_fd, struct mounts *ret)
{
	return read_table(root_fd, "/proc/self/mountinfo", false, ret);
}

const char *mounts_below(const char *path, const char *top)
{
	size_t len = streq(top, "/") ? 0 : strlen(top);

	return strncmp(path, top, len) == 0 && (!path[len] || path[len] == '/') ? path + len : NULL;
}

/* True if @child lies on @parent; NULL: on a mount that is not in the list, as the root does. */
static bool lies_on(const struct mounts *m, const struct mount *child, const struct mount *parent)
{
	if (parent)
		return child != parent && child->parent == parent->id;
	for (size_t i = 0; i < m->n; i++)
		if (&m->list[i] != child && m->list[i].id == child->parent)
			return false;
	return true;
}

/* The mount that the way to @path meets first when it comes from @parent; of several at one place
 * the last. */
static const struct mount *step(const struct mounts *m, const char *path,
                                const struct mount *parent)
{
	const struct mount *first = NULL;

	for (size_t i = 0; i < m->n; i++) {
		const struct mount *c = &m->list[i];

		if (*c->target && mounts_below(path, c->target) && lies_on(m, c, parent) &&
		    (!first || strlen(c->target) <= strlen(first->target)))
			first = c;
	}
	return first;
}

/* The longest path alone would find what a later mount above it hides. */
const struct mount *mounts_find(const struct mounts *m, const char *path)
{
	const struct mount *found = NULL, *next;

	for (size_t i = 0; i < m->n && (next = step(m, path, found)); i++)
		found = next;
	return found;
}

static bool has_option(const struct mount *m, const char *name)
{
	return libmount.mnt_optstr_get_option(m->options, name, NULL, NULL) == 0;
}

static bool is_mounted(const struct mounts *m, const char *target)
{
	for (size_t i = 0; i < m->n; i++)
		if (streq(m->list[i].target, target))
			return true;
	return false;
}

int mounts_missing(int root_fd, const char *path, char **ret)
{
	_cleanup_(mounts_done) struct mounts fstab = {}, now = {};
	_cleanup_(strv_freep) char **missing = NULL;
	int r = read_table(root_fd, "/etc/fstab", true, &fstab);

	if (r < 0 && r != -ENOENT)
		return r;
	r = mounts_read(root_fd, &now);
	if (r < 0)
		return r;
	for (size_t i = 0; i < fstab.n; i++) {
		const struct mount *m = &fstab.list[i];

		if (*m->target != '/' || streq(m->target, "/") || !mounts_below(path, m->target) ||
		    has_option(m, "noauto") || is_mounted(&now, m->target))
			continue;
		if (strv_push(&missing, m->target) < 0)
			return oom("a list of mounts");
	}
	return strv_join(missing, " ", ret);
}

/* Mounts with them come later, or when they like (systemd.mount(5)). */
static bool is_late(const struct mount *m)
{
	static const char *const options[] = { "noauto", "nofail", "_netdev",
		                               "x-systemd.automount" };
	static const char *const types[] = { "nfs", "cifs", "smb", "ceph", "gluster", "fuse" };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (has_option(m, options[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strncmp(m->fstype, types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

int mounts_early(int root_fd, const char *path, char ***ret)
{
	_cleanup_(mounts_done) struct mounts fstab = {};
	int r = read_table(root_fd, "/etc/fstab", true, &fstab);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < fstab.n; i++) {
		const struct mount *m = &fstab.list[i];

		if (*m->target == '/' && mounts_below(path, m->target) && !is_late(m) &&
		    strv_push(ret, m->target) < 0)
			return oom("a list of mounts");
	}
	return 0;
}

int mounts_are_early(int root_fd, const char *path)
{
	_cleanup_(mounts_done) struct mounts now = {};
	_cleanup_(strv_freep) char **early = NULL;
	const struct mount *m;
	int r;

	if ((r = mounts_read(root_fd, &now)) < 0 || (r = mounts_early(root_fd, path, &early)) < 0)
		return r;
	m = mounts_find(&now, path);
	if (m && (streq(m->fstype, "tmpfs") || streq(m->fstype, "ramfs")))
		return errf(-ENODEV, "%s: is gone after a reboot", path);
	if (m && (streq(m->target, "/") || strv_contains(early, m->target)))
		return 0;
	return errf(-ENODEV, "%s: is not there early in the boot", path);
}

int mounts_unit(const char *path, char **ret)
{
	_cleanup_free_ char *name = malloc(strlen(path) * 4 + sizeof("-.mount"));
	char *to = name;

	if (!name)
		return oom("the name of a unit");
	for (const char *c = path; *c; c++) {
		if (*c == '/') {
			/* Several count as one, and none stands at the ends. */
			if (to != name && c[strspn(c, "/")] && to[-1] != '-')
				*to++ = '-';
		} else if (isalnum((unsigned char)*c) || *c == ':' || *c == '_' ||
		           (*c == '.' && to != name)) {
			*to++ = *c;
		} else {
			to += sprintf(to, "\\x%02x", (unsigned char)*c);
		}
	}
	strcpy(to, to == name ? "-.mount" : ".mount");
	*ret = TAKE_PTR(name);
	return 0;
}
