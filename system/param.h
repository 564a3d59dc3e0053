/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * param.h - words of a kernel command line, compared as the kernel does.
 *
 * The name of a parameter ends at "=", "-" in it is the same as "_" (kernel/params.c,
 * dash2underscore), and a quote may stand around the whole word.
 */
#pragma once

#include "base/base.h"

/* True when @word is the parameter @pattern: a name, the begin of a name and "*", or name=value. */
bool param_matches(const char *word, const char *pattern);

/* True when one of @patterns matches. The list ends with NULL, and may be NULL itself. */
bool param_matches_any(const char *word, char *const *patterns);

/* True when both set the same parameter, whatever the values. */
bool param_same(const char *a, const char *b);

/* True when a word of @list sets the parameter that @word sets. */
bool param_in(const char *word, char *const *list);
