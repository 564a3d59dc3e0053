/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmlinux.h - the kernel with its debugging information, which debuggers need beside a dump.
 */
#pragma once

#include "base/base.h"

/* Finds the one of the kernel @release in the system below @root_fd, where distributions put it or
 * where it was built. @build_id is that of the dump, in hexadecimal. If it has not 40 digits, it is
 * unknown and only the release is compared. @ret is allocated, relative to the root, with a slash
 * in front. -ENOENT when there is none; the text names files that did not fit. */
int vmlinux_find(int root_fd, const char *release, const char *build_id, char **ret);

/* Looks whether the file is of that build, and has debugging information. -ENOEXEC with a text when
 * it is another build, has no such information, or is no ELF file. */
int vmlinux_check(int root_fd, const char *path, const char *build_id);

bool vmlinux_is_build_id(const char *text);

/* The package that has it, by the distribution of the system below @root_fd; allocated, an empty
 * string when the distribution is not known. @machine is that of the dump as in utsname; with NULL
 * it is that of this system, which a package's name does not say. */
int vmlinux_package(int root_fd, const char *release, const char *machine, char **ret);
