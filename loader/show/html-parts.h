/* SPDX-License-Identifier: GPL-2.0-or-later */
/* html-parts.h - the parts of the page of a report. */
#pragma once

#include "loader/show/html-kit.h"

/* Writes the parts of the page, in order. Every member of @report is in one of them. */
void html_parts(FILE *f, const json_t *report);

/* Writes a link to each of them, as items of a list. */
void html_contents(FILE *f, const json_t *report);

/* html-picture.c: draws the use of memory as bars. @memory is the member "memory". */
void html_picture_memory(FILE *f, const json_t *memory);
