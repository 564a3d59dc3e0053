/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - structs that are kept as a JSON object in RECORD_DIRECTORY: one row per field.
 *
 * They tell what was loaded. Beside them lies the lock of those who load. All of it is gone after a
 * reboot, as is what it tells of.
 */
#pragma once

#include <jansson.h>

#include "base/base.h"

#define RECORD_DIRECTORY "/run/kdump-lite"

struct record_field {
	const char *key;
	enum {
		RECORD_TEXT,   /* char *; owned; never NULL once read */
		RECORD_WORDS,  /* char **; owned; NULL when there are none */
		RECORD_NUMBER, /* uint64_t */
		RECORD_REAL,   /* double */
	} kind;
	size_t offset;
};

/* Frees all strings; the struct is zeroed as far as the rows go. */
void record_done(const struct record_field *fields, size_t n, void *object);

/* As an object with all fields; a new reference, NULL for want of memory or when a string is not
 * UTF-8. */
json_t *record_to_json(const struct record_field *fields, size_t n, const void *object);

/* @name is that of the file in RECORD_DIRECTORY, which @directory_fd is open for. */
int record_write(const struct record_field *fields, size_t n, int directory_fd, const char *name,
                 const void *object);

/* -ENOENT when there is none, -EBADMSG when a field is of another kind; a missing one is empty.
 * @object has to be zeroed, and is not filled on failure. */
int record_read(const struct record_field *fields, size_t n, int root_fd, const char *name,
                void *object);

/* Opens RECORD_DIRECTORY, which is made if need be; -EACCES for those who may not. */
int record_open(int root_fd);

/* Waits until nobody else loads or unloads; the lock is held as long as the returned fd. */
int record_lock(int directory_fd);
