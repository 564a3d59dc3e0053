/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootentry.h - the boot loader's entries, by the Boot Loader Specification.
 *
 * Entries of type 1 are text files /loader/entries/NAME.conf. Those of type 2 are unified kernel
 * images /EFI/Linux/NAME.efi. Both are on the EFI system partition or the extended boot partition;
 * see https://uapi-group.org/specifications/specs/boot_loader_specification/. Fedora's GRUB has
 * entries of type 1 below /boot too, also without EFI, with variables. Others are in grub.cfg.
 */
#pragma once

#include <limits.h>

#include "system/piece.h"

/* Where the EFI system and extended boot partitions may be mounted; some may be one directory. */
#define BOOT_DIRS 3
extern const char *const boot_dirs[BOOT_DIRS];

enum boot_entry_kind {
	BOOT_ENTRY_LINUX,
	BOOT_ENTRY_GONE,  /* its kernel is missing; systemd-boot passes it over */
	BOOT_ENTRY_OTHER, /* another system, or a program such as memtest */
};

struct boot_entry {
	enum boot_entry_kind kind;
	char *id;         /* file name without .conf and without a counter of tries: "debian-6.1" */
	bool has_full_id; /* the id ends in "@PROFILE", with the suffix before that; or is GRUB's */
	char *file;       /* path of the .conf, .efi or grub.cfg below the root of the system */
	char *title;      /* fit for a terminal; "" when there is none */
	char *version, *machine_id, *sort_key; /* for the order; "" when there is none */
	char *kernel;        /* path below the root of the system; for type 2 the image itself */
	bool unified;        /* the kernel is in a unified image: type 2, or type 1 with "efi" */
	unsigned profile;    /* of the unified image; 0: the first one */
	char **initrds;      /* paths below the root of the system; NULL when there are none */
	char *options;       /* one line; variables of GRUB are filled in */
	char **left_out;     /* files that only the boot loader can pass on; NULL: there are none */
	unsigned tries_left; /* by the counter in the file name; UINT_MAX when there is none */
	unsigned tries_done; /* by the counter in the file name; UINT_MAX when there is none */
	char **names;        /* of an entry of grub.cfg, as "SUBMENU>TITLE"; else NULL */
	char *note;          /* a line for whoever uses the entry; or NULL */
};

struct boot_entries {
	struct boot_entry *list; /* in the order of the menu: best first */
	size_t n;
	const struct boot_entry *chosen; /* the one of Linux that would be booted now; or NULL */
	char *other;  /* what would be booted instead, which is no Linux: its name; or NULL */
	char **notes; /* lines for whoever uses @chosen: what is otherwise than they may think */
};

/* Reads the entries below /efi, /boot and /boot/efi, and those of grub.cfg. Skips broken ones, and
 * those for another machine than @machine (uname -m). It is no error when there are none. */
int boot_entries_load(int root_fd, const char *machine, struct boot_entries *ret);
void boot_entries_done(struct boot_entries *e);

/* Finds an entry by its id, with or without ".conf" or ".efi", or by its title; one of grub.cfg
 * also by "SUBMENU>TITLE" or "SUBMENU-ID>ID". NULL when there is none. */
const struct boot_entry *boot_entries_find(const struct boot_entries *e, const char *id);

/* The id with the suffix of its file, as systemd has it. */
#define BOOT_ID_MAX (2 * NAME_MAX)
const char *boot_entry_full_id(const struct boot_entry *e, char buf[static BOOT_ID_MAX]);
