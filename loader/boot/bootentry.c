// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bootentry.c - collects and sorts the entries of the boot loader, and finds the one that it would
 * boot; see bootentry.h.
 */
#include "loader/boot/bootentry.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/array.h"
#include "loader/boot/efivar.h"
#include "loader/boot/entryfile.h"
#include "loader/boot/version.h"
#include "system/tree.h"
#include "base/text.h"

/* Limit against broken directories. */
#define ENTRIES_MAX 1024

/* Where the EFI system and extended boot partitions may be mounted; some may be one directory. */
static const char *const dirs[] = { "/efi", "/boot", "/boot/efi" };

void boot_entries_done(struct boot_entries *e)
{
	for (size_t i = 0; i < e->n; i++)
		entryfile_done(&e->list[i]);
	free(e->list);
	*e = (struct boot_entries){};
}

/* --- Names ----------------------------------------------------------------------------------- */

/* The id in the form of systemd, with the suffix of the file. */
#define FULL_ID_MAX (NAME_MAX + 8)
static const char *full_id(const struct boot_entry *e, char buf[static FULL_ID_MAX])
{
	const char *dot = strrchr(e->file, '.');

	snprintf(buf, FULL_ID_MAX, "%s%s", e->id, dot ? dot : "");
	return buf;
}

const struct boot_entry *boot_entries_find(const struct boot_entries *e, const char *id)
{
	char full[FULL_ID_MAX];

	for (size_t i = 0; i < e->n; i++)
		if (streq(full_id(&e->list[i], full), id) || streq(e->list[i].id, id) ||
		    streq(strrchr(e->list[i].file, '/') + 1, id))
			return &e->list[i];
	return NULL;
}

/* Finds an entry by a pattern of loader.conf(5), or without its suffix. @good: with tries left. */
static const struct boot_entry *find_pattern(const struct boot_entries *e, const char *pattern,
                                             bool good)
{
	char full[FULL_ID_MAX];

	for (size_t i = 0; i < e->n; i++) {
		const struct boot_entry *entry = &e->list[i];

		if (good && entry->tries_left == 0)
			continue;
		if (fnmatch(pattern, full_id(entry, full), FNM_CASEFOLD) == 0 ||
		    fnmatch(pattern, entry->id, FNM_CASEFOLD) == 0)
			return entry;
	}
	return NULL;
}

/* --- Order ----------------------------------------------------------------------------------- */

/* The order of systemd-boot's menu (src/boot/boot.c, boot_entry_compare(), 257). */
static int by_rank(const void *va, const void *vb)
{
	char full_a[FULL_ID_MAX], full_b[FULL_ID_MAX];
	const struct boot_entry *a = va, *b = vb;
	int r;

	if ((a->tries_left == 0) != (b->tries_left == 0))
		return a->tries_left == 0 ? 1 : -1;
	if (!*a->sort_key != !*b->sort_key)
		return *a->sort_key ? -1 : 1;
	if (*a->sort_key) {
		r = strcmp(a->sort_key, b->sort_key);
		if (r == 0)
			r = strcmp(a->machine_id, b->machine_id);
		if (r == 0)
			r = version_compare(b->version, a->version);
		if (r != 0)
			return r;
	}
	r = version_compare(full_id(b, full_b), full_id(a, full_a));
	if (r == 0 && a->tries_left != b->tries_left)
		r = a->tries_left > b->tries_left ? -1 : 1;
	if (r == 0 && a->tries_done != b->tries_done)
		r = a->tries_done < b->tries_done ? -1 : 1;
	return r ? r : strcmp(a->file, b->file);
}

/* --- Collection ------------------------------------------------------------------------------ */

static const struct {
	const char *path;
	int (*read)(const struct entry_place *place, const char *name, struct boot_entry *ret);
} kinds[] = {
	{ "loader/entries", entryfile_read_text },
	{ "EFI/Linux", entryfile_read_unified },
};

/* Appends the entry of the file @name, if it is one. */
static int collect_entry(const struct entry_place *place, size_t kind, const char *name,
                         struct boot_entries *e)
{
	int r;

	if ((r = array_grow(&e->list, e->n, "the entries of the boot loader")) < 0 ||
	    (r = kinds[kind].read(place, name, &e->list[e->n])) < 0)
		return r;
	e->n += r;
	return 0;
}

