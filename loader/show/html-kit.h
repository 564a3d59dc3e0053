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

/* Writes markup. @fmt may have %d, %zu, %% and %s, whose text is escaped for elements and for
 * attributes in double quotes; NULL writes nothing. */
void html_printf(FILE *f, const char *fmt, ...) _printf_(2, 3);

/* "run_queues" becomes "Run queues". Returns @buf. */
#define HTML_NAME_MAX 64
const char *html_name(const char *member, char buf[static HTML_NAME_MAX]);

/* Writes a value. The name of its member tells the unit of numbers. */
void html_value(FILE *f, const char *name, const json_t *v);

/* Writes names and values of @o, without those in @skip, which ends with NULL or is NULL. */
void html_pairs(FILE *f, const json_t *o, const char *const *skip);

/* Writes a table with a row for each object of @list and a column for each of their members: those
 * in @first come first, those in @skip are left out. Both may be NULL. */
void html_table(FILE *f, const json_t *list, const char *const *first, const char *const *skip);

/* Writes the calls of a trace, and how they end. */
void html_trace(FILE *f, const json_t *trace);

/* Begins an element that unfolds. The caller writes the summary, </summary>, more, </details>. */
void html_fold(FILE *f, bool open, const char *class);

bool html_in(const char *const *names, const char *name);

/* The string @member of @o, or "". */
const char *html_string(const json_t *o, const char *member);
