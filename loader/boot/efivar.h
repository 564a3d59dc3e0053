/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * efivar.h - reads EFI variables of the boot loader interface.
 *
 * See https://systemd.io/BOOT_LOADER_INTERFACE/; all have one vendor id. In
 * /sys/firmware/efi/efivars a variable is four bytes of attributes and the value, here UTF-16.
 */
#pragma once

/* Reads a variable ("LoaderEntryDefault") as UTF-8. The caller frees it. -ENOENT without a text: it
 * is missing, empty or broken. */
int efivar_read(int root_fd, const char *name, char **ret);
