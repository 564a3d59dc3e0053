/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entryfile.h - one entry of the boot loader, from its file.
 */
#pragma once

#include "loader/boot/bootentry.h"
#include "loader/boot/grubenv.h"

struct entry_place {
	int root_fd;
	const char *dir;     /* where the partition is mounted: "/boot" */
	const char *machine; /* uname -m */
	const struct grubenv
		*grub; /* when the loader is GRUB, else NULL: a "$" is nothing special */
};

/* Reads /loader/entries/@name or /EFI/Linux/@name of the place. 1: here it is, 0: it is no entry
 * for this machine, negative: no memory. */
int entryfile_read_text(const struct entry_place *place, const char *name, struct boot_entry *ret);
int entryfile_read_unified(const struct entry_place *place, const char *name,
                           struct boot_entry *ret);

/* Frees what is in it. */
void entryfile_done(struct boot_entry *e);

/* The next line "key value" of a file in the syntax of entries, also used by loader.conf. @pos
 * moves on; the text is cut up in place. False at the end. */
bool entryfile_next(char **pos, const char **ret_key, const char **ret_value);
