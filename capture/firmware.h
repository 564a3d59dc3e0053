/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firmware.h - the end of the log as variables of the EFI firmware: the last net that lasts.
 *
 * The variables are such as efi_pstore makes when a kernel panics
 * (drivers/firmware/efi/efi-pstore.c and fs/pstore/platform.c, Linux 6.12), not compressed. So the
 * next boot shows them in /sys/fs/pstore, and systemd-pstore(8) collects and removes them. Part 1
 * has the end of the log.
 */
#pragma once

#include "capture/rescue.h"

#define FIRMWARE_VARIABLES "/sys/firmware/efi/efivars"

/* Bytes of a variable: what efi_pstore reads at most. */
#define FIRMWARE_PART  1024
#define FIRMWARE_PARTS 8

/* Parts that may be written to a store of @size bytes, of which @free are free, when there are
 * records of @present parts in it. @size 0: not known, as before Linux 6.7. */
unsigned firmware_parts(uint64_t size, uint64_t free, size_t present);

/* Writes it, in a process of its own, since some firmware does not return. */
int firmware_save(const struct rescue *rescue);
