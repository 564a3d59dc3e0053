/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-dump.h - the dump as a file, in a report as JSON. */
#pragma once

#include <jansson.h>

#include "vmcore/report/report.h"

/* The member "dump"; @o may be NULL. New reference; NULL: no memory. */
json_t *report_json_dump(const struct report *r, const struct origin *o);
