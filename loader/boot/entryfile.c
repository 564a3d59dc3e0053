// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * entryfile.c - reads single entries of the boot loader, see entryfile.h.
 *
 * A file of type 1 has lines "key value"; # begins a comment; "initrd" and "options" may come
 * several times. A unified kernel image has its title and version in an os-release(5) section. The
 * name of either file may end in a counter of tries, "+LEFT" or "+LEFT-DONE", before the suffix;
 * see https://uapi-group.org/specifications/specs/boot_loader_specification/ "Boot counting".
 */
#include "loader/boot/entryfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <strings.h>

#include "base/printable.h"
#include "loader/boot/bootimage.h"
#include "loader/boot/entrypath.h"
#include "loader/boot/grubwords.h"
#include "system/param.h"
#include "system/tree.h"
#include "base/text.h"

#define FILE_MAX_SIZE KIB(64)

void entryfile_done(struct boot_entry *e)
{
	free(e->id);
	free(e->file);
	free(e->title);
	free(e->version);
	free(e->machine_id);
	free(e->sort_key);
	free(e->kernel);
	strv_free(e->initrds);
	free(e->options);
	strv_free(e->left_out);
	strv_free(e->names);
	free(e->note);
	*e = (struct boot_entry){};
}

/* Removes quotes around the whole value, like systemd-boot. */
static char *unquote(char *value)
{
	size_t len = strlen(value);

	if (len >= 2 && value[0] == '"' && strchr(value + 1, '"') == value + len - 1) {
		value[len - 1] = '\0';
		value++;
	}
	return value;
}

bool entryfile_next(char **pos, const char **ret_key, const char **ret_value)
{
	while (**pos) {
		char *line = *pos, *value;

		*pos += strcspn(line, "\n");
		if (**pos)
			*(*pos)++ = '\0';
		line = text_strip(line);
		value = line + strcspn(line, " \t");
		if (*line == '#' || !*value)
			continue;
		*value = '\0';
		*ret_key = line;
		*ret_value = unquote(text_strip(value + 1));
		return true;
	}
	return false;
}

/* Reads "+LEFT" or "+LEFT-DONE" at @plus, to the end of the name. */
static bool read_counter(const char *plus, unsigned *ret_left, unsigned *ret_done)
{
	unsigned left = 0, done = 0;
	int n = 0;

	if (plus[1] < '0' || plus[1] > '9')
		return false;
	if (sscanf(plus, "+%9u%n", &left, &n) != 1)
		return false;
	if (plus[n] == '-' && plus[n + 1] >= '0' && plus[n + 1] <= '9') {
		int more = 0;

		if (sscanf(plus + n, "-%9u%n", &done, &more) != 1)
			return false;
		n += more;
	}
	if (plus[n])
		return false;
	*ret_left = left;
	*ret_done = done;
	return true;
}

/* True for printable ASCII without spaces. */
static bool is_plain(const char *name)
{
	while (*name > ' ' && *name <= '~')
		name++;
	return !*name;
}

/* Takes the id and the counter from the name of a file. 0: it is not the name of an entry. Names
 * "auto-..." are reserved for entries that the boot loader generates. */
static int read_name(const char *name, const char *suffix, struct boot_entry *e)
{
	size_t len = strlen(name), suffix_len = strlen(suffix);
	char *plus;

	if (len <= suffix_len || strcasecmp(name + len - suffix_len, suffix) != 0)
		return 0;
	if (strncasecmp(name, "auto-", strlen("auto-")) == 0)
		return 0;
	if (!is_plain(name))
		return 0;
	e->id = strndup(name, len - suffix_len);
	if (!e->id)
		return -ENOMEM;
	e->tries_left = e->tries_done = UINT_MAX;
	plus = strrchr(e->id, '+');
	if (plus && read_counter(plus, &e->tries_left, &e->tries_done))
		*plus = '\0';
	return *e->id != '\0';
}

