// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * next-running.c - finds the files of the running kernel and of other installed ones, see next.h.
 *
 * No file tells directly what runs. Best is a text entry of the boot loader with a kernel of this
 * release, since it names all initrds. Next come the places and names of distributions. Last comes
 * a unified image with a kernel of this release; it comes first if the system was started by one.
 */
#include <errno.h>

#include "loader/boot/efivar.h"
#include "loader/boot/systemd-boot.h"
#include "loader/boot/version.h"
#include "loader/kexec/next-build.h"
#include "loader/kexec/next-initrd.h"
#include "loader/system/kernel.h"
#include "system/param.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* For the kernel that runs. */
#define RUNNING_REMEDY                                                                             \
	"load it by its path with --initrd=FILE, or make an entry of the boot loader for it"

struct search {
	int root_fd;
	const struct utsname *uts;
	const char *release;  /* of the kernel that is looked for */
	const char *image;    /* the path of its file; NULL: any of that release */
	bool running;         /* it is the one that runs */
	bool newest;          /* it is the newest one, whatever runs */
	char *const *initrds; /* those of the command line, see next_file() */
	enum had_initrd had;
	char *machine_id; /* "" unknown */
	struct boot_entries entries;
	struct layout_kernels installed;
	bool gone;  /* the running kernel has no image any more */
	char *note; /* why the files found by name are not right; for the error text */
	struct next found;
};

static void search_done(struct search *s)
{
	free(s->machine_id);
	boot_entries_done(&s->entries);
	layout_done(&s->installed);
	free(s->note);
	next_done(&s->found);
}

static int search_init(struct search *s)
{
	int r;

	s->had = next_had_initrd(s->root_fd);
	if (tree_read_line(s->root_fd, "/etc/machine-id", &s->machine_id) < 0)
		s->machine_id = strdup("");
	if (!s->machine_id)
		return -ENOMEM;
	r = boot_entries_load(s->root_fd, s->uts->machine, &s->entries);
	return r < 0 ? r : layout_read(s->root_fd, s->uts->machine, &s->installed);
}

/* Keeps the text of the first error, for the case that all other ways fail too. */
static int keep_note(struct search *s, int error)
{
	if (error == -ENOMEM || s->note)
		return error == -ENOMEM ? error : 0;
	s->note = strdup(err_text(error));
	return s->note ? 0 : -ENOMEM;
}

/* True for a command line that names the system which the kernel belongs to, as those of OSTree and
 * NixOS do: with that of the running kernel, the next one would have the modules of another. Of
 * several systems with the running kernel, the running one is meant. */
static bool names_system(const struct search *s, const char *options)
{
	_cleanup_(strv_freep) char **words = NULL;
	bool found = false;

	if (!options || (!s->newest && streq(s->release, s->uts->release)) ||
	    strv_split(&words, options, true) < 0)
		return false;
	for (char **w = words; w && *w; w++)
		found = found || param_matches(*w, "ostree") ||
		        strncmp(*w, "init=/nix/store/", strlen("init=/nix/store/")) == 0;
	return found;
}

/* The result has no options, which means the running command line, and the path of the kernel for a
 * title. */
static int forget_entry(struct next *n)
{
	int r;

	free(n->options);
	n->options = NULL;
	r = text_replace(&n->id, "");
	return r < 0 ? r : text_replace(&n->title, n->kernel.path);
}

/* Takes @n over if it can be the kernel that is looked for: returns 1 then, and else 0. @own: the
 * command line is its own. A kernel that was started without an initrd gets none. */
static int accept_next(struct search *s, bool own, struct next *n)
{
	int r;

	if (s->initrds)
		r = next_give_initrds(s->root_fd, s->initrds, n);
	else
		r = next_check_initrd(s->had, s->running ? RUNNING_REMEDY : NEXT_INITRD_REMEDY, n);
	if (r < 0)
		return keep_note(s, r);
	if (s->running && s->had == HAD_NONE)
		next_drop_initrds(n);
	if ((s->running || !own) && (r = forget_entry(n)) < 0)
		return r;
	if (!*n->release && (r = text_replace(&n->release, s->release)) < 0)
		return r;
	s->found = TAKE_STRUCT(*n);
	return 1;
}

