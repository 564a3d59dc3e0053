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
#include "base/text.h"

/* Finds an entry by a pattern of loader.conf(5), or without its suffix. @good: with tries left. */
static const struct boot_entry *find_pattern(const struct boot_entries *e, const char *pattern,
                                             bool good)
{
	char full[BOOT_ID_MAX];

	for (size_t i = 0; i < e->n; i++) {
		const struct boot_entry *entry = &e->list[i];

		if (entry->kind == BOOT_ENTRY_GONE || (good && entry->tries_left == 0))
			continue;
		if (fnmatch(pattern, boot_entry_full_id(entry, full), FNM_CASEFOLD) == 0 ||
		    fnmatch(pattern, entry->id, FNM_CASEFOLD) == 0)
			return entry;
	}
	return NULL;
}

/*
 * Writes the path of loader.conf. systemd-boot reads it from the partition that it was started from
 * (src/boot/boot.c, config_load_defaults(), 257), the EFI system partition. Each of those has a
 * directory EFI or loader, which an unused mount point has not. The extended boot partition may
 * have them too, but is on /boot then, and the other one elsewhere. False without EFI.
 */
static bool find_conf(int root_fd, char path[static PATH_MAX])
{
	static const char *const places[] = { "/efi", "/boot/efi", "/boot" };
	static const char *const marks[] = { "EFI", "loader" };

	if (!tree_exists(root_fd, "/sys/firmware/efi"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(places) * ARRAY_SIZE(marks); i++) {
		const char *place = places[i / ARRAY_SIZE(marks)];

		snprintf(path, PATH_MAX, "%s/%s", place, marks[i % ARRAY_SIZE(marks)]);
		if (!tree_exists(root_fd, path))
			continue;
		snprintf(path, PATH_MAX, "%s/loader/loader.conf", place);
		return true;
	}
	return false;
}

/* Reads a value of loader.conf: the last counts, and words with "@" other than "@saved" do not
 * (config_defaults_load_from_file(), 257). The caller frees it. */
static int read_conf(int root_fd, const char *key, char **ret)
{
	_cleanup_free_ char *text = NULL;
	const char *k, *value, *found = NULL;
	char path[PATH_MAX];
	int r;

	if (!find_conf(root_fd, path))
		return -ENOENT;
	r = tree_read(root_fd, path, KIB(64), &text, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : -ENOENT;
	for (char *pos = text; entryfile_next(&pos, &k, &value);)
		if (streq(k, key) && (*value != '@' || strcasecmp(value, "@saved") == 0))
			found = value;
	if (!found)
		return -ENOENT;
	*ret = strdup(found);
	return *ret ? 0 : -ENOMEM;
}

bool systemd_boot_is_set_up(int root_fd)
{
	char path[PATH_MAX];

	return find_conf(root_fd, path) && tree_exists(root_fd, path);
}

const struct boot_entry *systemd_boot_selected(const struct boot_entries *e, int root_fd)
{
	_cleanup_free_ char *id = NULL;

	return efivar_read(root_fd, "LoaderEntrySelected", &id) < 0 ? NULL
	                                                            : find_pattern(e, id, false);
}

/* Chooses the entry for a pattern, or for "@saved" the one that was booted last, by
 * LoaderEntryLastBooted or else the entry of this boot. Entries "auto-..." have no files: the boot
 * loader makes them for other systems and for its own programs. */
static int choose_wanted(struct boot_entries *e, int root_fd, const char *wanted, bool good)
{
	_cleanup_free_ char *id = NULL;

	if (*wanted == '@') {
		if (strcasecmp(wanted, "@saved") != 0 ||
		    (efivar_read(root_fd, "LoaderEntryLastBooted", &id) < 0 &&
		     efivar_read(root_fd, "LoaderEntrySelected", &id) < 0))
			return 0;
		wanted = id;
	}
	e->chosen = find_pattern(e, wanted, good);
	return strncasecmp(wanted, "auto-", strlen("auto-")) == 0 ? text_replace(&e->other, wanted)
	                                                          : 0;
}

/*
 * Finds the entry that systemd-boot would boot. bootctl's variable comes before loader.conf, and
 * "preferred", which skips entries that have failed too often, before "default".
 * LoaderEntrySelected does not count: it tells which entry was booted, not which will be.
 * LoaderEntryOneShot does not count either, although bootctl shows it as the default: it is for the
 * next boot through the boot loader, which deletes it. A kexec would not delete it, so the entry
 * would be booted twice, and after a crash too.
 */
int systemd_boot_choose(struct boot_entries *e, int root_fd)
{
	static const struct {
		const char *variable, *key;
		bool good;
	} sources[] = {
		{ "LoaderEntryPreferred", "preferred", true },
		{ "LoaderEntryDefault", "default", false },
	};

	for (size_t i = 0; i < 2 * ARRAY_SIZE(sources) && !e->chosen && !e->other; i++) {
		_cleanup_free_ char *wanted = NULL;
		const char *variable = sources[i / 2].variable, *key = sources[i / 2].key;
		int r = i % 2 == 0 ? efivar_read(root_fd, variable, &wanted)
		                   : read_conf(root_fd, key, &wanted);

		if (r == 0)
			r = choose_wanted(e, root_fd, wanted, sources[i / 2].good);
		if (r == -ENOMEM)
			return r;
	}
	return 0;
}