/* Sets texts that are missing to "". Returns 1. */
static int fill_up(struct boot_entry *e)
{
	char **const texts[] = { &e->title,    &e->version, &e->machine_id,
		                 &e->sort_key, &e->kernel,  &e->options };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!*texts[i] && (*texts[i] = strdup("")) == NULL)
			return -ENOMEM;
	return 1;
}

/* --- Type 1 ---------------------------------------------------------------------------------- */

/* The lines of one file. Paths are below the root of its partition. */
struct draft {
	char *title, *version, *machine_id, *sort_key, *architecture;
	char *image, *efi, *uki, *url, *profile;
	char **initrds, **options, **extras, **devicetrees;
};

static const struct {
	const char *key;
	size_t offset;
	bool repeats;
} keys[] = {
	{ "title", offsetof(struct draft, title) },
	{ "version", offsetof(struct draft, version) },
	{ "machine-id", offsetof(struct draft, machine_id) },
	{ "sort-key", offsetof(struct draft, sort_key) },
	{ "architecture", offsetof(struct draft, architecture) },
	{ "linux", offsetof(struct draft, image) },
	{ "efi", offsetof(struct draft, efi) },
	{ "uki", offsetof(struct draft, uki) },
	{ "uki-url", offsetof(struct draft, url) },
	{ "profile", offsetof(struct draft, profile) },
	{ "initrd", offsetof(struct draft, initrds), true },
	{ "options", offsetof(struct draft, options), true },
	{ "extra", offsetof(struct draft, extras), true },
	{ "devicetree", offsetof(struct draft, devicetrees), true },
	{ "devicetree-overlay", offsetof(struct draft, devicetrees), true },
};

static void draft_done(struct draft *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		void *field = (char *)d + keys[i].offset;

		if (keys[i].repeats)
			strv_freep(field);
		else
			free(*(char **)field);
		*(void **)field = NULL;
	}
}

static int draft_set(struct draft *d, const char *key, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		void *field = (char *)d + keys[i].offset;
		char *copy;

		if (!streq(keys[i].key, key))
			continue;
		if (keys[i].repeats)
			return strv_push(field, value);
		copy = strdup(value);
		if (!copy)
			return -ENOMEM;
		free(*(char **)field);
		*(char **)field = copy;
		return 0;
	}
	return 0;
}

/* True if @architecture, a name of the specification or of uname, is @machine or missing. */
static bool is_for(const char *architecture, const char *machine)
{
	static const struct {
		const char *machine, *name;
	} names[] = {
		{ "x86_64", "x64" }, { "aarch64", "aa64" }, { "i686", "ia32" }, { "armv7l", "arm" }
	};

	if (!architecture || strcasecmp(architecture, machine) == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(names[i].machine, machine) &&
		    strcasecmp(names[i].name, architecture) == 0)
			return true;
	return false;
}

/* systemd-boot takes backslashes for slashes (src/boot/util.c, xstr8_to_path(), 257). */
static int find_file(const struct entry_place *place, const char *path, char **ret)
{
	_cleanup_free_ char *plain = strdup(path);

	if (!plain)
		return -ENOMEM;
	for (char *c = plain; *c && !place->grub; c++)
		if (*c == '\\')
			*c = '/';
	return entrypath_find(place->root_fd, place->dir, plain, ret);
}

/* Splits the value of "initrd". GRUB fills in variables, and each word is a file. */
static int split_initrds(const struct entry_place *place, const char *value, char ***ret)
{
	_cleanup_free_ char *expanded = NULL;
	int r;

	if (!place->grub)
		return strv_push(ret, value);
	r = grubenv_expand(place->grub, value, &expanded);
	return r < 0 ? r : strv_split(ret, expanded, false);
}

static int add_files(const struct entry_place *place, const char *value, char ***list)
{
	_cleanup_(strv_freep) char **words = NULL;
	int r = split_initrds(place, value, &words);

	if (r < 0)
		return r;
	for (char **w = words; w && *w; w++) {
		_cleanup_free_ char *path = NULL;

		if ((r = find_file(place, *w, &path)) < 0 || (r = strv_push(list, path)) < 0)
			return r;
	}
	return 0;
}

