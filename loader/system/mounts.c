// SPDX-License-Identifier: GPL-2.0-or-later
/* mounts.c - what is mounted where, by libmount, see mounts.h. */
#include "loader/system/mounts.h"

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

static int parse(struct libmnt_table *table, char *text, size_t len)
{
	FILE *f = fmemopen(text, MAX(len, 1), "r");
	int r;

	if (!f)
		return oom("a table of mounts");
	r = libmount.mnt_table_parse_stream(table, f, "mountinfo");
	fclose(f);
	return r != 0 ? errf(-EBADMSG, "/proc/self/mountinfo: cannot be parsed") : 0;
}

static int add_all(struct mounts *m)
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
			.root = libmount.mnt_fs_get_root(fs) ?: "/",
			.target = libmount.mnt_fs_get_target(fs) ?: "",
			.source = libmount.mnt_fs_get_source(fs) ?: "",
			.fstype = libmount.mnt_fs_get_fstype(fs) ?: "",
			.flags = libmount.mnt_fs_get_vfs_options(fs) ?: "",
			.options = libmount.mnt_fs_get_fs_options(fs) ?: "",
			.number = libmount.mnt_fs_get_devno(fs),
		};
	}
	return 0;
}

int mounts_read(int root_fd, struct mounts *ret)
{
	_cleanup_(mounts_done) struct mounts m = {};
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r;

	if ((r = libmount_open()) < 0 ||
	    (r = tree_read(root_fd, "/proc/self/mountinfo", MIB(16), &text, &len)) < 0)
		return r;
	m.table = libmount.mnt_new_table();
	if (!m.table)
		return oom("a table of mounts");
	if ((r = parse(m.table, text, len)) < 0 || (r = add_all(&m)) < 0)
		return r;
	*ret = TAKE_STRUCT(m);
	return 0;
}

const char *mounts_below(const char *path, const char *top)
{
	size_t len = streq(top, "/") ? 0 : strlen(top);

	return strncmp(path, top, len) == 0 && (!path[len] || path[len] == '/') ? path + len : NULL;
}

const struct mount *mounts_find(const struct mounts *m, const char *path)
{
	const struct mount *best = NULL;

	for (size_t i = 0; i < m->n; i++) {
		const char *target = m->list[i].target;

		/* The deepest, and of several at one place the last. */
		if (*target && mounts_below(path, target) &&
		    (!best || strlen(target) >= strlen(best->target)))
			best = &m->list[i];
	}
	return best;
}
