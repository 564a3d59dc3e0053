// SPDX-License-Identifier: GPL-2.0-or-later
/* armed.c - the record of what is loaded, see armed.h. */
#include "loader/system/armed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "config/file.h"
#include "loader/system/tree.h"
#include "vmcore/base/err.h"

/* One row per field of the JSON object. */
static const struct field {
	const char *key;
	enum {
		FIELD_TEXT,
		FIELD_NUMBER,
		FIELD_REAL
	} kind;
	size_t offset;
} fields[] = {
	{ "kernel", FIELD_TEXT, offsetof(struct armed, kernel) },
	{ "kernel_release", FIELD_TEXT, offsetof(struct armed, kernel_release) },
	{ "kernel_size", FIELD_NUMBER, offsetof(struct armed, kernel_size) },
	{ "kernel_changed", FIELD_NUMBER, offsetof(struct armed, kernel_changed) },
	{ "command_line", FIELD_TEXT, offsetof(struct armed, command_line) },
	{ "image_size", FIELD_NUMBER, offsetof(struct armed, image_size) },
	{ "image_unpacked", FIELD_NUMBER, offsetof(struct armed, image_unpacked) },
	{ "reservation", FIELD_NUMBER, offsetof(struct armed, reservation) },
	{ "target", FIELD_TEXT, offsetof(struct armed, path) },
	{ "device", FIELD_TEXT, offsetof(struct armed, device) },
	{ "device_spec", FIELD_TEXT, offsetof(struct armed, device_spec) },
	{ "file_system", FIELD_TEXT, offsetof(struct armed, fstype) },
	{ "back_kernel", FIELD_TEXT, offsetof(struct armed, back_kernel) },
	{ "back_obstacle", FIELD_TEXT, offsetof(struct armed, back_obstacle) },
	{ "since", FIELD_NUMBER, offsetof(struct armed, since) },
	{ "build_seconds", FIELD_REAL, offsetof(struct armed, build_seconds) },
	{ "load_seconds", FIELD_REAL, offsetof(struct armed, load_seconds) },
};

static void *field_of(const struct armed *a, const struct field *f)
{
	return (char *)a + f->offset;
}

void armed_done(struct armed *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].kind == FIELD_TEXT)
			base_freep(field_of(a, &fields[i]));
	*a = (struct armed){};
}

int armed_open(int root_fd)
{
	const char *below = &ARMED_DIRECTORY[1];
	int fd;

	if (mkdirat(root_fd, "run", 0755) < 0 && errno != EEXIST)
		return errf(-errno, "/run: %s", strerror(errno));
	if (mkdirat(root_fd, below, 0755) < 0 && errno != EEXIST)
		return errf(-errno, "%s: %s", ARMED_DIRECTORY, strerror(errno));
	fd = file_open_dir(root_fd, below);
	return fd < 0 ? errf(fd, "%s: %s", ARMED_DIRECTORY, strerror(-fd)) : fd;
}

int armed_lock(int directory_fd)
{
	_cleanup_close_ int fd =
		openat(directory_fd, ARMED_LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return errf(-errno, ARMED_DIRECTORY "/" ARMED_LOCK ": %s", strerror(errno));
	do
		r = flock(fd, LOCK_EX);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return errf(-errno, ARMED_DIRECTORY "/" ARMED_LOCK ": %s", strerror(errno));
	return TAKE_FD(fd);
}

json_t *armed_to_json(const struct armed *a)
{
	json_t *object = json_object();
	int r = object ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];
		const void *p = field_of(a, f);
		json_t *value = NULL;

		if (f->kind == FIELD_TEXT)
			value = json_string(*(char *const *)p ? *(char *const *)p : "");
		else if (f->kind == FIELD_NUMBER)
			value = json_integer(*(const uint64_t *)p);
		else
			value = json_real(*(const double *)p);
		r = json_object_set_new(object, f->key, value) < 0 ? -ENOMEM : 0;
	}
	if (r < 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

int armed_write(int directory_fd, const struct armed *a)
{
	json_t *object = armed_to_json(a);
	_cleanup_free_ char *text = NULL;
	int r;

	if (!object)
		return -ENOMEM;
	text = json_dumps(object, JSON_INDENT(2));
	json_decref(object);
	if (!text)
		return errf(-EINVAL, "the command line is not UTF-8");
	r = file_replace(directory_fd, ARMED_RECORD, text, strlen(text), 0644);
	return r < 0 ? errf(r, ARMED_DIRECTORY "/" ARMED_RECORD ": %s", strerror(-r)) : 0;
}

/* A missing field stays empty, since the record may be from an older version. -EBADMSG when it is
 * of another type. */
static int take_field(json_t *object, const struct field *f, struct armed *a)
{
	json_t *value = json_object_get(object, f->key);
	void *p = field_of(a, f);

	if (f->kind == FIELD_TEXT && (!value || json_is_string(value))) {
		*(char **)p = strdup(value ? json_string_value(value) : "");
		return *(char **)p ? 0 : -ENOMEM;
	}
	if (!value)
		return 0;
	if (f->kind == FIELD_NUMBER && json_is_integer(value)) {
		*(uint64_t *)p = json_integer_value(value);
		return 0;
	}
	if (f->kind == FIELD_REAL && json_is_number(value)) {
		*(double *)p = json_number_value(value);
		return 0;
	}
	return errf(-EBADMSG, ARMED_DIRECTORY "/" ARMED_RECORD ": no good \"%s\" in it", f->key);
}

int armed_read(int root_fd, struct armed *ret)
{
	_cleanup_(armed_done) struct armed a = {};
	_cleanup_free_ char *text = NULL;
	json_t *object;
	size_t len;
	int r;

	r = tree_read(root_fd, ARMED_DIRECTORY "/" ARMED_RECORD, MIB(1), &text, &len);
	if (r < 0)
		return r;
	object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (!object)
		return errf(-EBADMSG, ARMED_DIRECTORY "/" ARMED_RECORD ": is no JSON");
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(fields); i++)
		r = take_field(object, &fields[i], &a);
	json_decref(object);
	if (r < 0)
		return r;
	*ret = a;
	a = (struct armed){};
	return 0;
}

int armed_check(int root_fd, struct armed *ret, struct crashmem *ret_mem)
{
	_cleanup_(armed_done) struct armed a = {};
	struct crashmem mem;
	int r;

	r = crashmem_read(root_fd, &mem);
	if (r < 0)
		return r;
	if (ret_mem)
		*ret_mem = mem;
	r = armed_read(root_fd, &a);
	if (r < 0 && r != -ENOENT && r != -EBADMSG)
		return r;
	if (!mem.loaded && r == 0)
		return errf(-ESTALE,
		            "the capture kernel that kdump-lite loaded was unloaded by another "
		            "program; run \"kdump-lite load\"");
	if (!mem.loaded) {
		r = crashmem_require(&mem);
		return r < 0 ? r
		             : errf(-ENOENT,
		                    "no capture kernel is loaded; run \"kdump-lite load\"");
	}
	if (r < 0)
		return errf(-EEXIST,
		            "a capture kernel is loaded, but not by kdump-lite; stop the service "
		            "that did it, or run \"kdump-lite unload\"");
	*ret = a;
	a = (struct armed){};
	return 0;
}