/* Files that the variable early_initrd names come first, such as microcode. They are beside the
 * first initrd, or beside the kernel (create_entry() of blscfg.c, Fedora's 2.12). */
static int add_early_initrds(const struct entry_place *place, const struct draft *d, char ***list)
{
	const char *early = place->grub ? grubenv_get(place->grub, "early_initrd") : NULL;
	const char *beside = d->initrds ? d->initrds[0] : d->image;
	_cleanup_(strv_freep) char **names = NULL;
	const char *slash = beside ? strrchr(beside, '/') : NULL;
	int r = early && slash ? strv_split(&names, early, false) : 0;

	for (char **n = names; r >= 0 && n && *n; n++) {
		_cleanup_free_ char *name = NULL, *path = NULL;

		if ((r = text_printf(&name, "%.*s/%s", (int)(slash - beside), beside, *n)) >= 0 &&
		    (r = find_file(place, name, &path)) >= 0)
			r = strv_push(list, path);
	}
	return r;
}

/* Tells of a variable without a value, if there is no root file system in what is left. */
static int note_unset(const struct grubenv *grub, const char *text, struct boot_entry *e)
{
	_cleanup_(strv_freep) char **words = NULL;
	_cleanup_free_ char *unset = NULL;
	char root[] = "root=";
	int r = strv_split(&words, e->options, true);

	if (r < 0 || e->note || (words && param_in(root, words)))
		return r;
	r = grubenv_unset(grub, text, &unset);
	if (r <= 0)
		return r;
	return text_printf(&e->note,
	                   "%s: has the variable %s, which GRUB has no value for, and no root=",
	                   e->file, unset);
}

/* Takes words away that only GRUB knows, and tells of it. */
static int note_unknown(struct grub_words *w, struct boot_entry *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->n; i++)
		if (grub_word_known(w->list[i]))
			w->list[kept++] = w->list[i];
	w->list[kept] = NULL;
	return kept == w->n
	               ? 0
	               : text_printf(&e->note, "%s: has a variable that only GRUB knows", e->file);
}

/* GRUB puts the values of variables into the text, and makes a command "linux" of it. */
static int set_grub_options(const struct grubenv *grub, const char *text, struct boot_entry *e)
{
	_cleanup_free_ struct grub_words *w = calloc(1, sizeof(*w));
	_cleanup_free_ char *expanded = NULL;
	int r;

	if (!w)
		return -ENOMEM;
	if ((r = grubenv_expand(grub, text, &expanded)) < 0 ||
	    (r = grub_words_split(w, expanded, grub)) < 0 || (r = note_unknown(w, e)) < 0 ||
	    (r = grub_words_cmdline(w->list, &e->options)) < 0)
		return r;
	return note_unset(grub, text, e);
}

static int set_options(const struct entry_place *place, const struct draft *d, struct boot_entry *e)
{
	_cleanup_free_ char *joined = NULL;
	const char *text;
	int r = strv_join(d->options, " ", &joined);

	if (r < 0)
		return r;
	if (place->grub) {
		text = d->options ? joined : grubenv_get(place->grub, "default_kernelopts");
		return text ? set_grub_options(place->grub, text, e) : 0;
	}
	e->options = TAKE_PTR(joined);
	return 0;
}

/* Tells what the kernel or EFI program @path of an entry is. The program may be a shell, memtest or
 * another system. GRUB does not look if a file is there, and fails. */
