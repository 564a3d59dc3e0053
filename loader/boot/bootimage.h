/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootimage.h - kernel images in wrappings that only firmware or a boot loader undoes.
 *
 * A unified kernel image (UKI) is a PE program with kernel, initrd and command line in sections. A
 * "zboot" image is a PE program that unpacks the kernel it carries (drivers/firmware/efi/libstub/
 * zboot-header.S, 6.12). And arm64 knows plainly compressed Images.
 */
#pragma once

#include "config/piece.h"

/* One section of a PE file; -ENOENT without a text when it has none of that name (".linux"). */
int bootimage_section(int fd, const char *what, const char *name, uint64_t *ret_offset,
                      uint64_t *ret_size);

/* Whether it is a PE file with a ".linux" section. */
bool bootimage_is_unified(int fd);

/* Undoes zboot and compression: gives a memfd with the kernel inside. -ENOEXEC without a text when
 * the file is neither. @what names the file in texts. */
int bootimage_unwrap(int fd, const char *what, int *ret_fd);
