/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * efivar.h - reads EFI variables of the boot loader interface.
 *
 * See https://systemd.io/BOOT_LOADER_INTERFACE/; all have one vendor id. In
 * /sys/firmware/efi/efivars a variable is four bytes of attributes and the value, here UTF-16.
 */
#pragma once

#include "base/base.h"

/* Reads a variable as UTF-8, allocated. -ENOENT without a text: missing, empty or broken. */
int efivar_read(int root_fd, const char *name, char **ret);

/* True if Secure Boot is on, by the firmware's own variable SecureBoot, which is one byte
 * (UEFI 2.10, 3.3). */
bool efivar_secure_boot(int root_fd);
