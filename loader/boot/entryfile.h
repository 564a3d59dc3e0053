/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entryfile.h - reads one entry of the boot loader from its file.
 */
#pragma once

#include "loader/boot/bootentry.h"
#include "loader/boot/grubenv.h"

struct entry_place {
	int root_fd;
	const char *dir;     /* where the partition is mounted: "/boot" */
	const char *machine; /* uname -m */

	/* NULL unless the boot loader is GRUB; without it a "$" has no meaning. */
	const struct grubenv *grub;
};

/* Reads /loader/entries/@name or /EFI/Linux/@name of the place. 1: *@ret is the entry of @profile;
 * 0: the file is no entry, for another machine, or has no such profile; -ENOMEM. */
int entryfile_read_text(const struct entry_place *place, const char *name, unsigned profile,
                        struct boot_entry *ret);
int entryfile_read_unified(const struct entry_place *place, const char *name, unsigned profile,
                           struct boot_entry *ret);

/* Frees the members of @e. */
void entryfile_done(struct boot_entry *e);

/* Takes the next line "key value" off *@pos, in the syntax of entries and of loader.conf. NULs are
 * written into the text. False at the end. */
bool entryfile_next(char **pos, const char **ret_key, const char **ret_value);
