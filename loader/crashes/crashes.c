// SPDX-License-Identifier: GPL-2.0-or-later
/* crashes.c - finds the crash that the user means, see crashes.h. */
#include "loader/crashes/crashes.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "system/file.h"
#include "base/printable.h"
#include "base/err.h"

void crashes_done(struct crashes *c)
{
	free(c->path);
	if (c->fd >= 0)
		close(c->fd);
	crash_list_free(c->list, c->n);
	*c = CRASHES_NULL;
}

int crashes_open(const struct cli *cli, struct crashes *ret)
{
	_cleanup_(crashes_done) struct crashes c = CRASHES_NULL;
	_cleanup_(settings_done) struct settings s = {};
	int r;

	r = cli_usable_settings(cli, &s);
	if (r < 0)
		return r;
	if (asprintf(&c.path, "%s%s", cli->root, s.path) < 0) {
		c.path = NULL;
		return errf(-ENOMEM, "no memory for a path");
	}
	c.fd = file_open_dir(AT_FDCWD, c.path);
	if (c.fd < 0 && c.fd != -ENOENT)
		return errf(c.fd, "%s: cannot be read: %s", c.path, strerror(-c.fd));
	if (c.fd >= 0) {
		r = crash_list(c.fd, &c.list, &c.n);
		if (r < 0)
			return err_prefix(r, "%s", c.path);
	}
	*ret = c;
	c = CRASHES_NULL;
	return 0;
}

const char *crash_id(const char *name)
{
	const char *id = strrchr(name, '-');

	if (!id || strlen(id) != 9 || strspn(id + 1, "0123456789abcdef") != 8 ||
	    id - name != (ptrdiff_t)strlen("20261123T140501Z") || id[-1] != 'Z')
		return name;
	return id + 1;
}

/* The only crash whose name or id starts with @arg, unless one is called just so. */
static int find(const struct crashes *c, const char *arg, const struct crash **ret)
{
	const struct crash *found = NULL;

	for (size_t i = 0; i < c->n; i++) {
		const struct crash *item = &c->list[i];

		if (streq(item->name, arg)) {
			*ret = item;
			return 0;
		}
		if (strncmp(item->name, arg, strlen(arg)) != 0 &&
		    strncmp(crash_id(item->name), arg, strlen(arg)) != 0)
			continue;
		if (found)
			return errf(-ENOTUNIQ, "\"%s\" fits %s, %s and maybe others", arg,
			            found->name, item->name);
		found = item;
	}
	if (!found)
		return errf(-ENOENT, "%s: no crash is called so", c->path);
	*ret = found;
	return 0;
}

void subject_done(struct subject *s)
{
	crash_done(&s->crash);
	free(s->path);
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	*s = SUBJECT_NULL;
}

static int open_listed(const struct crashes *c, const struct crash *item, struct subject *s)
{
	int r;

	if (asprintf(&s->path, "%s/%s", c->path, item->name) < 0) {
		s->path = NULL;
		return errf(-ENOMEM, "no memory for a path");
	}
	s->dir_fd = file_open_dir(c->fd, item->name);
	if (s->dir_fd < 0)
		return errf(s->dir_fd, "%s: cannot be opened: %s", s->path, strerror(-s->dir_fd));
	r = crash_load(c->fd, item->name, &s->crash);
	return r;
}

/* A crash directory by its path, wherever it lies. */
static int open_directory(struct subject *s)
{
	char *slash = strrchr(s->path, '/');
	_cleanup_close_ int parent = -1;

	/* The path is real, so there is a slash, and nothing but the root directory ends in one. */
	*slash = '\0';
	parent = file_open_dir(AT_FDCWD, *s->path ? s->path : "/");
	*slash = '/';
	if (parent >= 0)
		s->dir_fd = file_open_dir(AT_FDCWD, s->path);
	if (parent < 0 || s->dir_fd < 0) {
		int r = parent < 0 ? parent : s->dir_fd;

		return errf(r, "%s: cannot be opened: %s", s->path, strerror(-r));
	}
	return crash_load(parent, slash[1] ? slash + 1 : ".", &s->crash);
}

