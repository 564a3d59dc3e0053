// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bootentry.c - collects and sorts the entries of the boot loader, and finds the one that it would
 * boot; see bootentry.h.
 */
#include "loader/boot/bootentry.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/array.h"
#include "loader/boot/entryfile.h"
#include "loader/boot/grub.h"
#include "loader/boot/systemd-boot.h"
#include "loader/boot/version.h"
#include "system/tree.h"
#include "base/text.h"

/* Limits against broken directories and images. */
#define ENTRIES_MAX  1024
#define PROFILES_MAX 256 /* of systemd-boot too (UNIFIED_PROFILES_MAX, 257) */

const char *const boot_dirs[BOOT_DIRS] = { "/efi", "/boot", "/boot/efi" };

void boot_entries_done(struct boot_entries *e)
{
	for (size_t i = 0; i < e->n; i++)
		entryfile_done(&e->list[i]);
	free(e->list);
	free(e->other);
	strv_free(e->notes);
	*e = (struct boot_entries){};
}

/* --- Names ----------------------------------------------------------------------------------- */

const char *boot_entry_full_id(const struct boot_entry *e, char buf[static BOOT_ID_MAX])
{
	const char *dot = e->has_full_id ? NULL : strrchr(e->file, '.');

	snprintf(buf, BOOT_ID_MAX, "%s%s", e->id, dot ? dot : "");
	return buf;
}

const struct boot_entry *boot_entries_find(const struct boot_entries *e, const char *id)
{
	char full[BOOT_ID_MAX];

	/* The name of a file means its entry, if it has but one. */
	for (size_t i = 0; i < e->n; i++)
		if (streq(boot_entry_full_id(&e->list[i], full), id) || streq(e->list[i].id, id) ||
		    (!e->list[i].has_full_id && streq(strrchr(e->list[i].file, '/') + 1, id)))
			return &e->list[i];
	for (size_t i = 0; i < e->n; i++)
		if (*id && (streq(e->list[i].title, id) || strv_contains(e->list[i].names, id)))
			return &e->list[i];
	return NULL;
}

/* --- Order ----------------------------------------------------------------------------------- */