/* --- By entry -------------------------------------------------------------------------------- */

/* True if the path of a kernel, such as "/boot/vmlinuz-6.1.0" or "/boot/TOKEN/6.1.0/linux", or the
 * version of its entry is @release. For machines whose images do not tell their release. */
static bool names_release(const struct boot_entry *e, const char *release)
{
	const char *at = strstr(e->kernel, release);
	const char *end = at ? at + strlen(release) : "x";

	return streq(e->version, release) ||
	       (at && at > e->kernel && strchr("-/", at[-1]) && (!*end || *end == '/'));
}

/* True for an entry of this system: others on this machine may have kernels of the same release. */
static bool is_ours(const struct search *s, const struct boot_entry *e)
{
	return !*s->machine_id || !*e->machine_id || streq(e->machine_id, s->machine_id);
}

static bool is_same_file(int root_fd, const char *a, const char *b)
{
	_cleanup_free_ char *real_a = NULL, *real_b = NULL;

	return tree_realpath(root_fd, a, &real_a) == 0 && tree_realpath(root_fd, b, &real_b) == 0 &&
	       streq(real_a, real_b);
}

static bool is_wanted(const struct search *s, const struct boot_entry *e, const struct next *n)
{
	if (s->image)
		return !e->unified && is_same_file(s->root_fd, e->kernel, s->image);
	if (*n->release)
		return streq(n->release, s->release);
	return !e->unified && names_release(e, s->release);
}

/* 1: the entry has the kernel; 0: it has not, or is broken. */
static int try_entry(struct search *s, const struct boot_entry *e)
{
	_cleanup_(next_done) struct next n = {};
	int r;

	if (!is_ours(s, e))
		return 0;
	r = next_take_entry(s->root_fd, e, s->uts, &n);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (!is_wanted(s, e, &n))
		return 0;
	return accept_next(s, n.kernel.size > 0 || names_system(s, n.options), &n);
}

/* Tries those first that the boot loader has booted and would boot: several may have the kernel. */
static int search_entries(struct search *s, bool unified)
{
	const struct boot_entry *first[] = { systemd_boot_selected(&s->entries, s->root_fd),
		                             s->entries.chosen };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(first); i++)
		if (first[i] && first[i]->unified == unified)
			r = try_entry(s, first[i]);
	for (size_t i = 0; r == 0 && i < s->entries.n; i++)
		if (s->entries.list[i].unified == unified)
			r = try_entry(s, &s->entries.list[i]);
	return r;
}

static int search_text_entries(struct search *s)
{
	return search_entries(s, false);
}

static int search_unified(struct search *s)
{
	return search_entries(s, true);
}

/* --- By layout ------------------------------------------------------------------------------- */

static bool is_beside(const struct next *n)
{
	const char *last = n->n_initrds ? n->initrds[n->n_initrds - 1].path : "";
	size_t dir_len = strrchr(n->kernel.path, '/') - n->kernel.path + 1;

	return strncmp(n->kernel.path, last, dir_len) == 0 && !strchr(last + dir_len, '/');
}

/* Returns as accept_next(). @beside: it must have an initrd in its directory. */
static int try_installed(struct search *s, const struct layout_kernel *k, bool beside)
{
	_cleanup_(next_done) struct next n = {};
	bool unified, own = *k->system && !streq(k->system, "/run/booted-system");
	int r;

	if ((r = next_take_image(s->root_fd, k->image, s->uts, &n, &unified)) < 0 ||
	    (!unified && (r = next_pair_initrds(s->root_fd, &s->installed, k->release, &n)) < 0))
		return keep_note(s, r);
	if (beside && !is_beside(&n))
		return 0;
	if (own && (r = layout_system_options(s->root_fd, k->system, &n.options)) < 0)
		return keep_note(s, r);
	return accept_next(s, own || unified, &n);
}

/* Several files may have one release. Best is one with the release in its name and an initrd in its
 * directory: one of Fedora's rescue kernel has neither its name, nor have those among the modules
 * their initrd beside them, which the capture kernel needs on the same file system. */