static int open_path(const char *arg, struct subject *s)
{
	struct stat st;

	s->path = realpath(arg, NULL);
	if (!s->path || stat(s->path, &st) < 0)
		return errf(-errno, "%s: cannot be opened: %s", arg, strerror(errno));
	return S_ISDIR(st.st_mode) ? open_directory(s) : crash_fill(&s->crash);
}

static int open_named(const struct cli *cli, const char *arg, struct subject *s)
{
	_cleanup_(crashes_done) struct crashes c = CRASHES_NULL;
	const struct crash *item;
	int r;

	r = crashes_open(cli, &c);
	if (r < 0)
		return r;
	if (arg && !streq(arg, "last")) {
		r = find(&c, arg, &item);
		if (r == -ENOENT && access(arg, F_OK) == 0)
			return open_path(arg, s);
		if (r < 0)
			return r;
	} else if (c.n == 0) {
		return errf(-ENOENT, "%s: no crashes found", c.path);
	} else {
		item = &c.list[c.n - 1];
	}
	return open_listed(&c, item, s);
}

int subject_open(const struct cli *cli, const char *arg, struct subject *ret)
{
	_cleanup_(subject_done) struct subject s = SUBJECT_NULL;
	int r;

	r = arg && strchr(arg, '/') ? open_path(arg, &s) : open_named(cli, arg, &s);
	if (r < 0)
		return r;
	*ret = s;
	s = SUBJECT_NULL;
	return 0;
}

int subject_dump(const struct subject *s, char **ret)
{
	const char *dump = s->crash.dump ? s->crash.dump : "";
	bool alone = s->dir_fd < 0;
	char *path;

	if (asprintf(&path, "%s%s%s", alone || *dump ? s->path : "", *dump ? "/" : "", dump) < 0)
		return errf(-ENOMEM, "no memory for a path");
	*ret = path;
	return 0;
}

int crashes_json(const struct crash *c, const char *path, json_t **ret)
{
	const char *const extra[][2] = { { "name", *c->name ? c->name : NULL },
		                         { "path", path },
		                         { "fault", c->fault } };
	json_t *o;
	int r;

	r = crash_to_json(c, &o);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(extra); i++) {
		_cleanup_free_ char *clean = NULL;

		if (!extra[i][1])
			continue;
		r = printable(extra[i][1], strlen(extra[i][1]), false, &clean);
		if (r == 0 && json_object_set_new(o, extra[i][0], json_string(clean)) < 0)
			r = errf(-ENOMEM, "no memory for JSON");
		if (r < 0) {
			json_decref(o);
			return r;
		}
	}
	*ret = o;
	return 0;
}

size_t crashes_counts(const struct crash_pages *p, struct origin_count ret[static ORIGIN_COUNTS])
{
	const struct origin_count all[] = {
		{ "in all", "total", p->total },
		{ "saved", "saved", p->saved },
		{ "of them zero", "zero", p->zero },
		{ "free", "free", p->free },
		{ "page cache", "cache", p->cache },
		{ "private cache", "private_cache", p->private_cache },
		{ "programs", "user", p->user },
		{ "broken", "hwpoison", p->hwpoison },
		{ "offline", "offline", p->offline },
		{ "unaccepted", "unaccepted", p->unaccepted },
		{ "unreadable", "unreadable", p->unreadable },
	};
	_Static_assert(ARRAY_SIZE(all) <= ORIGIN_COUNTS, "room for all classes");

	memcpy(ret, all, sizeof(all));
	return ARRAY_SIZE(all);
}

int crashes_print_json(json_t *o)
{
	int r = json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));

	json_decref(o);
	if (r < 0)
		return errf(-EIO, "the output cannot be written");
	putchar('\n');
	return 0;
}
