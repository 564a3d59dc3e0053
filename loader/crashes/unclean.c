// SPDX-License-Identifier: GPL-2.0-or-later
/* unclean.c - boots that ended without a shutdown and without a dump, see unclean.h. */
#include "loader/crashes/unclean.h"

#include <errno.h>
#include <fcntl.h>

#include "base/array.h"
#include "base/err.h"
#include "base/printable.h"
#include "base/text.h"
#include "system/file.h"
#include "vmcore/text/json-kit.h"

#define UNCLEAN      "unclean.json"
#define EVIDENCE_MAX 16

void unclean_done(struct unclean *u)
{
	strv_freep(&u->evidence);
	*u = (struct unclean){};
}

void uncleans_done(struct uncleans *u)
{
	for (size_t i = 0; i < u->n; i++)
		unclean_done(&u->list[i]);
	free(u->list);
	*u = (struct uncleans){};
}

json_t *unclean_to_json(const struct unclean *u)
{
	json_t *o = mark_to_json(&u->mark), *evidence = json_array();

	for (char **line = u->evidence; line && *line; line++)
		json_array_append_new(evidence, line_json(*line));
	json_object_set_new(o, "outcome", json_string(UNCLEAN_STATE));
	json_object_set_new(o, "crash_time", json_integer(u->last));
	if (json_object_set_new(o, "evidence", evidence) < 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static int take_evidence(const json_t *lines, char ***ret)
{
	for (size_t i = 0; i < MIN(json_array_size(lines), (size_t)EVIDENCE_MAX); i++) {
		const char *line = json_string_value(json_array_get(lines, i)) ?: "";
		_cleanup_free_ char *clean = NULL;
		int r;

		if ((r = printable(line, strlen(line), false, &clean)) < 0 ||
		    (r = strv_push(ret, clean)) < 0)
			return r;
	}
	return 0;
}

/* Adds the boot that @o tells of, if it does. */
static int add(const json_t *o, struct uncleans *u)
{
	struct mark mark;
	struct unclean *new;
	int r;

	if (!mark_from_json(o, &mark))
		return 0;
	r = array_grow(&u->list, u->n, "a list of boots");
	if (r < 0)
		return r;
	new = &u->list[u->n++];
	*new = (struct unclean){ .mark = mark };
	new->last = MAX(json_integer_value(json_object_get(o, "crash_time")), mark.time);
	return take_evidence(json_object_get(o, "evidence"), &new->evidence);
}

static int read_array(int state_fd, json_t **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r = file_read_entry(state_fd, UNCLEAN, MIB(1), &text, &len);

	if (r < 0 && r != -ENOENT)
		return errf(r, STATE_DIR "/" UNCLEAN ": cannot be read: %s", strerror(-r));
	*ret = r == 0 ? json_loadb(text, len, 0, NULL) : NULL;
	return 0;
}

int uncleans_read(int state_fd, struct uncleans *ret)
{
	_cleanup_(uncleans_done) struct uncleans u = {};
	json_auto_t *list = NULL;
	int r = read_array(state_fd, &list);

	for (size_t i = 0; r >= 0 && i < MIN(json_array_size(list), (size_t)UNCLEAN_MAX); i++)
		r = add(json_array_get(list, i), &u);
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(u);
	return 0;
}

int uncleans_find(int root_fd, struct uncleans *ret)
{
	_cleanup_close_ int fd = file_open_below(root_fd, STATE_DIR, O_RDONLY | O_DIRECTORY);

	if (fd == -ENOENT)
		return 0;
	return fd < 0 ? errf(fd, STATE_DIR ": cannot be read: %s", strerror(-fd))
	              : uncleans_read(fd, ret);
}

static int write_array(int state_fd, const json_t *list)
{
	_cleanup_free_ char *text = json_dumps(list, JSON_INDENT(2));
	int r = text ? file_replace(state_fd, UNCLEAN, text, strlen(text), 0600)
	             : oom("a list of boots");

	return r < 0 ? err_prefix(r, STATE_DIR) : 0;
}

int unclean_remember(int state_fd, const struct unclean *u)
{
	json_auto_t *list = NULL;
	int r = read_array(state_fd, &list);

	if (r < 0)
		return r;
	if (!json_is_array(list)) {
		json_decref(list);
		list = json_array();
	}
	while (json_array_size(list) >= UNCLEAN_MAX)
		json_array_remove(list, 0);
	if (json_array_append_new(list, unclean_to_json(u)) < 0)
		return oom("a list of boots");
	return write_array(state_fd, list);
}

int unclean_forget(int state_fd, const char *boot_id)
{
	json_auto_t *list = NULL;
	int r = read_array(state_fd, &list);

	for (size_t i = json_array_size(list); r == 0 && i > 0; i--) {
		struct mark m;

		if (mark_from_json(json_array_get(list, i - 1), &m) && streq(m.boot_id, boot_id))
			json_array_remove(list, i - 1);
	}
	return r < 0 || !list ? r : write_array(state_fd, list);
}

int unclean_describe(const struct unclean *u, char **ret)
{
	const char *armed = !u->mark.known   ? ""
	                    : !u->mark.armed ? "; no capture kernel was loaded"
	                    : u->mark.console_only
	                            ? "; a capture kernel was loaded, with no place but the console"
	                            : "; a capture kernel was loaded";
	_cleanup_free_ char *evidence = NULL;
	int r = strv_join(u->evidence, "; ", &evidence);

	if (r < 0)
		return r;
	return text_printf(ret, "ended without a shutdown and without a dump%s%s%s", armed,
	                   *evidence ? "; " : "", evidence);
}
