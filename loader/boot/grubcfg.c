// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * grubcfg.c - the menu that GRUB makes of its grub.cfg, see grubcfg.h.
 *
 * GRUB runs the whole script, which defines the menu, and the "{...}" of an entry when that is
 * chosen. A submenu is a script with a menu of its own; of the variables it sees the exported ones
 * only (grub-core/normal/menu.c, grub_menu_execute_entry(), 2.12).
 */
#include "loader/boot/grubcfg.h"

#include <errno.h>
#include <stdio.h>

#include "base/array.h"
#include "base/err.h"
#include "base/printable.h"
#include "base/text.h"
#include "system/tree.h"

#define ITEMS_MAX    1024
#define SUBMENUS_MAX 8

/* A menu in the making; the bodies of its items are in the script's texts. */
struct making {
	struct grub_menu menu;
	struct grub_text *bodies;
	size_t parent; /* of the items that are added now */
	size_t entry;  /* the one whose body runs now; else GRUB_ITEM_TOP */
};

void grub_menu_done(struct grub_menu *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->items[i].id);
		free(m->items[i].title);
		free(m->items[i].kernel);
		strv_free(m->items[i].initrds);
		free(m->items[i].options);
		free(m->items[i].other);
	}
	free(m->items);
	free(m->path);
	grubenv_done(&m->vars);
	*m = (struct grub_menu){};
}

/* --- Commands that add to the menu ----------------------------------------------------------- */

/* Takes title and id from the words of "menuentry". */
static int name_item(struct grub_words *w, struct grub_item *item)
{
	static const char *const with_value[] = { "--class", "--users", "--hotkey", "--source" };
	const char *title = NULL, *id = NULL;
	int r;

	for (size_t i = 1; i < w->n; i++) {
		bool takes = false;

		for (size_t k = 0; k < ARRAY_SIZE(with_value); k++)
			takes |= streq(w->list[i], with_value[k]);
		if (takes)
			i++;
		else if (streq(w->list[i], "--id") && i + 1 < w->n)
			id = w->list[++i];
		else if (strncmp(w->list[i], "--id=", strlen("--id=")) == 0)
			id = w->list[i] + strlen("--id=");
		else if (!title && strncmp(w->list[i], "--", 2) != 0)
			title = w->list[i];
	}
	if (!title)
		return errf(-EBADMSG, "a menu entry has no title");
	if ((r = printable(title, strlen(title), false, &item->title)) < 0)
		return r;
	id = id ? id : title;
	return printable(id, strlen(id), false, &item->id);
}

static int add_item(struct grub_script *s, enum grub_item_kind kind, struct grub_words *w,
                    struct grub_text block)
{
	struct making *m = s->arg;
	struct grub_item item = { .kind = kind,
		                  .maybe = s->level != GRUB_TRUE,
		                  .parent = m->parent };
	int r = m->menu.n >= ITEMS_MAX ? errf(-E2BIG, "GRUB's menu has too many entries") : 0;

	/* An entry that runs shows no menu. */
	if (m->entry != GRUB_ITEM_TOP)
		return GRUB_TRUE;
	if (r == 0)
		r = array_grow(&m->menu.items, m->menu.n, "a menu");
	if (r == 0)
		r = array_grow(&m->bodies, m->menu.n, "a menu");
	if (r == 0 && (kind == GRUB_ITEM_ENTRY || kind == GRUB_ITEM_SUBMENU))
		r = block.at ? name_item(w, &item) : errf(-EBADMSG, "a menu entry has no \"{\"");
	if (r < 0) {
		free(item.title);
		return r;
	}
	m->bodies[m->menu.n] = block;
	m->menu.items[m->menu.n++] = item;
	return GRUB_TRUE;
}

/* Fedora's "blscfg default" and "blscfg non-default" make two parts of the list. */
static int add_list(struct grub_script *s, enum grub_item_kind kind, struct grub_words *w)
{
	struct making *m = s->arg;

	if (w->n > 1)
		return errf(-EBADMSG, "\"%s %s\" is not understood", w->list[0], w->list[1]);
	for (size_t i = 0; i < m->menu.n; i++)
		if (m->menu.items[i].kind == kind)
			return GRUB_TRUE;
	return add_item(s, kind, NULL, (struct grub_text){});
}

/* --- Commands within an entry ---------------------------------------------------------------- */

/* The entry whose body runs, or NULL. If GRUB decides on the command, or on its first @n words, the
 * entry is not known. */
static struct grub_item *this_entry(struct grub_script *s, struct grub_words *w, size_t n)
{
	struct making *m = s->arg;
	struct grub_item *e = m->entry == GRUB_ITEM_TOP ? NULL : &m->menu.items[m->entry];

	if (!e)
		return NULL;
	e->maybe |= s->level != GRUB_TRUE;
	for (size_t i = 0; i < MIN(n, w->n); i++)
		e->maybe |= !grub_word_known(grub_without_device(w->list[i]));
	return e;
}

