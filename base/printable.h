/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * printable.h - makes text of unknown origin fit for a terminal and for JSON.
 */
#pragma once

#include "base/base.h"

/* Copies @len bytes. Each byte of a control character, of one that is invisible or turns the
 * direction of text, or of anything that is not UTF-8, becomes \xNN. Tabs stay; line feeds stay
 * when @lines is set. The caller frees the result. */
int printable(const char *s, size_t len, bool lines, char **ret);
