/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * efivar.h - what boot loader and system tell each other in EFI variables.
 *
 * They are those of https://systemd.io/BOOT_LOADER_INTERFACE/, all of the same vendor. In
 * /sys/firmware/efi/efivars a variable is four bytes of attributes and the value, here UTF-16.
 */
#pragma once

#include "base/base.h"

/* The text of a variable ("LoaderEntryDefault") as UTF-8, allocated. -ENOENT without a text when
 * there is none that is fit for use. */
int efivar_read(int root_fd, const char *name, char **ret);