static int search_installed(struct search *s)
{
	enum { NAMED = 1, BESIDE = 2 };
	int r = 0;

	for (unsigned demands = BESIDE | NAMED; r == 0; demands--) {
		for (size_t i = 0; r == 0 && i < s->installed.n; i++) {
			const struct layout_kernel *k = &s->installed.list[i];

			if (s->image ? streq(k->image, s->image)
			             : streq(k->release, s->release) &&
			                       (!(demands & NAMED) || streq(k->name, s->release)))
				r = try_installed(s, k, demands & BESIDE);
		}
		if (demands == 0)
			break;
	}
	return r;
}

/* The running kernel may be where only its boot loader tells. */
static int search_layouts(struct search *s)
{
	_cleanup_(kernel_done) struct kernel k = KERNEL_NULL;
	int r = search_installed(s);

	if (r != 0 || !s->running)
		return r;
	r = kernel_find_running(s->root_fd, s->uts, &k);
	s->gone = r == -ENOENT;
	if (r < 0)
		return keep_note(s, r);
	return try_installed(s,
	                     &(struct layout_kernel){
				     .image = k.path, .release = k.release, .system = (char *)"" },
	                     false);
}

static int search_all(struct search *s)
{
	static int (*const usual[])(struct search * s) = { search_text_entries, search_layouts,
		                                           search_unified };
	static int (*const unified[])(struct search * s) = { search_unified, search_text_entries,
		                                             search_layouts };
	_cleanup_free_ char *stub = NULL;
	/* The stub of a unified image sets this variable (systemd-stub(7)). */
	int (*const *steps)(struct search * s) =
		efivar_read(s->root_fd, "StubInfo", &stub) == 0 ? unified : usual;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(usual); i++)
		r = steps[i](s);
	if (r == 0)
		return s->note ? errf(-ENOENT, "%s", s->note) : -ENOENT;
	return MIN(r, 0);
}

/* --- The running kernel ---------------------------------------------------------------------- */

/* Finds the files of the running kernel. @s is for search_done(), also after an error. */
static int find_running(int root_fd, const struct utsname *uts, struct search *s)
{
	int r;

	*s = (struct search){
		.root_fd = root_fd, .uts = uts, .release = uts->release, .running = true
	};
	if ((r = search_init(s)) < 0 || (r = search_all(s)) < 0)
		return r;
	/* Without entries, they tell why there are none. */
	for (char **note = s->entries.n ? NULL : s->entries.notes; note && *note; note++)
		if ((r = next_note(&s->found, "%s", *note)) < 0)
			return r;
	return 0;
}

int next_running(int root_fd, const struct utsname *uts, struct next *ret)
{
	_cleanup_(search_done) struct search s = {};
	int r = find_running(root_fd, uts, &s);

	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(s.found);
	return 0;
}

/* --- Others ---------------------------------------------------------------------------------- */

/* True when @release is one, and newer than @than, which may be NULL. */
static bool is_newer(const char *release, const char *than)
{
	return *release >= '0' && *release <= '9' && (!than || version_compare(release, than) > 0);
}

/* The kernel that is called @name: by release, by the name of its file, or by its package. Entries
 * of the boot loader may have a release that no file tells. */
static void choose_by_name(struct search *s, const char *name)
{
	const struct layout_kernel *best = NULL;

	s->release = name;
	for (size_t i = 0; i < s->installed.n; i++)
		if (streq(s->installed.list[i].release, name))
			return;
	for (size_t i = 0; i < s->installed.n; i++) {
		const struct layout_kernel *k = &s->installed.list[i];

		if (layout_is_called(k, name)) {
			s->image = k->image;
			s->release = k->release;
			return;
		}
		if (streq(k->package, name) && is_newer(k->release, best ? best->release : NULL))
			best = k;
	}
	if (best)
		s->release = best->release;
}

/* Puts what is installed behind the error text. */
static int no_such_kernel(const struct search *s, const char *name)
{
	_cleanup_(strv_freep) char **releases = NULL;
	_cleanup_free_ char *list = NULL;
	int r;

	for (size_t i = 0; i < s->installed.n && strv_length(releases) < 10; i++) {
		const char *release = s->installed.list[i].release;

		if (*release && !strv_contains(releases, release) &&
		    (r = strv_push(&releases, release)) < 0)
			return r;
	}
	r = strv_join(releases, ", ", &list);
	if (r < 0)
		return r;
	return errf(-ENOENT, "there is no kernel %s in /boot or /usr/lib/modules%s%s", name,
	            releases ? "; there are: " : "", releases ? list : "");
}