static int run_linux(struct grub_script *s, struct grub_words *w)
{
	struct grub_item *e = this_entry(s, w, GRUB_WORDS_MAX);
	const char *name = w->n > 1 ? strrchr(w->list[1], '/') : NULL;

	if (!e || w->n < 2)
		return GRUB_TRUE;
	/* It is made like a kernel, so that boot loaders can start it. */
	if (name && strncmp(name, "/memtest", strlen("/memtest")) == 0)
		return text_replace(&e->other, "memtest") < 0 ? -ENOMEM : GRUB_TRUE;
	free(e->options);
	e->options = NULL;
	if (text_replace(&e->kernel, w->list[1]) < 0 ||
	    grub_words_cmdline(w->list + 2, &e->options) < 0)
		return -ENOMEM;
	return GRUB_TRUE;
}

static int run_initrd(struct grub_script *s, struct grub_words *w)
{
	struct grub_item *e = this_entry(s, w, GRUB_WORDS_MAX);

	if (!e)
		return GRUB_TRUE;
	e->initrds = strv_free(e->initrds);
	for (size_t i = 1; i < w->n; i++)
		if (strv_push(&e->initrds, w->list[i]) < 0)
			return -ENOMEM;
	return GRUB_TRUE;
}

static int run_other(struct grub_script *s, struct grub_words *w)
{
	struct grub_item *e = this_entry(s, w, 1);

	return e && text_replace(&e->other, w->list[0]) < 0 ? -ENOMEM : GRUB_TRUE;
}

/* Ubuntu's look at a list of graphics cards, which this machine is taken not to be on. */
static int run_hwmatch(struct grub_script *s, struct grub_words *w)
{
	(void)w;
	return grubenv_set(&s->vars, "match", "0") < 0 ? -ENOMEM : GRUB_TRUE;
}

/* A file of entries as a menu of its own: within an entry that starts nothing by itself. */
static int run_configfile(struct grub_script *s, struct grub_words *w)
{
	return ((struct making *)s->arg)->entry == GRUB_ITEM_TOP ? -ENOSYS : run_other(s, w);
}

static int run_command(struct grub_script *s, struct grub_words *w, struct grub_text block)
{
	static const char *const other[] = {
		"chainloader", "multiboot", "multiboot2", "xen_hypervisor",    "ntldr",
		"kfreebsd",    "knetbsd",   "kopenbsd",   "xnu_kernel64",      "freedos",
		"fwsetup",     "reboot",    "halt",       "legacy_configfile",
	};
	static const struct {
		const char *name;
		int (*run)(struct grub_script *s, struct grub_words *w);
	} rows[] = {
		{ "linux", run_linux },     { "linux16", run_linux },
		{ "linuxefi", run_linux },  { "initrd", run_initrd },
		{ "initrd16", run_initrd }, { "initrdefi", run_initrd },
		{ "hwmatch", run_hwmatch }, { "configfile", run_configfile },
	};
	const char *name = w->list[0];

	if (streq(name, "menuentry"))
		return add_item(s, GRUB_ITEM_ENTRY, w, block);
	if (streq(name, "submenu"))
		return add_item(s, GRUB_ITEM_SUBMENU, w, block);
	if (streq(name, "blscfg") || streq(name, "bls_import"))
		return add_list(s, GRUB_ITEM_BLS, w);
	if (streq(name, "uki"))
		return add_list(s, GRUB_ITEM_UNIFIED, w);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (streq(rows[i].name, name))
			return rows[i].run(s, w);
	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		if (streq(other[i], name) && !(w->n > 1 && streq(w->list[1], "--is-supported")))
			return run_other(s, w);
	return -ENOSYS;
}

/* --- Bodies ---------------------------------------------------------------------------------- */

/* Copies all variables, or the exported ones. */
static int copy_variables(struct grub_script *s, bool all, struct grubenv *ret)
{
	int r = 0;

	for (char **word = s->vars.words; r >= 0 && word && *word; word++) {
		_cleanup_free_ char *name = strndup(*word, strcspn(*word, "="));

		if (!name)
			return oom("a name");
		s->steps += strlen(*word) / 16;
		if (all || strv_contains(s->exported, name))
			r = strv_push(&ret->words, *word);
	}
	return r;
}

static int run_items(struct grub_script *s, size_t first, size_t end);

/* Runs the body of one item in variables of its own. What is wrong in it spoils no other item. */
static int run_body(struct grub_script *s, size_t i)
{
	struct making *m = s->arg;
	bool submenu = m->menu.items[i].kind == GRUB_ITEM_SUBMENU;
	struct grubenv outer = s->vars, inner = {};
	size_t first = m->menu.n, parent = m->parent;
	int r = copy_variables(s, !submenu, &inner);

	s->vars = inner;
	s->level = GRUB_TRUE;
	s->left = false;
	m->parent = submenu ? i : parent;
	m->entry = submenu ? GRUB_ITEM_TOP : i;
	if (r == 0)
		r = grub_script_run(s, m->bodies[i]);
	m->entry = GRUB_ITEM_TOP;
	if (r == 0 && submenu)
		r = run_items(s, first, m->menu.n);
	m->parent = parent;
	grubenv_done(&s->vars);
	s->vars = outer;
	if (r == -EBADMSG)
		m->menu.items[i].maybe = true;
	return r == -EBADMSG ? 0 : r;
}

