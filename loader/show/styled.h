/* SPDX-License-Identifier: GPL-2.0-or-later */
/* styled.h - the text of a report for a terminal or a file. */
#pragma once

#include "vmcore/text/output.h"

/* True when text on stdout should have colours: on a terminal, unless NO_COLOR is set or the
 * terminal is dumb. SYSTEMD_COLORS= overrides that, as in systemd. Call it before the pager. */
bool styled_wanted(void);

/* Writes the report into a string that the caller frees. Control characters from the dump are
 * escaped. With @colors, escape sequences give each line its style, as pagers need it. */
int styled_report(struct report *report, const struct report_options *o, bool colors, char **ret);
