/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next-build.h - the parts that a struct next is put together from.
 */
#pragma once

#include "loader/boot/bootentry.h"
#include "loader/kexec/next.h"

/* Fills in what the image at @path tells: kernel, release and title, of a unified one also initrds
 * and options. On x86_64 it is made sure that it is a bzImage and whole; elsewhere any file will
 * do. @n may be half filled when it fails. */
int next_take_image(int root_fd, const char *path, const struct utsname *uts, struct next *n,
                    bool *ret_unified);

/* Appends a file, which must be there. */
int next_add_initrd(int root_fd, const char *path, struct next *n);
void next_drop_initrds(struct next *n);

/* Makes @ret what the entry says. */
int next_take_entry(int root_fd, const struct boot_entry *e, const struct utsname *uts,
                    struct next *ret);
