// SPDX-License-Identifier: GPL-2.0-or-later
/* grub.c - the menu of GRUB and its default, see grub.h. */
#include "loader/boot/grub.h"

#include <errno.h>
#include <limits.h>

#include "base/array.h"
#include "base/err.h"
#include "base/text.h"
#include "loader/boot/efivar.h"
#include "loader/boot/entryfile.h"
#include "loader/boot/systemd-boot.h"

void grub_done(struct grub *g)
{
	grub_menu_done(&g->menu);
	free(g->note);
	*g = (struct grub){};
}

int grub_find(int root_fd, struct grub *ret)
{
	_cleanup_(grub_done) struct grub g = {};
	_cleanup_free_ char *info = NULL;
	int r = efivar_read(root_fd, "LoaderInfo", &info), found;

	if (r == -ENOMEM)
		return r;
	if (r == 0 ? strncasecmp(info, "grub", strlen("grub")) != 0
	           : systemd_boot_is_set_up(root_fd))
		return 0;
	found = grubcfg_read(root_fd, &g.menu);
	g.has_menu = found == 0;
	if (found == -ENOMEM ||
	    (!g.has_menu && found != -ENOENT &&
	     (r = text_printf(&g.note, "GRUB's menu is not used: %s", err_text(found))) < 0))
		return -ENOMEM;
	if (!g.has_menu)
		r = grubenv_read(root_fd, &g.menu.vars);
	if (r == -ENOMEM)
		return r;
	if (found == -ENOENT && r < 0)
		return 0;
	*ret = TAKE_STRUCT(g);
	return 1;
}

bool grub_has_text_entries(const struct grub *g)
{
	for (size_t i = 0; i < g->menu.n; i++)
		if (g->menu.items[i].kind == GRUB_ITEM_BLS)
			return true;
	return !g->has_menu;
}

/* --- The menu as lines ----------------------------------------------------------------------- */

/* What GRUB shows. Lists of files are replaced by their entries. */
struct line {
	const struct grub_item *item; /* NULL for an entry of a file */
	size_t parent, index;         /* of the item */
	size_t row;                   /* in the list of entries; NO_ROW: a submenu, or not known */
};

#define NO_ROW SIZE_MAX

struct arrangement {
	int root_fd;
	const struct grub *grub;
	struct boot_entries *from; /* of files; taken ones are empty */
	struct boot_entries to;
	struct line *lines;
	size_t n_lines;
};

static const char *line_id(const struct arrangement *a, const struct line *l)
{
	return l->item ? l->item->id : a->to.list[l->row].id;
}

static const char *line_title(const struct arrangement *a, const struct line *l)
{
	return l->item ? l->item->title : a->to.list[l->row].title;
}

static int add_line(struct arrangement *a, struct line line)
{
	int r = array_grow(&a->lines, a->n_lines, "the lines of a menu");

	if (r < 0)
		return r;
	a->lines[a->n_lines++] = line;
	return 0;
}

/* Takes the entry over. */
static int add_row(struct arrangement *a, struct boot_entry *e)
{
	int r = array_grow(&a->to.list, a->to.n, "the entries of the boot loader");

	if (r < 0)
		return r;
	a->to.list[a->to.n++] = TAKE_STRUCT(*e);
	return 0;
}

/* What an entry starts if it is no Linux of this system, or NULL. os-prober finds other systems, on
 * devices that GRUB looks for by itself. */
static const char *other_system(const struct grub_item *item)
{
	if (strncmp(item->id, "osprober-", strlen("osprober-")) == 0)
		return "another system";
	return item->other ? item->other : item->kernel ? NULL : "a menu entry without a kernel";
}

/* Makes "MENU>ENTRY" of titles, or of ids. */
static int join_names(const struct grub_menu *m, const struct grub_item *item, bool ids, char **ret)
{
	_cleanup_free_ char *above = NULL;
	int r;

	if (item->parent == GRUB_ITEM_TOP)
		return text_printf(ret, "%s", ids ? item->id : item->title);
	r = join_names(m, &m->items[item->parent], ids, &above);
	return r < 0 ? r : text_printf(ret, "%s>%s", above, ids ? item->id : item->title);
}

/* A file that is missing is looked for again, and told of, when the entry is used. */
static int find_file(int root_fd, const char *name, char **ret)
{
	int r = grub_script_path(root_fd, name, ret);

	if (r != -ENOENT)
		return r;
	name = grub_without_device(name);
	name += strspn(name, "/");
	return text_printf(ret, strncmp(name, "boot/", 5) == 0 ? "/%s" : "/boot/%s", name);
}

