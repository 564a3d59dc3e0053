/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-report.h - a report as JSON, for programs. */
#pragma once

#include <jansson.h>

#include "vmcore/report/report.h"

/* The number in the member "schema": it grows when a member goes or means something else, not when
 * one is added. */
#define REPORT_SCHEMA 1

/* kdump-lite(8) describes the members. Parts that are missing are null, and "remarks" says why. New
 * reference; NULL: no memory. */
json_t *report_json(const struct report *r, const struct report_options *o);
