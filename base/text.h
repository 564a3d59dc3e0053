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

/* Seconds, as systemd.time(7) writes them: "90", "10min", "1min 30s"; "infinity" is UINT64_MAX. */
int text_to_seconds(const char *s, uint64_t *ret);

/* "yes/no", "true/false", "on/off", "1/0". */
int text_to_bool(const char *s, bool *ret);

/* Writes @bytes as "3.1M" into @buf; returns @buf. */
#define TEXT_SIZE_MAX 16
char *text_from_size(uint64_t bytes, char buf[static TEXT_SIZE_MAX]);

/* Writes @t as "20261123T140501Z" into @buf: the basic format of ISO 8601, in UTC. Returns @buf. */
#define TEXT_STAMP_MAX 32
char *text_from_stamp(time_t t, char buf[static TEXT_STAMP_MAX]);

/* Formats a text that the caller owns. -ENOMEM, with an error text, leaves NULL in @ret. */
int text_printf(char **ret, const char *fmt, ...) _printf_(2, 3);

/* Frees the string that @field owns and puts a copy of @s there. -ENOMEM leaves it as it was. */
int text_replace(char **field, const char *s);

/* Cuts white space off both ends of @s in place; returns the first character that stays. */
char *text_strip(char *s);

/* Replaces by '?' each of the @len bytes at @s that is neither printable ASCII nor NUL, so that
 * foreign text cannot play tricks on a terminal. */
void text_mask(char *s, size_t len);

/* Frees a NULL-terminated list of strings that are allocated one by one. Takes NULL, returns NULL.
 * In all strv_ functions NULL is an empty list. */
char **strv_free(char **list);
void strv_freep(char ***list);
size_t strv_length(char *const *list);

/* Appends a copy of @s. -ENOMEM comes with an error text, and leaves the list as it was. */
int strv_push(char ***list, const char *s);

/* Appends a formatted text, likewise. */
int strv_pushf(char ***list, const char *fmt, ...) _printf_(2, 3);

/* Appends the words of @s, split at white space. A word may have white space within "double" or
 * 'single' quotes, which @keep_quotes leaves, as the kernel's command line needs them. */
int strv_split(char ***list, const char *s, bool keep_quotes);
bool strv_contains(char *const *list, const char *s);
bool strv_equal(char *const *a, char *const *b);

/* Appends copies of all of @more. */
int strv_append(char ***list, char *const *more);

/* Joins all words, with @sep between them, into one string, which the caller frees. */
int strv_join(char *const *list, const char *sep, char **ret);
