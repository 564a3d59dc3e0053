/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report-html.h - a report as one page for a browser, which needs nothing but itself.
 *
 * The page shows all that the report has as JSON: what it knows in a way made for it, what it does
 * not know as names and values.
 */
#pragma once

#include <jansson.h>

/* @report is what report_json() made, with "log_records". The result is allocated. Fails for lack
 * of memory only. */
int report_html(const json_t *report, char **ret);