static int fill_entry(struct arrangement *a, const struct grub_item *item, struct boot_entry *e)
{
	int r;

	for (int ids = 0; ids < 2; ids++) {
		_cleanup_free_ char *name = NULL;

		if ((r = join_names(&a->grub->menu, item, ids, &name)) < 0 ||
		    (r = strv_push(&e->names, name)) < 0)
			return r;
	}
	if ((r = text_replace(&e->id, item->id)) < 0 ||
	    (r = text_replace(&e->title, item->title)) < 0 ||
	    (r = text_replace(&e->file, a->grub->menu.path)) < 0 ||
	    (r = text_replace(&e->version, "")) < 0 || (r = text_replace(&e->sort_key, "")) < 0 ||
	    (r = text_replace(&e->machine_id, "")) < 0 ||
	    (r = text_replace(&e->options, item->options ? item->options : "")) < 0)
		return r;
	e->tries_left = e->tries_done = UINT_MAX;
	e->has_full_id = true;
	if (other_system(item)) {
		e->kind = BOOT_ENTRY_OTHER;
		return text_replace(&e->kernel, other_system(item));
	}
	r = find_file(a->root_fd, item->kernel, &e->kernel);
	for (char **i = item->initrds; r >= 0 && i && *i; i++) {
		_cleanup_free_ char *path = NULL;

		if ((r = find_file(a->root_fd, *i, &path)) >= 0)
			r = strv_push(&e->initrds, path);
	}
	return r;
}

static int add_item(struct arrangement *a, size_t index)
{
	const struct grub_item *item = &a->grub->menu.items[index];
	_cleanup_(entryfile_done) struct boot_entry e = {};
	bool usable = item->kind == GRUB_ITEM_ENTRY && !item->maybe;
	int r = usable ? fill_entry(a, item, &e) : 0;

	if (r < 0 || (usable && (r = add_row(a, &e)) < 0))
		return r;
	return add_line(a,
	                (struct line){ item, item->parent, index, usable ? a->to.n - 1 : NO_ROW });
}

/* Adds the entries that come from files: text entries, or unified images. */
static int add_files(struct arrangement *a, size_t parent, bool unified)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < a->from->n; i++) {
		struct boot_entry *e = &a->from->list[i];

		/* GRUB skips text entries without "linux". */
		if (!e->id || e->unified != unified || (r = add_row(a, e)) < 0)
			continue;
		r = add_line(a, (struct line){ NULL, parent, SIZE_MAX, a->to.n - 1 });
	}
	return r;
}

static int add_all(struct arrangement *a)
{
	const struct grub_menu *m = &a->grub->menu;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < m->n; i++)
		r = m->items[i].kind == GRUB_ITEM_BLS ? add_files(a, m->items[i].parent, false)
		    : m->items[i].kind == GRUB_ITEM_UNIFIED ? add_files(a, m->items[i].parent, true)
		                                            : add_item(a, i);
	/* The firmware may start unified images past GRUB: none of its lines, but entries. */
	for (size_t i = 0; r >= 0 && i < a->from->n; i++)
		if (a->from->list[i].id && (a->from->list[i].unified || !a->grub->has_menu))
			r = add_row(a, &a->from->list[i]);
	return r;
}

/* --- Default --------------------------------------------------------------------------------- */

/* True if @name is the first part of @spec, "A>B"; ">>" is a plain ">". *@ret_rest is "B". */
static bool names(const char *name, const char *spec, const char **ret_rest)
{
	for (;; name++, spec++) {
		if (*spec == '>' && spec[1] != '>') {
			*ret_rest = spec + 1;
			return !*name;
		}
		if (*spec == '>')
			spec++;
		if (*name != *spec)
			return false;
		if (!*name) {
			*ret_rest = spec;
			return true;
		}
	}
}

/* Finds the line of the menu @parent that @spec means; the first one when it means none. @certain
 * turns false where only GRUB knows. */
static const struct line *find_line(const struct arrangement *a, size_t parent, const char *spec,
                                    const char **ret_rest, bool *certain)
{
	const struct line *first = NULL;
	unsigned long number;
	char *stop;
	bool all_known = true;

	*ret_rest = "";
	for (int by_title = 0; by_title < 2; by_title++)
		for (const struct line *l = a->lines; l < a->lines + a->n_lines; l++)
			if (l->parent == parent &&
			    names(by_title ? line_title(a, l) : line_id(a, l), spec, ret_rest))
				return l;
	number = strtoul(spec, &stop, 0);
	if (stop == spec || (*stop && *stop != '>'))
		number = ULONG_MAX;
	for (const struct line *l = a->lines; l < a->lines + a->n_lines; l++) {
		if (l->parent != parent)
			continue;
		if (!first)
			*certain &= !l->item || !l->item->maybe;
		first = first ? first : l;
		all_known &= !l->item || !l->item->maybe;
		if (number-- == 0) {
			*ret_rest = *stop == '>' ? stop + 1 : "";
			*certain &= all_known;
			return l;
		}
	}
	return first;
}

/* Follows "default" through submenus. Where it ends at one, the first entry of that is meant. */
static const struct line *find_default(const struct arrangement *a, bool *certain)
{
	const char *spec = grubenv_get(&a->grub->menu.vars, "default"), *rest;
	const struct line *l = NULL;
	size_t parent = GRUB_ITEM_TOP;

	spec = spec ? spec : "";
	*certain = grub_word_known(spec);
	do {
		l = find_line(a, parent, spec, &rest, certain);
		if (l && l->item)
			*certain &= !l->item->maybe;
		spec = rest;
		parent = l ? l->index : 0;
	} while (l && l->item && l->item->kind == GRUB_ITEM_SUBMENU);
	return l;
}

