// SPDX-License-Identifier: GPL-2.0-or-later
/* bootmenu.c - made-up entries of a boot loader, see bootmenu.h. */
#include "tests/unit/bootmenu.h"

#include <stdio.h>

#include "loader/boot/bootentry.h"

void menu_entry(const struct temptree *t, const char *path, const char *lines)
{
	char text[1024];

	snprintf(text, sizeof(text), "linux /vmlinuz\n%s\n", lines);
	temptree_text(t, path, text);
	snprintf(text, sizeof(text), "%.*s/vmlinuz", (int)(strstr(path, "/loader/") - path), path);
	temptree_text(t, text, "");
}

void three_entries(const struct temptree *t)
{
	temptree_dir(t, "sys/firmware/efi");
	menu_entry(t, "boot/loader/entries/a.conf", "");
	menu_entry(t, "boot/loader/entries/b+0-3.conf", "");
	menu_entry(t, "boot/loader/entries/c.conf", "title See");
}

void assert_menu(const struct temptree *t, const char *expected)
{
	struct boot_entries e;
	char menu[1024] = "";

	assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
	for (size_t i = 0; i < e.n; i++)
		if (e.list[i].kind == BOOT_ENTRY_LINUX)
			snprintf(menu + strlen(menu), sizeof(menu) - strlen(menu),
			         e.chosen == &e.list[i] ? "%s[%s]" : "%s%s", *menu ? " " : "",
			         e.list[i].id);
	assert_string_equal(menu, expected);
	boot_entries_done(&e);
}
