/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash-json.h - struct crash as JSON.
 */
#pragma once

#include <jansson.h>

#include "config/crashdir.h"

/* What crash.json holds, as a new reference in @ret. Strings are made printable. */
int crash_to_json(const struct crash *c, json_t **ret);

#define CRASH_JSON_FORMAT (JSON_INDENT(2) | JSON_REAL_PRECISION(6))

/* The text of a crash.json with the fingerprint of @c in it, allocated; all else stays as it is. */
int crash_amend_json(const char *text, size_t len, const struct crash *c, char **ret);

/* Reads the text of crash.json into @c, which must be zeroed or filled before. Keys that are
 * missing leave their fields as they are, unknown ones are passed over. A value of the wrong kind
 * leaves its field alone as well, and the first such fault is returned as -EBADMSG, "pages.total: a
 * whole number is expected"; the rest is still read. */
int crash_from_json(const char *text, size_t len, struct crash *c);
