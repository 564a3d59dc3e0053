/* SPDX-License-Identifier: GPL-2.0-or-later */
/* html-parts.h - the parts of the page of a report. */
#pragma once

#include "loader/show/html-kit.h"

struct html_part;

/* A part of the page. @value is the member that it shows, @n the number of things in it, or -1 when
 * they are not counted. */
struct html_shown {
	const struct html_part *part;
	const json_t *report, *value;
	const char *member, *id, *title;
	int n;
};

/* Calls @emit for each part of the page, in order. Every member of the report is in one of them. */
void html_parts(const json_t *report, void (*emit)(FILE *f, const struct html_shown *shown),
                FILE *f);

/* For html_parts(): a line of the table of contents, and the part itself. */
void html_part_link(FILE *f, const struct html_shown *shown);
void html_part_write(FILE *f, const struct html_shown *shown);

/* html-picture.c: draws what memory was used for as bars. @memory is the member "memory"; what it
 * lacks is left out. */
void html_picture_memory(FILE *f, const json_t *memory);
