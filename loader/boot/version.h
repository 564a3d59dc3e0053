/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version.h - compares versions. */
#pragma once

/* Returns less than, equal to or greater than 0, like strcmp(). The rules are those of boot
 * loaders' menus, https://uapi-group.org/specifications/specs/version_format_specification/: "6.9"
 * < "6.10~rc1" < "6.10" < "6.10.1". */
int version_compare(const char *a, const char *b);
