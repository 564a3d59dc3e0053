/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grub.h - the menu of GRUB, and which of its entries GRUB would boot.
 *
 * GRUB's menu is what its grub.cfg says. Entries of the Boot Loader Specification are in it only if
 * that has a command "blscfg", as Fedora's has.
 */
#pragma once

#include "loader/boot/bootentry.h"
#include "loader/boot/grubcfg.h"

struct grub {
	struct grub_menu menu; /* without grub.cfg, it has the variables of grubenv alone */
	bool has_menu;         /* grub.cfg was read */
	char *note;            /* why it was not read; or NULL */
};

/* 1: GRUB makes the menu, and *@ret is filled; 0: it does not. The loader names itself in
 * LoaderInfo, GRUB since 2.12. Without that, it is GRUB if there is a grub.cfg or a grubenv, unless
 * systemd-boot is configured; that needs EFI. */
int grub_find(int root_fd, struct grub *ret);
void grub_done(struct grub *g);

/* True if entries of type 1, below /boot/loader/entries, are in the menu. */
bool grub_has_text_entries(const struct grub *g);

/* Puts the entries of @e, which were read from files, and those of grub.cfg into the order of the
 * menu, and sets e->chosen to the one that GRUB would boot by "default" (grub-core/normal/menu.c,
 * get_entry_number(), 2.12; an id counts before a number, as Fedora has it). next_entry of grubenv
 * is for the next boot through GRUB, which deletes it, and so does not count. Where only GRUB knows
 * what it would boot, a note of @e tells what was chosen in its place. */
int grub_arrange(int root_fd, const struct grub *g, struct boot_entries *e);

/* GRUB's order of entries of type 1, by their ids: less than 0 when @a comes first. */
int grub_compare_ids(const char *a, const char *b);