static enum boot_entry_kind find_kind(const struct entry_place *place, const char *path, bool efi)
{
	_cleanup_close_ int fd = tree_open(place->root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return place->grub ? BOOT_ENTRY_LINUX : BOOT_ENTRY_GONE;
	return efi && !bootimage_is_unified(fd) ? BOOT_ENTRY_OTHER : BOOT_ENTRY_LINUX;
}

/* Keeps what kexec cannot do. GRUB does not know "extra", and x86 has no device trees. */
static int set_left_out(const struct entry_place *place, const struct draft *d, char ***ret)
{
	char **extras = place->grub ? NULL : d->extras;
	char **trees = streq(place->machine, "x86_64") ? NULL : d->devicetrees;
	int r = 0;

	for (; r >= 0 && extras && *extras; extras++)
		r = add_files(place, *extras, ret);
	for (; r >= 0 && trees && *trees; trees++)
		r = add_files(place, *trees, ret);
	return r;
}

static int draft_fill(const struct entry_place *place, const struct draft *d, struct boot_entry *e)
{
	uint64_t profile;
	int r = add_early_initrds(place, d, &e->initrds);

	if (r < 0)
		return r;
	if (d->profile && text_to_u64(d->profile, 10, &profile) == 0 && profile < UINT_MAX)
		e->profile = profile;
	for (char **i = d->initrds; i && *i; i++)
		if ((r = add_files(place, *i, &e->initrds)) < 0)
			return r;
	if ((r = set_left_out(place, d, &e->left_out)) < 0 || (r = set_options(place, d, e)) < 0 ||
	    !d->title)
		return r;
	return printable(d->title, strlen(d->title), false, &e->title);
}

/* 1: @e is filled; 0: the entry is broken, or for another machine. */
static int draft_finish(const struct entry_place *place, struct draft *d, struct boot_entry *e)
{
	const char *program = d->efi ? d->efi : d->uki, *path = d->image ? d->image : program;
	int r;

	/* It must have one of these, and not more. */
	if (!!d->image + !!d->efi + !!d->uki + !!d->url != 1 ||
	    !is_for(d->architecture, place->machine))
		return 0;
	r = path ? find_file(place, path, &e->kernel)
	         : printable(d->url, strlen(d->url), false, &e->kernel);
	if (r < 0)
		return r;
	e->kind = path ? find_kind(place, e->kernel, program) : BOOT_ENTRY_OTHER;
	e->unified = !d->image;
	r = draft_fill(place, d, e);
	if (r < 0)
		return r == -E2BIG ? 0 : r;
	e->version = TAKE_PTR(d->version);
	e->machine_id = TAKE_PTR(d->machine_id);
	e->sort_key = TAKE_PTR(d->sort_key);
	return fill_up(e);
}

int entryfile_read_text(const struct entry_place *place, const char *name, unsigned profile,
                        struct boot_entry *ret)
{
	_cleanup_(entryfile_done) struct boot_entry e = {};
	_cleanup_(draft_done) struct draft d = {};
	_cleanup_free_ char *text = NULL;
	const char *key, *value;
	size_t len;
	int r = profile == 0 ? read_name(name, ".conf", &e) : 0;

	if (r <= 0)
		return r;
	if (asprintf(&e.file, "%s/loader/entries/%s", place->dir, name) < 0)
		return -ENOMEM;
	r = tree_read(place->root_fd, e.file, FILE_MAX_SIZE, &text, &len);
	if (r < 0 || strlen(text) != len)
		return r == -ENOMEM ? r : 0;
	for (char *pos = text; entryfile_next(&pos, &key, &value);)
		if ((r = draft_set(&d, key, value)) < 0)
			return r;
	r = draft_finish(place, &d, &e);
	if (r <= 0)
		return r;
	*ret = TAKE_STRUCT(e);
	return 1;
}

/* --- Type 2 ---------------------------------------------------------------------------------- */

/* The value of KEY=value in os-release(5), allocated. NULL: the key is missing, or memory is. */
static char *osrel_value(const char *text, const char *key)
{
	size_t len = strlen(key);
	char *value = NULL, *out, quote;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) != 0 || line[len] != '=')
			continue;
		line += len + 1;
		value = out = malloc(strcspn(line, "\n") + 1);
		if (!value)
			return NULL;
		quote = *line == '"' || *line == '\'' ? *line++ : '\n';
		for (; *line && *line != '\n' && *line != quote; line++) {
			if (*line == '\\' && quote == '"' && line[1] && line[1] != '\n')
				line++;
			*out++ = *line;
		}
		*out = '\0';
		break;
	}
	return value;
}