int next_installed(int root_fd, const char *name, char *const *initrds, const struct utsname *uts,
                   struct next *ret)
{
	_cleanup_(search_done) struct search s = { .root_fd = root_fd,
		                                   .uts = uts,
		                                   .initrds = initrds };
	int r = search_init(&s);

	if (r < 0)
		return r;
	choose_by_name(&s, name);
	r = search_all(&s);
	if (r < 0)
		return r == -ENOENT && !s.note ? no_such_kernel(&s, name) : r;
	*ret = TAKE_STRUCT(s.found);
	return 0;
}

/* Sets the kernel of the highest release. Systems of NixOS are in the order in which they were
 * built, and of one release the last one counts. */
static void choose_newest(struct search *s)
{
	for (size_t i = 0; i < s->installed.n; i++) {
		const struct layout_kernel *k = &s->installed.list[i];
		bool again = *k->system && s->release && streq(k->release, s->release);

		if (k->fault || (!again && !is_newer(k->release, s->release)))
			continue;
		s->release = k->release;
		s->image = *k->system ? k->image : NULL;
	}
}

/* Kernels in unified images are in entries only. The caller owns @ret_release. */
static int choose_newest_entry(struct search *s, char **ret_release)
{
	for (size_t i = 0; i < s->entries.n; i++) {
		const struct boot_entry *e = &s->entries.list[i];
		_cleanup_(next_done) struct next n = {};
		int r = is_ours(s, e) ? next_take_entry(s->root_fd, e, s->uts, &n) : -ENOENT;
		const char *release = r == 0 && *n.release ? n.release : e->version;

		if (r == -ENOMEM)
			return r;
		if (r < 0 || !is_newer(release, s->release))
			continue;
		r = text_replace(ret_release, release);
		if (r < 0)
			return r;
		s->release = *ret_release;
		s->image = NULL;
	}
	return 0;
}

int next_newest(int root_fd, char *const *initrds, const struct utsname *uts, struct next *ret)
{
	_cleanup_(search_done) struct search s = {
		.root_fd = root_fd, .uts = uts, .newest = true, .initrds = initrds
	};
	_cleanup_free_ char *release = NULL;
	int r = search_init(&s);

	if (r < 0)
		return r;
	choose_newest(&s);
	if ((r = choose_newest_entry(&s, &release)) < 0)
		return r;
	if (!s.release)
		return errf(-ENOENT,
		            "no kernel in /boot or /usr/lib/modules, and no entry of the boot "
		            "loader, tells its release");
	r = search_all(&s);
	if (r < 0)
		return r == -ENOENT && !s.note ? no_such_kernel(&s, s.release) : r;
	*ret = TAKE_STRUCT(s.found);
	return 0;
}

/* After an upgrade: the file that the boot loader has booted, which is of another release now, or
 * the newest kernel. */
static int find_successor(int root_fd, const struct utsname *uts, struct next *ret)
{
	_cleanup_(next_done) struct next n = {};
	_cleanup_free_ char *image = NULL;
	int r = kernel_boot_image(root_fd, &image);

	if (r == -ENOMEM)
		return r;
	r = r < 0 ? next_newest(root_fd, NULL, uts, &n) : next_file(root_fd, image, NULL, uts, &n);
	if (r < 0)
		return r;
	r = next_note(
		&n,
		"the running kernel %s has no image any more, as after an upgrade; this is %s%s%s",
		uts->release, n.kernel.path, *n.release ? ", " : "", n.release);
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(n);
	return 0;
}

int next_running_or_upgraded(int root_fd, const struct utsname *uts, struct next *ret)
{
	_cleanup_(search_done) struct search s = {};
	int r = find_running(root_fd, uts, &s);

	if (r < 0)
		return r == -ENOENT && s.gone ? find_successor(root_fd, uts, ret) : r;
	*ret = TAKE_STRUCT(s.found);
	return 0;
}
