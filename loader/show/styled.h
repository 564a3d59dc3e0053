/* SPDX-License-Identifier: GPL-2.0-or-later */
/* styled.h - the text of a report as a terminal, or a file, is to get it. */
#pragma once

#include "vmcore/text/output.h"

/* Whether text on stdout is to have colours, by the same variables as the tools of systemd: a
 * terminal that has them, unless NO_COLOR is set; SYSTEMD_COLORS= overrides both. Ask before a
 * pager takes the place of the terminal. */
bool styled_wanted(void);

/* Writes the report into an allocated string: control characters out of the dump are escaped, and
 * with @colors each stretch stands between those that make its style, line by line, as pagers want
 * it. */
int styled_report(struct report *report, const struct report_options *o, bool colors, char **ret);