/* The first of the keys that has a value. */
static char *osrel_first(const char *text, const char *const *wanted)
{
	for (; *wanted; wanted++) {
		char *value = osrel_value(text, *wanted);

		if (value && *value)
			return value;
		free(value);
	}
	return NULL;
}

/* Takes title, version and sort key as systemd-boot does (src/fundamental/bootspec.c). */
static int read_osrel(const char *osrel, struct boot_entry *e)
{
	static const char *const titles[] = { "PRETTY_NAME", "IMAGE_ID", "NAME", "ID", NULL };
	static const char *const versions[] = { "IMAGE_VERSION", "VERSION", "VERSION_ID",
		                                "BUILD_ID", NULL };
	static const char *const sort_keys[] = { "IMAGE_ID", "ID", NULL };
	_cleanup_free_ char *title = osrel_first(osrel, titles);
	int r;

	if (!title)
		return 0;
	e->version = osrel_first(osrel, versions);
	e->sort_key = osrel_first(osrel, sort_keys);
	r = printable(title, strlen(title), false, &e->title);
	return r < 0 ? r : fill_up(e);
}

/*
 * Takes id and title of a profile from its section ".profile", which has ID= and TITLE= as in
 * os-release(5) (src/boot/boot.c, boot_entry_add_type2(), 257). The id of an entry for another
 * profile than the first is "NAME.efi@ID", or else "NAME.efi@NUMBER".
 */
static int set_profile(const char *text, const char *suffix, struct boot_entry *e)
{
	_cleanup_free_ char *id = osrel_value(text, "ID"), *title = osrel_value(text, "TITLE");
	_cleanup_free_ char *shown = NULL, *full = NULL;
	char number[16];
	int r = 0;

	snprintf(number, sizeof(number), "%u", e->profile);
	if (e->profile > 0) {
		bool usable = id && *id && strlen(id) < 64 && is_plain(id) && !strchr(id, '@');

		r = text_printf(&full, "%s%s@%s", e->id, suffix, usable ? id : number);
		if (r >= 0)
			r = text_replace(&e->id, full);
		e->has_full_id = true;
	}
	if (r >= 0 && (title || e->profile > 0))
		r = text_printf(&shown, "%s (%s)", e->title, title ? title : id ? id : number);
	if (r < 0 || !shown)
		return r;
	free(e->title);
	e->title = NULL;
	return printable(shown, strlen(shown), false, &e->title);
}

/* Reads what the image has in its sections. Returns as entryfile_read_unified(). */
static int read_sections(int fd, struct boot_entry *e)
{
	static const char *const names[] = { ".osrel", ".cmdline", ".profile" };
	_cleanup_free_ char *osrel = NULL, *profile = NULL;
	char **const texts[] = { &osrel, &e->options, &profile };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		r = bootimage_text(fd, e->kernel, e->profile, names[i], texts[i]);
		if (r < 0 && r != -ENOENT)
			return r == -ENOMEM ? r : 0;
	}
	if (!osrel || (e->profile > 0 && !profile))
		return 0;
	r = read_osrel(osrel, e);
	if (r <= 0 || !profile)
		return r;
	r = set_profile(profile, strrchr(e->file, '.'), e);
	return r < 0 ? r : 1;
}

int entryfile_read_unified(const struct entry_place *place, const char *name, unsigned profile,
                           struct boot_entry *ret)
{
	_cleanup_(entryfile_done) struct boot_entry e = { .unified = true, .profile = profile };
	_cleanup_close_ int fd = -1;
	int r = read_name(name, ".efi", &e);

	if (r <= 0)
		return r;
	if (asprintf(&e.kernel, "%s/EFI/Linux/%s", place->dir, name) < 0)
		return -ENOMEM;
	e.file = strdup(e.kernel);
	if (!e.file)
		return -ENOMEM;
	fd = tree_open(place->root_fd, e.kernel, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || !bootimage_is_unified(fd))
		return 0;
	r = read_sections(fd, &e);
	if (r <= 0)
		return r;
	*ret = TAKE_STRUCT(e);
	return 1;
}
