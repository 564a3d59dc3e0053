/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html-kit.h - values of a report as HTML.
 *
 * What comes out of a dump reaches the page through html_printf() only, which escapes it. The
 * markup has neither style attributes nor handlers of events: the page forbids them.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "base/base.h"

/* @fmt is markup. It knows %s, for text that is escaped for elements and for attributes in double
 * quotes (NULL: nothing), %d, %zu and %%. */
void html_printf(FILE *f, const char *fmt, ...) _printf_(2, 3);

/* "run_queues" becomes "Run queues". Returns @buf. */
#define HTML_NAME_MAX 64
const char *html_name(const char *member, char buf[static HTML_NAME_MAX]);

/* Any value of the member @name, which tells what numbers count. */
void html_value(FILE *f, const char *name, const json_t *v);

/* The members of @o as names and values, but those in @skip, a NULL-terminated list or NULL.
 * Nothing when none are left. */
void html_pairs(FILE *f, const json_t *o, const char *const *skip);

/* A row of the table for each object of @list, a column for each member that one of them has: those
 * of @first come first, those of @skip are left out; both may be NULL. */
void html_table(FILE *f, const json_t *list, const char *const *first, const char *const *skip);

/* The calls that "frames" has, and how they end. */
void html_trace(FILE *f, const json_t *trace);

/* Begins something that unfolds, and what it shows when it is folded, which is up to the caller; he
 * ends the latter with </summary>, all of it with </details>. */
void html_fold(FILE *f, bool open, const char *class);

bool html_in(const char *const *names, const char *name);

/* The string @member of @o, or "". */
const char *html_string(const json_t *o, const char *member);
