// SPDX-License-Identifier: GPL-2.0-or-later
/* mark.c - marks of boots that have not ended, see mark.h. */
#include "loader/crashes/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/array.h"
#include "base/err.h"
#include "base/text.h"
#include "loader/system/crashmem.h"
#include "system/file.h"

#define PREFIX        "boot-"
#define SUFFIX        ".json"
#define MARK_NAME_MAX (sizeof(PREFIX SUFFIX) + STATE_ID_SIZE)

static void make_name(const char *boot_id, char ret[static MARK_NAME_MAX])
{
	snprintf(ret, MARK_NAME_MAX, PREFIX "%s" SUFFIX, boot_id);
}

json_t *mark_to_json(const struct mark *m)
{
	return json_pack("{s:s, s:I, s:s, s:o*, s:o*}", "boot_id", m->boot_id, "since",
	                 (json_int_t)m->time, "kernel_release", m->kernel, "armed",
	                 m->known ? json_boolean(m->armed) : NULL, "console_only",
	                 m->console_only ? json_true() : NULL);
}

bool mark_from_json(const json_t *o, struct mark *ret)
{
	const char *kernel = json_string_value(json_object_get(o, "kernel_release")) ?: "";
	const json_t *armed = json_object_get(o, "armed");
	struct mark m = { .time = json_integer_value(json_object_get(o, "since")),
		          .armed = json_is_true(armed),
		          .known = json_is_boolean(armed),
		          .console_only = json_is_true(json_object_get(o, "console_only")) };

	if (m.time <= 0 || !state_take_id(json_object_get(o, "boot_id"), m.boot_id))
		return false;
	snprintf(m.kernel, sizeof(m.kernel), "%s", kernel);
	text_mask(m.kernel, strlen(m.kernel));
	*ret = m;
	return true;
}

int mark_write(int state_fd, const struct mark *m)
{
	json_auto_t *o = mark_to_json(m);
	_cleanup_free_ char *text = o ? json_dumps(o, 0) : NULL;
	char name[MARK_NAME_MAX];
	int r;

	if (!text)
		return oom("the mark of this boot");
	make_name(m->boot_id, name);
	r = file_replace(state_fd, name, text, strlen(text), 0600);
	return r < 0 ? err_prefix(r, STATE_DIR) : 0;
}

/* The name and the time of the file say enough when its text does not. */
int mark_read(int state_fd, const char *boot_id, struct mark *ret)
{
	_cleanup_free_ char *text = NULL;
	json_auto_t *o = NULL;
	struct mark m = {};
	char name[MARK_NAME_MAX];
	struct stat st;
	size_t len;
	int r;

	make_name(boot_id, name);
	r = file_read_entry(state_fd, name, KIB(64), &text, &len);
	if (r == -ENOENT || fstatat(state_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errf(-ENOENT, STATE_DIR "/%s: is not there", name);
	o = text ? json_loadb(text, len, 0, NULL) : NULL;
	if (!mark_from_json(o, &m) || !streq(m.boot_id, boot_id)) {
		m = (struct mark){ .time = st.st_mtime };
		snprintf(m.boot_id, sizeof(m.boot_id), "%s", boot_id);
	}
	*ret = m;
	return 0;
}

int mark_remove(int state_fd, const char *boot_id)
{
	char name[MARK_NAME_MAX];

	make_name(boot_id, name);
	if (unlinkat(state_fd, name, 0) == 0)
		return 1;
	return errno == ENOENT ? 0
	                       : errf(-errno, STATE_DIR "/%s: cannot be removed: %s", name,
	                              strerror(errno));
}

/* The boot id in the name of a mark; false when it is none. */
static bool take_name(const char *name, char ret[static STATE_ID_SIZE])
{
	size_t len = strlen(name), around = strlen(PREFIX SUFFIX);

	if (len <= around || len - around >= STATE_ID_SIZE ||
	    strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
	    !streq(name + len - strlen(SUFFIX), SUFFIX))
		return false;
	snprintf(ret, len - around + 1, "%s", name + strlen(PREFIX));
	return !ret[strspn(ret, STATE_ID_DIGITS)];
}

static int by_time(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return strcmp(x->boot_id, y->boot_id);
}

int marks_read(int state_fd, const char *boot_id, struct mark **ret, size_t *ret_n)
{
	_cleanup_free_ struct mark *marks = NULL;
	_cleanup_(file_closedirp) DIR *dir = NULL;
	struct dirent *entry;
	size_t n = 0;
	int r = file_opendir(state_fd, ".", &dir);

	if (r < 0)
		return errf(r, STATE_DIR ": cannot be read: %s", strerror(-r));
	while (n < MARKS_MAX && (entry = readdir(dir))) {
		char id[STATE_ID_SIZE];

		if (!take_name(entry->d_name, id) || streq(id, boot_id))
			continue;
		r = array_grow(&marks, n, "marks of boots");
		if (r < 0)
			return r;
		if (mark_read(state_fd, id, &marks[n]) == 0)
			n++;
	}
	if (n > 0)
		qsort(marks, n, sizeof(*marks), by_time);
	*ret = TAKE_PTR(marks);
	*ret_n = n;
	return 0;
}

int mark_running(int root_fd)
{
	struct mark m = { .time = time(NULL) };
	_cleanup_close_ int fd = -1;
	struct crashmem mem;
	struct utsname uts;
	int r;

	if ((r = state_open(root_fd, &fd)) < 0 || (r = state_boot_id(root_fd, m.boot_id)) < 0)
		return r;
	uname(&uts);
	snprintf(m.kernel, sizeof(m.kernel), "%s", uts.release);
	m.known = true;
	m.armed = crashmem_read(root_fd, &mem) == 0 && mem.loaded;
	return mark_write(fd, &m);
}

int mark_set_armed(int root_fd, bool armed, bool console_only)
{
	char boot_id[STATE_ID_SIZE];
	_cleanup_close_ int fd = -1;
	struct mark m;
	int r;

	if ((r = state_open(root_fd, &fd)) < 0 || (r = state_boot_id(root_fd, boot_id)) < 0)
		return r;
	r = mark_read(fd, boot_id, &m);
	if (r == -ENOENT ||
	    (r == 0 && m.known && m.armed == armed && m.console_only == console_only))
		return 0;
	m.known = true;
	m.armed = armed;
	m.console_only = console_only;
	return r < 0 ? r : mark_write(fd, &m);
}

int mark_end(int root_fd)
{
	char boot_id[STATE_ID_SIZE];
	_cleanup_close_ int fd = -1;
	int r;

	if ((r = state_open(root_fd, &fd)) < 0 || (r = state_boot_id(root_fd, boot_id)) < 0)
		return r;
	return mark_remove(fd, boot_id);
}
