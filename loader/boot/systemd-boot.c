// SPDX-License-Identifier: GPL-2.0-or-later
/* systemd-boot.c - finds the entry that systemd-boot would boot, see systemd-boot.h. */
#include "loader/boot/systemd-boot.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>

#include "loader/boot/efivar.h"
#include "loader/boot/entryfile.h"
#include "system/tree.h"

/* Finds an entry by a pattern of loader.conf(5), or without its suffix. @good: with tries left. */
static const struct boot_entry *find_pattern(const struct boot_entries *e, const char *pattern,
                                             bool good)
{
	char full[BOOT_ID_MAX];

	for (size_t i = 0; i < e->n; i++) {
		const struct boot_entry *entry = &e->list[i];

		if (good && entry->tries_left == 0)
			continue;
		if (fnmatch(pattern, boot_entry_full_id(entry, full), FNM_CASEFOLD) == 0 ||
		    fnmatch(pattern, entry->id, FNM_CASEFOLD) == 0)
			return entry;
	}
	return NULL;
}

/* Reads a value of loader.conf, which is on the EFI system partition only. The caller frees it. */
static int read_conf(int root_fd, const char *key, char **ret)
{
	for (size_t i = 0; i < BOOT_DIRS; i++) {
		_cleanup_free_ char *text = NULL;
		const char *k, *value;
		char path[PATH_MAX];
		int r;

		snprintf(path, sizeof(path), "%s/loader/loader.conf", boot_dirs[i]);
		r = tree_read(root_fd, path, KIB(64), &text, NULL);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			continue;
		for (char *pos = text; entryfile_next(&pos, &k, &value);) {
			if (!streq(k, key))
				continue;
			*ret = strdup(value);
			return *ret ? 0 : -ENOMEM;
		}
	}
	return -ENOENT;
}

bool systemd_boot_is_set_up(int root_fd)
{
	for (size_t i = 0; i < BOOT_DIRS; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/loader/loader.conf", boot_dirs[i]);
		if (tree_exists(root_fd, path))
			return true;
	}
	return false;
}

const struct boot_entry *systemd_boot_selected(const struct boot_entries *e, int root_fd)
{
	_cleanup_free_ char *id = NULL;

	return efivar_read(root_fd, "LoaderEntrySelected", &id) < 0 ? NULL
	                                                            : find_pattern(e, id, false);
}

/* Finds the entry for a pattern or for "@saved", which is the one that was booted last.
 * LoaderEntryLastBooted has it; if that is missing, it is the entry of this boot. */
static const struct boot_entry *find_wanted(const struct boot_entries *e, int root_fd,
                                            const char *wanted, bool good)
{
	_cleanup_free_ char *id = NULL;

	if (*wanted != '@')
		return find_pattern(e, wanted, good);
	if (strcasecmp(wanted, "@saved") != 0)
		return NULL;
	if (efivar_read(root_fd, "LoaderEntryLastBooted", &id) == 0)
		return find_pattern(e, id, good);
	return systemd_boot_selected(e, root_fd);
}

/*
 * Finds the entry that systemd-boot would boot. bootctl's variable comes before loader.conf, and
 * "preferred", which skips entries that have failed too often, before "default".
 * LoaderEntrySelected does not count: it tells which entry was booted, not which will be.
 * LoaderEntryOneShot does not count either, although bootctl shows it as the default: it is for the
 * next boot through the boot loader, which deletes it. A kexec would not delete it, so the entry
 * would be booted twice, and after a crash too.
 */
const struct boot_entry *systemd_boot_choose(const struct boot_entries *e, int root_fd)
{
	static const struct {
		const char *variable, *key;
		bool good;
	} sources[] = {
		{ "LoaderEntryPreferred", "preferred", true },
		{ "LoaderEntryDefault", "default", false },
	};
	const struct boot_entry *found = NULL;

	for (size_t i = 0; !found && i < ARRAY_SIZE(sources); i++) {
		_cleanup_free_ char *variable = NULL, *value = NULL;

		if (efivar_read(root_fd, sources[i].variable, &variable) == 0)
			found = find_wanted(e, root_fd, variable, sources[i].good);
		if (!found && read_conf(root_fd, sources[i].key, &value) == 0)
			found = find_wanted(e, root_fd, value, sources[i].good);
	}
	return found;
}
