/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.h - numbers, sizes, times and words between text and value.
 *
 * Parsers take the whole string: anything left over is -EINVAL, out of range is -ERANGE. They set
 * no error text, since only the caller knows which setting or file the string came from.
 */
#pragma once

#include <stdio.h>
#include <time.h>

#include "base/base.h"

/* @base as for strtoull(); no sign, no leading space. */
int text_to_u64(const char *s, int base, uint64_t *ret);

/* Bytes: "4096", "64K", "3M", "1G", "2T" (powers of 1024). */
int text_to_size(const char *s, uint64_t *ret);

/* Seconds: "90", "90s", "10min", "2h", "1min 30s"; "infinity" gives UINT64_MAX. As systemd.time(7).
 */
int text_to_seconds(const char *s, uint64_t *ret);

/* "yes/no", "true/false", "on/off", "1/0". */
int text_to_bool(const char *s, bool *ret);

/* "3.1M" into @buf; returns @buf. */
#define TEXT_SIZE_MAX 16
char *text_from_size(uint64_t bytes, char buf[static TEXT_SIZE_MAX]);

/* "20261123T140501Z": ISO 8601 basic, UTC, no colons; returns @buf. */
#define TEXT_STAMP_MAX 32
char *text_from_stamp(time_t t, char buf[static TEXT_STAMP_MAX]);

/* Puts a copy of @s in the place of what @field owns. -ENOMEM leaves it as it was. */
int text_replace(char **field, const char *s);

/* Cuts white space off both ends of @s in place; returns the first character that stays. */
char *text_strip(char *s);

/* Puts '?' in the place of all in @len bytes of foreign text that is neither printable ASCII nor
 * NUL, so that it cannot play tricks on a terminal. */
void text_mask(char *s, size_t len);

/* NULL-terminated list of strings, one allocation each; frees all, takes NULL, returns NULL. */
char **strv_free(char **list);
void strv_freep(char ***list);
size_t strv_length(char *const *list);

/* Appends a copy of @s. -ENOMEM leaves the list as it was. */
int strv_push(char ***list, const char *s);

/* Appends the words of @s, split at white space; "double" and 'single' quotes keep it together and
 * stay part of the word as the kernel's command line wants them when @keep_quotes, else they are
 * removed. */
int strv_split(char ***list, const char *s, bool keep_quotes);
bool strv_contains(char *const *list, const char *s);

/* All words with @sep between them in one allocated string. */
int strv_join(char *const *list, const char *sep, char **ret);
