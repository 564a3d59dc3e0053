// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bootentry.c - collects the entries of the boot loader, in its order, and says which one it would
 * take; see bootentry.h.
 */
#include "loader/boot/bootentry.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "loader/boot/efivar.h"
#include "loader/boot/entryfile.h"
#include "loader/boot/version.h"
#include "system/tree.h"
#include "base/text.h"

/* More than a menu can hold. */
#define ENTRIES_MAX 1024

/* Where the EFI system partition and the extended boot partition are mounted; any may be the same
 * as another one. */
static const char *const dirs[] = { "/efi", "/boot", "/boot/efi" };

void boot_entries_done(struct boot_entries *e)
{
	for (size_t i = 0; i < e->n; i++)
		entryfile_done(&e->list[i]);
	free(e->list);
	*e = (struct boot_entries){};
}

/* --- Names ----------------------------------------------------------------------------------- */

/* The id as systemd has it: with the suffix of the file. */
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

/* Patterns are those of loader.conf(5); older versions left the suffix out. @good: not among those
 * that have failed as often as they may. */
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

/* As systemd-boot sorts its menu (src/boot/boot.c, boot_entry_compare(), 257). */
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

static int append(struct boot_entries *e, const struct boot_entry *entry)
{
	struct boot_entry *list = reallocarray(e->list, e->n + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	list[e->n++] = *entry;
	e->list = list;
	return 0;
}

static int collect(const struct entry_place *place, struct boot_entries *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		_cleanup_(strv_freep) char **names = NULL;
		char path[PATH_MAX];
		int r;

		snprintf(path, sizeof(path), "%s/%s", place->dir, kinds[i].path);
		r = tree_list(place->root_fd, path, &names);
		if (r == -ENOMEM)
			return r;
		for (char **n = names; r == 0 && n && *n && e->n < ENTRIES_MAX; n++) {
			struct boot_entry entry;

			r = kinds[i].read(place, *n, &entry);
			if (r < 0)
				return r;
			if (r > 0 && append(e, &entry) < 0) {
				entryfile_done(&entry);
				return -ENOMEM;
			}
			r = 0;
		}
	}
	return 0;
}

/* Whether a directory was looked at already by another name. */
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

/* The value of a key in loader.conf, which is on the EFI system partition only. Allocated. */
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
		for (char *pos = r == 0 ? text : NULL; pos && entryfile_next(&pos, &k, &value);) {
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

/* "@saved" stands for what was booted last. systemd-boot keeps that in LoaderEntryLastBooted; where
 * that is not to be had, what this boot was made with says the same. */
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
 * Which entry systemd-boot would take: bootctl's variable comes before loader.conf, and
 * "preferred", which passes over entries that have failed too often, before "default".
 * LoaderEntrySelected plays no part in it: it says what was taken, not what will be. Neither does
 * LoaderEntryOneShot, although bootctl shows it as the default: it means the next start through the
 * boot loader, which takes it away; a kexec does not, so what was meant to run once would run
 * twice, and after a crash as well.
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

/* GRUB with "default=saved", as distributions with such entries have it: an id, a title, or a place
 * in the menu. "next_entry" is for one boot, see above. */
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

/* Whether GRUB makes the menu. Both loaders say who they are in LoaderInfo, GRUB since 2.12;
 * without that, GRUB's block of variables may be left over where systemd-boot has its
 * configuration. */
static int find_grub(int root_fd, struct grubenv *ret)
{
	_cleanup_free_ char *info = NULL;
	int r;

	r = efivar_read(root_fd, "LoaderInfo", &info);
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
	int r;

	r = find_grub(root_fd, &grub);
	if (r < 0)
		return r;
	if (r > 0)
		place.grub = &grub;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (seen_before(root_fd, i, seen))
			continue;
		place.dir = dirs[i];
		r = collect(&place, &e);
		if (r < 0)
			return r;
	}
	if (e.n > 0) {
		qsort(e.list, e.n, sizeof(*e.list), by_rank);
		e.chosen = place.grub ? choose_grub(&e, &grub) : choose_systemd(&e, root_fd);
		if (!e.chosen)
			e.chosen = &e.list[0];
	}
	*ret = e;
	e = (struct boot_entries){};
	return 0;
}
