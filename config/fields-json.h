/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fields-json.h - fields as the members of a JSON object, one per row.
 */
#pragma once

#include <jansson.h>

#include "base/err.h"
#include "config/fields.h"

/* Puts all fields into @json, in the order of the rows. Text is as it is, but FIELD_FOREIGN is made
 * printable; a NULL string is written as an empty one, a real number that JSON cannot have as 0.
 * -EINVAL when text is not UTF-8. */
int fields_to_json(const struct field *rows, size_t n, const void *object, json_t *json);

/* Sets the fields of @object, which is zeroed or filled, from the members of @json. A member that
 * is missing or of the wrong kind leaves its field as it is. @why keeps the first such fault, as in
 * "pages.total: a whole number within its range is expected" with @where "pages."; the rest is
 * still read. Fails only with -ENOMEM. */
int fields_from_json(const struct field *rows, size_t n, const json_t *json, void *object,
                     const char *where, char why[static ERR_WHY]);
