/* SPDX-License-Identifier: GPL-2.0-or-later */
/* schema.h - holds reports against their schema and their manual page. */
#pragma once

#include "vmcore/text/output.h"

/* Each member of the report as JSON, however deep, is in vmcore/text/report.schema.json and in
 * man/kdump-lite-report.8. The array that is reached by the names of @path, each followed by a
 * slash but the last, has to have elements: what is in them is checked for nothing else. */
void schema_check_report(struct report *r, const char *path);

/* @name is a word of the manual page; the test fails when it is not. */
void schema_check_manual(const char *name);
