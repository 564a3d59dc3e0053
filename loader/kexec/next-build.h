/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next-build.h - fills a struct next from an image, initrds or an entry of the boot loader.
 */
#pragma once

#include "loader/boot/bootentry.h"
#include "loader/kexec/next.h"

/* Sets kernel, release and title from the image at @path, and for a unified one initrds and options
 * too. The kernel must be one that kernel_look() takes. On failure @n may be half filled. */
int next_take_image(int root_fd, const char *path, const struct utsname *uts, struct next *n,
                    bool *ret_unified);

/* Appends a file, which must exist. */
int next_add_initrd(int root_fd, const char *path, struct next *n);
void next_drop_initrds(struct next *n);

/* Fills @ret from an entry of the boot loader. */
int next_take_entry(int root_fd, const struct boot_entry *e, const struct utsname *uts,
                    struct next *ret);
