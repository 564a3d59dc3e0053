/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootmenu.h - made-up entries of a boot loader, and the menu that is made of them.
 */
#pragma once

#include "tests/unit/temptree.h"

/* Writes an entry with @lines, which has a kernel. */
void menu_entry(const struct temptree *t, const char *path, const char *lines);

/* Entries a, b and c on a machine with EFI, of which b has no tries left, and c the title See. */
void three_entries(const struct temptree *t);

/* @expected has the ids of Linux in the order of the menu, with spaces between; that of the chosen
 * one in brackets. */
void assert_menu(const struct temptree *t, const char *expected);
