/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version.h - which of two versions is the newer one. */
#pragma once

/* Less than, equal to or greater than 0, as strcmp(), by the rules of
 * https://uapi-group.org/specifications/specs/version_format_specification/ that boot loaders sort
 * their menus by: "6.9" < "6.10~rc1" < "6.10" < "6.10.1". */
int version_compare(const char *a, const char *b);
