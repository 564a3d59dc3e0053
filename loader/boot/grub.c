// SPDX-License-Identifier: GPL-2.0-or-later
/* grub.c - finds the entry that GRUB would boot, see grub.h. */
#include "loader/boot/grub.h"

#include <errno.h>

#include "loader/boot/efivar.h"
#include "loader/boot/systemd-boot.h"
#include "base/text.h"

int grub_find(int root_fd, struct grubenv *ret)
{
	_cleanup_free_ char *info = NULL;
	int r = efivar_read(root_fd, "LoaderInfo", &info);

	if (r == -ENOMEM)
		return r;
	if (r == 0 ? strncasecmp(info, "grub", strlen("grub")) != 0
	           : systemd_boot_is_set_up(root_fd))
		return 0;
	r = grubenv_read(root_fd, ret);
	return r == 0 ? 1 : r == -ENOENT ? 0 : r;
}

/* "next_entry" is for one boot, so it does not count. */
const struct boot_entry *grub_choose(const struct boot_entries *e, const struct grubenv *g)
{
	const char *saved = grubenv_get(g, "saved_entry");
	const struct boot_entry *found;
	uint64_t place;

	if (!saved)
		return NULL;
	found = boot_entries_find(e, saved);
	for (size_t i = 0; !found && i < e->n; i++)
		if (*saved && streq(e->list[i].title, saved))
			found = &e->list[i];
	if (!found && text_to_u64(saved, 10, &place) == 0 && place < e->n)
		found = &e->list[place];
	return found;
}