/* The first entry of Linux that is not for repairs. */
static const struct boot_entry *first_plain(const struct boot_entries *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->list[i].kind == BOOT_ENTRY_LINUX && !strstr(e->list[i].id, "recovery") &&
		    !strstr(e->list[i].id, "rescue") && !strstr(e->list[i].title, "recovery mode"))
			return &e->list[i];
	return NULL;
}

/* Chooses the entry that GRUB would boot, which may be no Linux. */
static int choose(struct arrangement *a)
{
	struct boot_entries *e = &a->to;
	_cleanup_free_ char *note = NULL;
	bool certain;
	const struct line *l = find_default(a, &certain);
	int r;

	if (l && certain && l->row != NO_ROW) {
		e->chosen = &e->list[l->row];
		return 0;
	}
	e->chosen = first_plain(e);
	if (!e->chosen || !l)
		return 0;
	r = text_printf(&note, "only GRUB knows which entry it boots by default; taking \"%s\"",
	                e->chosen->title);
	return r < 0 ? r : strv_push(&e->notes, note);
}

/* Without grub.cfg: as with "default=saved", which distributions with such entries set. */
static const struct boot_entry *choose_saved(const struct boot_entries *e, const struct grubenv *g)
{
	const char *saved = grubenv_get(g, "saved_entry");
	const struct boot_entry *found;
	uint64_t place;

	if (!saved || !*saved)
		return NULL;
	found = boot_entries_find(e, saved);
	if (!found && text_to_u64(saved, 10, &place) == 0 && place < e->n)
		found = &e->list[place];
	return found;
}

static int without_menu(const struct grub *g, struct boot_entries *e)
{
	e->chosen = choose_saved(e, &g->menu.vars);
	return g->note ? strv_push(&e->notes, g->note) : 0;
}

static int by_id(const void *va, const void *vb)
{
	const struct boot_entry *a = va, *b = vb;
	int r = a->unified - b->unified;

	r = r ? r : grub_compare_ids(a->id, b->id);
	return r ? r : strcmp(a->file, b->file);
}

int grub_arrange(int root_fd, const struct grub *g, struct boot_entries *e)
{
	struct arrangement a = { .root_fd = root_fd, .grub = g, .from = e };
	int r;

	if (e->n > 0)
		qsort(e->list, e->n, sizeof(*e->list), by_id);
	if (!g->has_menu)
		return without_menu(g, e);
	r = add_all(&a);
	if (r >= 0)
		r = choose(&a);
	free(a.lines);
	boot_entries_done(r < 0 ? &a.to : e);
	if (r >= 0)
		*e = a.to;
	return MIN(r, 0);
}

/* --- Order ----------------------------------------------------------------------------------- */

static size_t segment(const char *s, bool digits)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return strspn(s, digits ? "0123456789" : letters);
}

/* Compares versions as rpm does (vercmp() of blscfg.c). */
static int compare_versions(const char *a, const char *b)
{
	static const char signs[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ~";

	for (;;) {
		size_t la, lb;
		bool digits;
		int r;

		a += strcspn(a, signs);
		b += strcspn(b, signs);
		if (*a == '~' || *b == '~') {
			if (*a != *b)
				return *a == '~' ? -1 : 1;
			a++;
			b++;
			continue;
		}
		if (!*a || !*b)
			return !*b - !*a;
		digits = *a >= '0' && *a <= '9';
		la = segment(a, digits);
		lb = segment(b, digits);
		if (lb == 0)
			return digits ? 1 : -1;
		for (; digits && *a == '0' && la > 0; la--)
			a++;
		for (; digits && *b == '0' && lb > 0; lb--)
			b++;
		r = digits && la != lb ? (la > lb) - (la < lb) : strncmp(a, b, MIN(la, lb));
		r = r ? r : (la > lb) - (la < lb);
		if (r)
			return r;
		a += la;
		b += lb;
	}
}

/* Splits "name-version-release" at its last two dashes; what is missing is missing at the end. */
static void split_id(char *id, const char *parts[static 3])
{
	char *release = strrchr(id, '-'), *version;

	parts[0] = id;
	parts[1] = parts[2] = "";
	if (!release)
		return;
	*release++ = '\0';
	parts[1] = release;
	version = strrchr(id, '-');
	if (!version)
		return;
	*version++ = '\0';
	parts[1] = version;
	parts[2] = release;
}

/* Newest first: split_cmp() and bls_cmp() of grub-core/commands/blscfg.c, Fedora's 2.06 to 2.12. */
int grub_compare_ids(const char *a, const char *b)
{
	char copy_a[BOOT_ID_MAX], copy_b[BOOT_ID_MAX];
	const char *parts_a[3], *parts_b[3];
	int r = 0;

	snprintf(copy_a, sizeof(copy_a), "%s", a);
	snprintf(copy_b, sizeof(copy_b), "%s", b);
	split_id(copy_a, parts_a);
	split_id(copy_b, parts_b);
	for (size_t i = 0; r == 0 && i < 3; i++)
		r = compare_versions(parts_b[i], parts_a[i]);
	return r;
}
