/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next-initrd.h - gives the next kernel its initrds, and sees that none goes without by mistake.
 */
#pragma once

#include "loader/kexec/next.h"
#include "loader/system/layout.h"

enum had_initrd { HAD_UNKNOWN, HAD_NONE, HAD_ONE };

/* Finds out if the running kernel had an initrd. On x86 the boot parameters have its address and
 * size (Documentation/arch/x86/boot.rst and zero-page.rst). */
enum had_initrd next_had_initrd(int root_fd);

/* Adds the initrds that belong to the image of @n by the layouts of distributions; there may be
 * none. @release is that of the image, or "". */
int next_pair_initrds(int root_fd, const struct layout_kernels *all, const char *release,
                      struct next *n);

/* Replaces the initrds of @n by those of the command line, see next_file(). */
int next_give_initrds(int root_fd, char *const *initrds, struct next *n);

/* -ENOENT when @n has no initrd and the running kernel had one; the text names the image and ends
 * with @remedy. When it is not known if that had one, @n gets a note. */
int next_check_initrd(enum had_initrd had, const char *remedy, struct next *n);

/* For a kernel that the user has named. */
#define NEXT_INITRD_REMEDY "name one by --initrd=FILE, or none by --initrd="
