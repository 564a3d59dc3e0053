// SPDX-License-Identifier: GPL-2.0-or-later
/* crashes.c - the saved crashes of a system, see crashes.h. */
#include "loader/crashes/crashes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "loader/crashes/crashlog.h"
#include "loader/crashes/unclean.h"
#include "system/file.h"
#include "vmcore/text/json-kit.h"
#include "base/err.h"
#include "base/text.h"

void crashes_done(struct crashes *c)
{
	free(c->path);
	if (c->fd >= 0)
		close(c->fd);
	crash_list_free(c->list, c->n);
	hidden_done(&c->hidden);
	free(c->ends);
	*c = CRASHES_NULL;
}

/* Links may have led elsewhere than the same path would from the root of this system. */
static int name_as_opened(struct crashes *c)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", c->fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return 0;
	path[n] = '\0';
	return text_replace(&c->path, path) < 0 ? oom("a path") : 0;
}

static int add_fault(struct crash *item, const char *device)
{
	_cleanup_free_ char *fault = NULL;
	int r = text_printf(
		&fault, "lies on %s, hidden by a mount; its name or id is enough to read it%s%s",
		device, item->fault ? "; " : "", item->fault ?: "");

	return r < 0 ? r : text_replace(&item->fault, fault);
}

/* Adds the crashes of the directory @fd at the end of the list. */
static int add_crashes(struct crashes *c, int fd)
{
	struct crash *more = NULL, *all;
	size_t n;
	int r = crash_list(fd, &more, &n);

	if (r < 0)
		return r;
	all = realloc(c->list, (c->n + n + 1) * sizeof(*all));
	if (!all) {
		crash_list_free(more, n);
		return oom("a list of crashes");
	}
	if (n > 0)
		memcpy(all + c->n, more, n * sizeof(*more));
	free(more);
	c->list = all;
	c->n += n;
	return 0;
}

static int add_hidden(struct crashes *c, const struct hidden_directory *dir)
{
	size_t before = c->n;
	int r = add_crashes(c, dir->fd);

	/* One that cannot be read may hold anything but crashes. */
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = before; i < c->n; i++) {
		struct crash *item = &c->list[i];

		if ((!*item->kernel_release && (r = crashlog_learn(dir->fd, item)) < 0) ||
		    (r = add_fault(item, dir->device)) < 0)
			return r;
	}
	return 0;
}

static int list_hidden(const struct cli *cli, const char *path, struct crashes *c)
{
	int r = hidden_open(cli->root_fd, path, &c->hidden);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	c->ends = calloc(c->hidden.n + 1, sizeof(*c->ends));
	if (!c->ends)
		return oom("a list of crashes");
	for (size_t i = 0; i < c->hidden.n; i++) {
		r = add_hidden(c, &c->hidden.list[i]);
		if (r < 0)
			return r;
		c->ends[i] = c->n;
	}
	return 0;
}

int crashes_open_directory(const struct crashes *c, const struct crash *item)
{
	for (size_t i = 0; i < c->hidden.n; i++)
		if ((size_t)(item - c->list) < c->ends[i])
			return file_open_subdir(c->hidden.list[i].fd, item->name);
	return file_open_subdir(c->fd, item->name);
}

int crashes_open(const struct cli *cli, struct crashes *ret)
{
	_cleanup_(crashes_done) struct crashes c = CRASHES_NULL;
	_cleanup_(settings_done) struct settings s = {};
	int r;

	if ((r = cli_usable_settings(cli, &s)) < 0 ||
	    (r = text_printf(&c.path, "%s%s", cli->root, s.path)) < 0)
		return r;
	c.fd = file_open_below(cli->root_fd, s.path, O_RDONLY | O_DIRECTORY);
	if (c.fd >= 0 && *cli->root && (r = name_as_opened(&c)) < 0)
		return r;
	if (c.fd < 0 && c.fd != -ENOENT)
		return errf(c.fd, "%s: cannot be read: %s", c.path, strerror(-c.fd));
	if (c.fd >= 0 && !*cli->root && (r = list_hidden(cli, s.path, &c)) < 0)
		return r;
	if (c.fd >= 0) {
		r = add_crashes(&c, c.fd);
		if (r < 0)
			return err_prefix(r, "%s", c.path);
	}
	*ret = c;
	c = CRASHES_NULL;
	return 0;
}

int crashes_count(int root_fd, const char *path, json_t **ret)
{
	_cleanup_(crashes_done) struct crashes c = CRASHES_NULL;
	_cleanup_(uncleans_done) struct uncleans u = {};
	unsigned counts[CRASH_FAILED + 1] = {};
	json_auto_t *o = json_object();
	int r;

	c.fd = file_open_below(root_fd, path, O_RDONLY | O_DIRECTORY);
	if (c.fd < 0 && c.fd != -ENOENT)
		return errf(c.fd, "%s: cannot be read: %s", path, strerror(-c.fd));
	if ((c.fd >= 0 && (r = crash_list(c.fd, &c.list, &c.n)) < 0) ||
	    (r = uncleans_find(root_fd, &u)) < 0)
		return r;
	for (size_t i = 0; i < c.n; i++)
		counts[c.list[i].outcome]++;
	for (enum crash_outcome s = CRASH_UNKNOWN; s <= CRASH_FAILED; s++)
		json_object_set_new(o, crash_outcome_name(s), json_integer(counts[s]));
	if (json_object_set_new(o, UNCLEAN_STATE, json_integer(u.n)) < 0)
		return oom("JSON");
	*ret = TAKE_PTR(o);
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

int crashes_find(const struct crashes *c, const char *typed, struct crash **ret)
{
	struct crash *found = NULL;
	size_t len = strlen(typed);

	for (size_t i = 0; i < c->n; i++) {
		struct crash *item = &c->list[i];

		if (streq(item->name, typed)) {
			*ret = item;
			return 0;
		}
		if (strncmp(item->name, typed, len) != 0 &&
		    strncmp(crash_id(item->name), typed, len) != 0)
			continue;
		if (found)
			return errf(-ENOTUNIQ,
			            "%s: more than one crash begins with it: %s, %s; type more "
			            "of the name",
			            typed, found->name, item->name);
		found = item;
	}
	if (!found)
		return errf(-ENOENT,
		            "%s: is neither a crash in %s nor a file; \"kdump-lite list\" shows "
		            "the crashes",
		            typed, c->path);
	*ret = found;
	return 0;
}

/* Clocks differ, but not by more than this. */
#define CLOCK_DIFFERENCE (24 * 60 * 60)

const char *crashes_doubt(const struct crash *c)
{
	if (c->foreign)
		return "others than root can write there, so it may be forged; it is not announced "
		       "and nothing is added to it";
	if (c->crash_time > time(NULL) + CLOCK_DIFFERENCE)
		return "its time is in the future, the clock was wrong";
	return NULL;
}

struct crash *crashes_last(const struct crashes *c)
{
	for (size_t i = c->n; i > 0; i--)
		if (!crashes_doubt(&c->list[i - 1]))
			return &c->list[i - 1];
	return &c->list[c->n - 1];
}

int crashes_json(const struct crash *c, const char *path, json_t **ret)
{
	const char *const extra[][2] = { { "name", *c->name ? c->name : NULL },
		                         { "path", path },
		                         { "fault", c->fault } };
	json_auto_t *o = NULL;
	int r = crash_to_json(c, &o);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(extra); i++)
		if (extra[i][1] && json_object_set_new(o, extra[i][0], line_json(extra[i][1])) < 0)
			return oom("JSON");
	*ret = TAKE_PTR(o);
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
