/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grub.h - which entry GRUB would boot, by its variables.
 */
#pragma once

#include "loader/boot/bootentry.h"
#include "loader/boot/grubenv.h"

/* 1: GRUB makes the menu, and *@ret has its variables; 0: it does not. The loader names itself in
 * LoaderInfo, GRUB since 2.12. Without that, grubenv counts unless systemd-boot is configured. */
int grub_find(int root_fd, struct grubenv *ret);

/* The entry that would be booted with "default=saved", which distributions with such entries set:
 * by an id, a title, or a place in the menu. NULL: none is saved, or it is not there. */
const struct boot_entry *grub_choose(const struct boot_entries *e, const struct grubenv *g);
