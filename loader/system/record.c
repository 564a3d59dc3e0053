// SPDX-License-Identifier: GPL-2.0-or-later
/* record.c - structs that are kept as a JSON object, see record.h. */
#include "loader/system/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "system/file.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define LOCK "lock"

static void *field_of(const void *object, const struct record_field *f)
{
	return (char *)(uintptr_t)object + f->offset;
}

void record_done(const struct record_field *fields, size_t n, void *object)
{
	for (size_t i = 0; i < n; i++) {
		void *p = field_of(object, &fields[i]);

		switch (fields[i].kind) {
		case RECORD_TEXT:
			base_freep(p);
			*(char **)p = NULL;
			break;
		case RECORD_WORDS:
			strv_freep(p);
			*(char ***)p = NULL;
			break;
		case RECORD_NUMBER:
			*(uint64_t *)p = 0;
			break;
		case RECORD_REAL:
			*(double *)p = 0;
			break;
		}
	}
}

static json_t *words_to_json(char *const *words)
{
	json_t *array = json_array();
	int r = array ? 0 : -1;

	for (; r == 0 && words && *words; words++)
		r = json_array_append_new(array, json_string(*words));
	if (r == 0)
		return array;
	json_decref(array);
	return NULL;
}

json_t *record_to_json(const struct record_field *fields, size_t n, const void *object)
{
	json_t *json = json_object();
	int r = json ? 0 : -1;

	for (size_t i = 0; r == 0 && i < n; i++) {
		const void *p = field_of(object, &fields[i]);
		json_t *value = NULL;

		switch (fields[i].kind) {
		case RECORD_TEXT:
			value = json_string(*(char *const *)p ? *(char *const *)p : "");
			break;
		case RECORD_WORDS:
			value = words_to_json(*(char **const *)p);
			break;
		case RECORD_NUMBER:
			value = json_integer(*(const uint64_t *)p);
			break;
		case RECORD_REAL:
			value = json_real(*(const double *)p);
			break;
		}
		r = json_object_set_new(json, fields[i].key, value);
	}
	if (r == 0)
		return json;
	json_decref(json);
	return NULL;
}

int record_write(const struct record_field *fields, size_t n, int directory_fd, const char *name,
                 const void *object)
{
	json_t *json = record_to_json(fields, n, object);
	_cleanup_free_ char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	int r;

	json_decref(json);
	if (!text)
		return errf(-EINVAL, "the command line or a path is not UTF-8");
	r = file_replace(directory_fd, name, text, strlen(text), 0644);
	return r < 0 ? errf(r, RECORD_DIRECTORY "/%s: %s", name, strerror(-r)) : 0;
}

static int take_words(const json_t *array, char ***field)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *s = json_string_value(json_array_get(array, i));
		int r = s ? strv_push(field, s) : -EBADMSG;

		if (r < 0)
			return r;
	}
	return 0;
}

static int take_field(const json_t *json, const struct record_field *f, void *object)
{
	const json_t *value = json_object_get(json, f->key);
	void *p = field_of(object, f);

	/* An older version may have written it. */
	if (!value && f->kind != RECORD_TEXT)
		return 0;
	switch (f->kind) {
	case RECORD_TEXT:
		if (value && !json_is_string(value))
			return -EBADMSG;
		*(char **)p = strdup(value ? json_string_value(value) : "");
		return *(char **)p ? 0 : -ENOMEM;
	case RECORD_WORDS:
		return json_is_array(value) ? take_words(value, p) : -EBADMSG;
	case RECORD_NUMBER:
		if (!json_is_integer(value))
			return -EBADMSG;
		*(uint64_t *)p = json_integer_value(value);
		return 0;
	case RECORD_REAL:
		if (!json_is_number(value))
			return -EBADMSG;
		*(double *)p = json_number_value(value);
		return 0;
	}
	return -EBADMSG;
}

int record_read(const struct record_field *fields, size_t n, int root_fd, const char *name,
                void *object)
{
	_cleanup_free_ char *text = NULL;
	json_t *json;
	char path[64];
	size_t len;
	int r;

	snprintf(path, sizeof(path), RECORD_DIRECTORY "/%s", name);
	r = tree_read(root_fd, path, MIB(1), &text, &len);
	if (r < 0)
		return r;
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (!json)
		return errf(-EBADMSG, "%s: is no JSON", path);
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = take_field(json, &fields[i], object);
		if (r == -EBADMSG)
			errf(r, "%s: no good \"%s\" in it", path, fields[i].key);
	}
	json_decref(json);
	if (r < 0)
		record_done(fields, n, object);
	return r;
}

int record_open(int root_fd)
{
	const char *below = &RECORD_DIRECTORY[1];
	int fd;

	if (mkdirat(root_fd, "run", 0755) < 0 && errno != EEXIST)
		return errf(-errno, "/run: %s", strerror(errno));
	if (mkdirat(root_fd, below, 0755) < 0 && errno != EEXIST)
		return errf(-errno, RECORD_DIRECTORY ": %s", strerror(errno));
	fd = file_open_dir(root_fd, below);
	return fd < 0 ? errf(fd, RECORD_DIRECTORY ": %s", strerror(-fd)) : fd;
}

int record_lock(int directory_fd)
{
	_cleanup_close_ int fd = openat(directory_fd, LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return errf(-errno, RECORD_DIRECTORY "/" LOCK ": %s", strerror(errno));
	do
		r = flock(fd, LOCK_EX);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return errf(-errno, RECORD_DIRECTORY "/" LOCK ": %s", strerror(errno));
	return TAKE_FD(fd);
}