static int collect_entries(const struct entry_place *place, struct boot_entries *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		_cleanup_(strv_freep) char **names = NULL;
		char path[PATH_MAX];
		int r;

		snprintf(path, sizeof(path), "%s/%s", place->dir, kinds[i].path);
		r = tree_list(place->root_fd, path, &names);
		if (r == -ENOMEM)
			return r;
		for (char **n = names; n && *n && e->n < ENTRIES_MAX; n++)
			if ((r = collect_entry(place, i, *n, e)) < 0)
				return r;
	}
	return 0;
}

/* True if a directory is missing, or was seen before by another name. */
static bool seen_before(int root_fd, size_t which, struct stat seen[static ARRAY_SIZE(dirs)])
{
	_cleanup_close_ int fd = tree_open(root_fd, dirs[which], O_RDONLY | O_DIRECTORY);

	seen[which] = (struct stat){};
	if (fd < 0 || fstat(fd, &seen[which]) < 0)
		return true;
	for (size_t i = 0; i < which; i++)
		if (seen[i].st_dev == seen[which].st_dev && seen[i].st_ino == seen[which].st_ino)
			return true;
	return false;
}

/* --- Choice ---------------------------------------------------------------------------------- */

/* Reads a value of loader.conf, which is on the EFI system partition only. The caller frees it. */
static int read_conf(int root_fd, const char *key, char **ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		_cleanup_free_ char *text = NULL;
		const char *k, *value;
		char path[PATH_MAX];
		int r;

		snprintf(path, sizeof(path), "%s/loader/loader.conf", dirs[i]);
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

static bool has_conf(int root_fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/loader/loader.conf", dirs[i]);
		if (tree_exists(root_fd, path))
			return true;
	}
	return false;
}

const struct boot_entry *boot_entries_selected(const struct boot_entries *e, int root_fd)
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
	return boot_entries_selected(e, root_fd);
}

/*
 * Finds the entry that systemd-boot would boot. bootctl's variable comes before loader.conf, and
 * "preferred", which skips entries that have failed too often, before "default".
 * LoaderEntrySelected does not count: it tells which entry was booted, not which will be.
 * LoaderEntryOneShot does not count either, although bootctl shows it as the default: it is for the
 * next boot through the boot loader, which deletes it. A kexec would not delete it, so the entry
 * would be booted twice, and after a crash too.
 */
static const struct boot_entry *choose_systemd(const struct boot_entries *e, int root_fd)
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

/* Finds the entry that GRUB would boot with "default=saved", which distributions with such entries
 * set: by an id, a title, or a place in the menu. "next_entry" is for one boot. */
static const struct boot_entry *choose_grub(const struct boot_entries *e, const struct grubenv *g)
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

/* 1: GRUB makes the menu, and *@ret has its variables; 0: it does not. The loader names itself in
 * LoaderInfo, GRUB since 2.12. Without that, grubenv counts unless systemd-boot is configured. */
static int find_grub(int root_fd, struct grubenv *ret)
{
	_cleanup_free_ char *info = NULL;
	int r = efivar_read(root_fd, "LoaderInfo", &info);

	if (r == -ENOMEM)
		return r;
	if (r == 0 ? strncasecmp(info, "grub", strlen("grub")) != 0 : has_conf(root_fd))
		return 0;
	r = grubenv_read(root_fd, ret);
	return r == 0 ? 1 : r == -ENOENT ? 0 : r;
}

int boot_entries_load(int root_fd, const char *machine, struct boot_entries *ret)
{
	_cleanup_(boot_entries_done) struct boot_entries e = {};
	_cleanup_(grubenv_done) struct grubenv grub = {};
	struct entry_place place = { .root_fd = root_fd, .machine = machine };
	struct stat seen[ARRAY_SIZE(dirs)];
	int r = find_grub(root_fd, &grub);

	if (r < 0)
		return r;
	if (r > 0)
		place.grub = &grub;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (seen_before(root_fd, i, seen))
			continue;
		place.dir = dirs[i];
		r = collect_entries(&place, &e);
		if (r < 0)
			return r;
	}
	if (e.n > 0) {
		qsort(e.list, e.n, sizeof(*e.list), by_rank);
		e.chosen = place.grub ? choose_grub(&e, &grub) : choose_systemd(&e, root_fd);
		if (!e.chosen)
			e.chosen = &e.list[0];
	}
	*ret = TAKE_STRUCT(e);
	return 0;
}