static int run_items(struct grub_script *s, size_t first, size_t end)
{
	struct making *m = s->arg;
	int r = s->depth >= SUBMENUS_MAX ? errf(-ELOOP, "GRUB's submenus go too deep") : 0;

	s->depth++;
	for (size_t i = first; r == 0 && i < end; i++)
		if (m->bodies[i].at)
			r = run_body(s, i);
	s->depth--;
	return r;
}

/* --- Load ------------------------------------------------------------------------------------ */

/* Makes a path of one directory more, as EFI/fedora. */
static int find_on_esp(int root_fd, char **ret)
{
	_cleanup_(strv_freep) char **names = NULL;
	int r = tree_list(root_fd, "/boot/efi/EFI", &names);

	if (r < 0)
		return r == -ENOMEM ? r : -ENOENT;
	for (char **n = names; n && *n; n++) {
		_cleanup_free_ char *path = NULL;

		if ((r = text_printf(&path, "/boot/efi/EFI/%s/grub.cfg", *n)) < 0)
			return r;
		if (!tree_exists(root_fd, path))
			continue;
		*ret = TAKE_PTR(path);
		return 0;
	}
	return -ENOENT;
}

/* Fedora's links in /etc tell which one is used; those of an EFI system are for EFI only. */
static int find_config(int root_fd, char **ret)
{
	static const char *const paths[] = { "/etc/grub2-efi.cfg", "/boot/grub2/grub.cfg",
		                             "/boot/grub/grub.cfg", "/etc/grub2.cfg" };
	bool efi = tree_exists(root_fd, "/sys/firmware/efi");

	for (size_t i = !efi; i < ARRAY_SIZE(paths); i++)
		if (tree_exists(root_fd, paths[i]))
			return tree_realpath(root_fd, paths[i], ret);
	return efi ? find_on_esp(root_fd, ret) : -ENOENT;
}

/* Sets what GRUB has set before it reads the script (features[] in grub-core/normal/main.c). */
static int set_up(struct grub_script *s, const char *path)
{
	static const char *const features[] = {
		"feature_chainloader_bpb",      "feature_ntldr",
		"feature_platform_search_hint", "feature_default_font_path",
		"feature_all_video_module",     "feature_menuentry_id",
		"feature_menuentry_options",    "feature_200_final",
		"feature_nativedisk_cmd",       "feature_timeout_style",
	};
	static const char *const unknown[] = { "cmdpath", "grub_cpu", "shim_lock", "lockdown" };
	bool efi = tree_exists(s->root_fd, "/sys/firmware/efi");
	_cleanup_free_ char *directory = NULL;
	int r;

	if ((r = text_printf(&directory, "%.*s", (int)(strrchr(path, '/') - path), path)) < 0 ||
	    (r = grubenv_set(&s->vars, "prefix", directory)) < 0 ||
	    (r = grubenv_set(&s->vars, "config_directory", directory)) < 0 ||
	    (r = grubenv_set(&s->vars, "root", "root")) < 0 ||
	    (r = grubenv_set(&s->vars, "grub_platform", efi ? "efi" : "pc")) < 0 ||
	    (r = strv_split(&s->exported, "prefix config_directory root grub_platform", false)) < 0)
		return r;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(features); i++)
		if ((r = grubenv_set(&s->vars, features[i], "y")) == 0)
			r = strv_push(&s->exported, features[i]);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(unknown); i++)
		if ((r = grubenv_set(&s->vars, unknown[i], GRUB_UNKNOWN_VALUE)) == 0)
			r = strv_push(&s->exported, unknown[i]);
	return r;
}

int grub_menu_make(int root_fd, const char *path, const char *text, size_t len,
                   struct grub_menu *ret)
{
	struct making m = { .parent = GRUB_ITEM_TOP, .entry = GRUB_ITEM_TOP };
	_cleanup_(grub_script_done) struct grub_script s = {
		.root_fd = root_fd, .command = run_command, .arg = &m, .level = GRUB_TRUE
	};
	int r = set_up(&s, path);

	if (r == 0)
		r = text_replace(&m.menu.path, path);
	if (r == 0)
		r = grub_script_run(&s, (struct grub_text){ text, text + len });
	if (r == 0)
		r = run_items(&s, 0, m.menu.n);
	free(m.bodies);
	if (r < 0) {
		grub_menu_done(&m.menu);
		return r;
	}
	m.menu.vars = TAKE_STRUCT(s.vars);
	*ret = m.menu;
	return 0;
}

int grubcfg_read(int root_fd, struct grub_menu *ret)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	size_t len;
	int r;

	if ((r = find_config(root_fd, &path)) < 0 ||
	    (r = tree_read(root_fd, path, GRUB_SCRIPT_MAX, &text, &len)) < 0)
		return r;
	if (strlen(text) != len)
		return errf(-EBADMSG, "%s: is no text", path);
	r = grub_menu_make(root_fd, path, text, len, ret);
	return r < 0 && r != -ENOMEM ? err_prefix(r, "%s", path) : r;
}
