/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootentry.h - what the boot loader offers: the entries of the Boot Loader Specification.
 *
 * Type 1 are text files /loader/entries/NAME.conf, type 2 unified kernel images
 * /EFI/Linux/NAME.efi, on the EFI system partition or the extended boot partition; see
 * https://uapi-group.org/specifications/specs/boot_loader_specification/. Fedora's GRUB has type 1
 * entries too, below /boot also without EFI, with variables from grubenv.
 */
#pragma once

#include "system/piece.h"

struct boot_entry {
	char *id;    /* file name without .conf and without a counter of tries: "debian-6.1" */
	char *file;  /* where the entry is from: path below the root of the .conf or .efi */
	char *title; /* fit for a terminal; "" when it has none */
	char *version, *machine_id, *sort_key; /* for the order; "" when there is none */
	char *kernel;        /* path below the root of the system; for type 2 the image itself */
	bool unified;        /* type 2, or type 1 with "efi": to be taken apart */
	char **initrds;      /* paths below the root of the system; NULL when there are none */
	char *options;       /* of several lines one; variables of grubenv are filled in */
	unsigned tries_left; /* by the counter in the file name; UINT_MAX when there is none */
	unsigned tries_done; /* the same */
};

struct boot_entries {
	struct boot_entry *list; /* in the order of the menu: best first */
	size_t n;
	const struct boot_entry *chosen; /* what would be booted now; NULL when @n is 0 */
};

/* Looks at /efi, /boot and /boot/efi. @machine (uname -m) passes over entries for others. A file
 * that is no good entry is passed over. No entries is no error. */
int boot_entries_load(int root_fd, const char *machine, struct boot_entries *ret);
void boot_entries_done(struct boot_entries *e);

/* NULL when there is none of that id; with or without ".conf" or ".efi". */
const struct boot_entry *boot_entries_find(const struct boot_entries *e, const char *id);

/* The entry that systemd-boot says it started this system with, whether or not that is what runs
 * now after a kexec; NULL when it does not say, or it is gone. */
const struct boot_entry *boot_entries_selected(const struct boot_entries *e, int root_fd);
