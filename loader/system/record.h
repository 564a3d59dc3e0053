/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - structs that are kept as JSON objects in RECORD_DIRECTORY, and the lock beside them.
 *
 * They tell what was loaded. A reboot removes them together with what they tell of.
 */
#pragma once

#include "config/fields-json.h"

#define RECORD_DIRECTORY "/run/kdump-lite"

/* All fields of @object; a new reference. NULL: no memory, or a string that is not UTF-8. */
json_t *record_to_json(const struct field *rows, size_t n, const void *object);

/* Writes the file @name in RECORD_DIRECTORY, which @directory_fd is open for. */
int record_write(const struct field *rows, size_t n, int directory_fd, const char *name,
                 const void *object);

/* -ENOENT when there is none, -EBADMSG when a field is of another kind. A missing field, which an
 * older version did not write, is empty or 0. @object is zeroed, and stays so on failure. */
int record_read(const struct field *rows, size_t n, int root_fd, const char *name, void *object);

/* Opens RECORD_DIRECTORY and makes it if need be. -EACCES for those who may not. */
int record_open(int root_fd);

/* Waits until no other process loads or unloads. Closing the returned fd ends the lock. */
int record_lock(int directory_fd);
