/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grubcfg.h - the menu that GRUB makes of its grub.cfg.
 */
#pragma once

#include "loader/boot/grubscript.h"

enum grub_item_kind {
	GRUB_ITEM_ENTRY,
	GRUB_ITEM_SUBMENU,
	GRUB_ITEM_BLS,     /* here stand the entries of /boot/loader/entries */
	GRUB_ITEM_UNIFIED, /* here stand the unified images of EFI/Linux */
};

struct grub_item {
	enum grub_item_kind kind;
	bool maybe;    /* only GRUB knows if it is there */
	size_t parent; /* index of the submenu that it is in, or GRUB_ITEM_TOP */
	char *id, *title;

	/* Of an entry. Paths are as GRUB has them. */
	char *kernel;
	char **initrds;
	char *options;
	char *other; /* the command that starts something else, such as "chainloader"; or NULL */
};

#define GRUB_ITEM_TOP SIZE_MAX

struct grub_menu {
	char *path;              /* of grub.cfg below the root of the system */
	struct grub_item *items; /* those of one menu are in their order */
	size_t n;
	struct grubenv vars; /* as they are when GRUB shows the menu */
};

/* Reads the grub.cfg of this machine. -ENOENT without a text: there is none; other errors: it
 * cannot be read or understood. */
int grubcfg_read(int root_fd, struct grub_menu *ret);
/* The same of a text, as that of the file @path. */
int grub_menu_make(int root_fd, const char *path, const char *text, size_t len,
                   struct grub_menu *ret);

void grub_menu_done(struct grub_menu *m);
