/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report-html.h - a report as one page for a browser, without other files.
 *
 * The page shows all members of the report as JSON: those with a row in html-parts.c in their own
 * way, the others as names and values.
 */
#pragma once

#include <jansson.h>

/* @report is of report_json(), with "log_records". The caller frees the page. -ENOMEM only. */
int report_html(const json_t *report, char **ret);
