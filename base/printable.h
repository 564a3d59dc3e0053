/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * printable.h - text of unknown origin, made fit for a terminal and for JSON.
 */
#pragma once

#include "base/base.h"

/* Copies @len bytes; what is no UTF-8 and what is a control character becomes \xNN, byte by byte.
 * Tabs stay, and line feeds when @lines. The result is allocated. */
int printable(const char *s, size_t len, bool lines, char **ret);
