// SPDX-License-Identifier: GPL-2.0-or-later
/* state.c - what the command remembers over a reboot, see state.h. */
#include "loader/crashes/state.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "system/file.h"
#include "base/err.h"
#include "base/printable.h"
#include "base/text.h"

#define MARKER    "test.json"
#define ANNOUNCED "announced"

int state_open(int root_fd, int *ret_fd)
{
	const char *path = &STATE_DIR[1]; /* relative to the root */
	int fd;

	fd = file_open_dir(root_fd, path);
	if (fd == -ENOENT && mkdirat(root_fd, path, 0700) == 0)
		fd = file_open_dir(root_fd, path);
	if (fd < 0)
		return errf(fd, STATE_DIR ": cannot be opened: %s", strerror(-fd));
	*ret_fd = fd;
	return 0;
}

int marker_write(int state_fd, const struct marker *m)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = text_printf(&text, "{ \"id\": \"%s\", \"boot_id\": \"%s\", \"time\": %lld }\n", m->id,
	                m->boot_id, (long long)m->time);
	if (r < 0)
		return r;
	r = file_replace(state_fd, MARKER, text, strlen(text), 0600);
	return r < 0 ? err_prefix(r, STATE_DIR) : 0;
}

bool state_take_id(const json_t *v, char ret[static STATE_ID_SIZE])
{
	const char *s = json_string_value(v);

	if (!s || !*s || strlen(s) >= STATE_ID_SIZE || s[strspn(s, STATE_ID_DIGITS)])
		return false;
	strcpy(ret, s);
	return true;
}

int marker_read(int state_fd, struct marker *ret)
{
	_cleanup_free_ char *text = NULL;
	struct marker m = {};
	json_t *o;
	size_t len;
	bool good;
	int r = file_read(state_fd, MARKER, KIB(64), &text, &len);

	if (r < 0)
		return errf(r, STATE_DIR "/" MARKER ": cannot be read: %s", strerror(-r));
	o = json_loadb(text, len, 0, NULL);
	good = state_take_id(json_object_get(o, "id"), m.id) &&
	       state_take_id(json_object_get(o, "boot_id"), m.boot_id) &&
	       json_integer_value(json_object_get(o, "time")) > 0;
	m.time = json_integer_value(json_object_get(o, "time"));
	json_decref(o);
	if (!good)
		return errf(-EBADMSG, STATE_DIR "/" MARKER ": not what a test crash writes");
	*ret = m;
	return 0;
}

int marker_remove(int state_fd)
{
	if (unlinkat(state_fd, MARKER, 0) < 0 && errno != ENOENT)
		return errf(-errno, STATE_DIR "/" MARKER ": cannot be removed: %s",
		            strerror(errno));
	return 0;
}

int state_boot_id(int root_fd, char ret[static STATE_ID_SIZE])
{
	static const char path[] = "proc/sys/kernel/random/boot_id";
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = file_read(root_fd, path, KIB(4), &text, &len);

	if (r < 0)
		return errf(r, "/%s: cannot be read: %s", path, strerror(-r));
	text[strcspn(text, "\n")] = '\0';
	if (!*text || strlen(text) >= STATE_ID_SIZE)
		return errf(-EBADMSG, "/%s: holds no boot id", path);
	strcpy(ret, text);
	return 0;
}

/* A name with a line feed would be two lines, which nothing is called. */
static int join_lines(char *const *names, char **ret)
{
	_cleanup_(strv_freep) char **clean = NULL;

	for (; names && *names; names++) {
		_cleanup_free_ char *name = NULL;
		int r;

		if ((r = printable(*names, strlen(*names), false, &name)) < 0 ||
		    (r = strv_push(&clean, name)) < 0)
			return r;
	}
	return strv_join(clean, "\n", ret);
}

bool announced_has(char *const *names, const char *name)
{
	_cleanup_free_ char *clean = NULL;

	return strv_contains(names, name) ||
	       (printable(name, strlen(name), false, &clean) == 0 && strv_contains(names, clean));
}

int announced_read(int state_fd, char ***ret)
{
	_cleanup_(strv_freep) char **names = NULL;
	_cleanup_free_ char *text = NULL;
	char *save = NULL;
	size_t len;
	int r = file_read(state_fd, ANNOUNCED, MIB(16), &text, &len);

	if (r < 0 && r != -ENOENT)
		return errf(r, STATE_DIR "/" ANNOUNCED ": cannot be read: %s", strerror(-r));
	for (char *s = text ? strtok_r(text, "\n", &save) : NULL; s;
	     s = strtok_r(NULL, "\n", &save))
		if ((r = strv_push(&names, s)) < 0)
			return r;
	*ret = TAKE_PTR(names);
	return 0;
}

int announced_write(int state_fd, char *const *names)
{
	_cleanup_free_ char *text = NULL;
	int r = join_lines(names, &text);

	if (r < 0)
		return errf(r, STATE_DIR "/" ANNOUNCED ": no memory");
	r = file_replace(state_fd, ANNOUNCED, text, strlen(text), 0600);
	return r < 0 ? err_prefix(r, STATE_DIR) : 0;
}