/* The id as systemd-boot compares it, in lower case and without a profile. */
static const char *rank_id(const struct boot_entry *e, char buf[static BOOT_ID_MAX])
{
	boot_entry_full_id(e, buf);
	if (e->has_full_id)
		*strrchr(buf, '@') = '\0';
	for (char *c = buf; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	return buf;
}

/* The order of systemd-boot's menu (src/boot/boot.c, boot_entry_compare(), 257 to 262). */
static int by_rank(const void *va, const void *vb)
{
	char full_a[BOOT_ID_MAX], full_b[BOOT_ID_MAX];
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
	r = version_compare(rank_id(b, full_b), rank_id(a, full_a));
	if (r == 0 && a->profile != b->profile)
		r = a->profile < b->profile ? -1 : 1;
	if (r == 0 && a->tries_left != b->tries_left)
		r = a->tries_left > b->tries_left ? -1 : 1;
	if (r == 0 && a->tries_done != b->tries_done)
		r = a->tries_done < b->tries_done ? -1 : 1;
	return r ? r : strcmp(a->file, b->file);
}

/* --- Collection ------------------------------------------------------------------------------ */

static const struct {
	const char *path;
	int (*read)(const struct entry_place *place, const char *name, unsigned profile,
	            struct boot_entry *ret);
} kinds[] = {
	{ "loader/entries", entryfile_read_text },
	{ "EFI/Linux", entryfile_read_unified },
};

/* Appends the entry of the file @name, if it is one; for a unified image one of each profile. */
static int collect_entry(const struct entry_place *place, size_t kind, const char *name,
                         struct boot_entries *e)
{
	int r = 1;

	for (unsigned profile = 0; r > 0 && profile < PROFILES_MAX; profile++) {
		if ((r = array_grow(&e->list, e->n, "the entries of the boot loader")) < 0 ||
		    (r = kinds[kind].read(place, name, profile, &e->list[e->n])) < 0)
			return r;
		e->n += r;
	}
	return 0;
}

static int collect_kind(const struct entry_place *place, size_t kind, struct boot_entries *e)
{
	_cleanup_(strv_freep) char **names = NULL;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/%s", place->dir, kinds[kind].path);
	r = tree_list(place->root_fd, path, &names);
	if (r == -ENOMEM)
		return r;
	for (char **n = names; n && *n && e->n < ENTRIES_MAX; n++)
		if ((r = collect_entry(place, kind, *n, e)) < 0)
			return r;
	return 0;
}

/* True if a directory is missing, or was seen before by another name. */
static bool seen_before(int root_fd, size_t which, struct stat seen[static BOOT_DIRS])
{
	_cleanup_close_ int fd = tree_open(root_fd, boot_dirs[which], O_RDONLY | O_DIRECTORY);

	seen[which] = (struct stat){};
	if (fd < 0 || fstat(fd, &seen[which]) < 0)
		return true;
	for (size_t i = 0; i < which; i++)
		if (seen[i].st_dev == seen[which].st_dev && seen[i].st_ino == seen[which].st_ino)
			return true;
	return false;
}

/* GRUB reads text entries, if at all, below /boot alone; that of openSUSE has them on the EFI
 * system partition. */
static int collect_entries(struct entry_place *place, const struct grub *grub,
                           struct boot_entries *e)
{
	bool text = grub_has_text_entries(grub);
	struct stat seen[BOOT_DIRS];
	int r = 0;

	if (grub->has_menu && text) {
		place->dir = "/boot";
		r = collect_kind(place, 0, e);
		text = e->n == 0;
	}
	for (size_t i = 0; r == 0 && i < BOOT_DIRS; i++) {
		if (seen_before(place->root_fd, i, seen))
			continue;
		place->dir = boot_dirs[i];
		for (size_t k = !text; r == 0 && k < ARRAY_SIZE(kinds); k++)
			r = collect_kind(place, k, e);
	}
	return r;
}

/* --- Choice ---------------------------------------------------------------------------------- */

static const struct boot_entry *first_of(const struct boot_entries *e, unsigned wanted)
{
	for (size_t i = 0; i < e->n; i++)
		if (wanted & 1 << e->list[i].kind)
			return &e->list[i];
	return NULL;
}

/* Takes the best entry of Linux where the boot loader would boot something else. */
static int settle_choice(struct boot_entries *e)
{
	const struct boot_entry *c;
	int r;

	if (!e->chosen && !e->other)
		e->chosen = first_of(e, 1 << BOOT_ENTRY_LINUX | 1 << BOOT_ENTRY_OTHER);
	c = e->chosen;
	if (c && c->kind == BOOT_ENTRY_OTHER) {
		r = text_replace(&e->other, *c->title ? c->title : c->id);
		if (r < 0)
			return r;
		e->chosen = NULL;
	}
	if (!e->chosen)
		e->chosen = first_of(e, 1 << BOOT_ENTRY_LINUX) ?: first_of(e, 1 << BOOT_ENTRY_GONE);
	return 0;
}

/* --- Load ------------------------------------------------------------------------------------ */

int boot_entries_load(int root_fd, const char *machine, struct boot_entries *ret)
{
	_cleanup_(boot_entries_done) struct boot_entries e = {};
	_cleanup_(grub_done) struct grub grub = {};
	struct entry_place place = { .root_fd = root_fd, .machine = machine };
	int r = grub_find(root_fd, &grub);

	if (r < 0)
		return r;
	if (r > 0)
		place.grub = &grub.menu.vars;
	r = collect_entries(&place, &grub, &e);
	if (r < 0)
		return r;
	if (e.n > 0)
		qsort(e.list, e.n, sizeof(*e.list), by_rank);
	if ((r = place.grub ? grub_arrange(root_fd, &grub, &e) : systemd_boot_choose(&e, root_fd)) <
	            0 ||
	    (r = settle_choice(&e)) < 0)
		return r;
	*ret = TAKE_STRUCT(e);
	return 0;
}
