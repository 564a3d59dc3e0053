/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootimage.h - kernel images in wrappings that only firmware or a boot loader undoes.
 *
 * A unified kernel image (UKI) is a PE program with kernel, initrd and command line in sections. A
 * "zboot" image is a PE program that unpacks the kernel it carries (drivers/firmware/efi/libstub/
 * zboot-header.S, 6.12). And arm64 knows plainly compressed Images.
 */
#pragma once

#include "system/piece.h"

/* One section of a PE file; -ENOENT without a text when it has none of that name (".linux"), or an
 * empty one, and when it is no PE file at all. Of an image with several profiles it is the section
 * as the first profile has it, which is what boots unless somebody chooses otherwise. */
int bootimage_section(int fd, const char *what, const char *name, uint64_t *ret_offset,
                      uint64_t *ret_size);

/* A section that is text (".cmdline", ".osrel", ".uname"), without white space around it. Errors as
 * above. Allocated. */
int bootimage_text(int fd, const char *what, const char *name, char **ret);

/* Whether it is a PE file with a ".linux" section. True also for one that is cut short, of which
 * bootimage_section() then tells. */
bool bootimage_is_unified(int fd);

/* Undoes zboot and compression: gives a memfd with the kernel inside. -ENOEXEC without a text when
 * the file is neither; -ENOTSUP with one when it is packed in a way that we do not know. @what
 * names the file in texts. */
int bootimage_unwrap(int fd, const char *what, int *ret_fd);
