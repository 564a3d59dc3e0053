// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * next-running.c - finds the files that the running kernel was started from, see next.h.
 *
 * No file tells directly. Best is a text entry of the boot loader with a kernel of this version,
 * since it names all initrds. Next come the names that distributions give to kernel and initrd.
 * Last comes a unified image with a kernel of this version; it comes first if the system was
 * started by one.
 */
#include <errno.h>

#include "loader/boot/efivar.h"
#include "loader/boot/initrd.h"
#include "loader/boot/systemd-boot.h"
#include "loader/kexec/next-build.h"
#include "loader/system/kernel.h"
#include "system/tree.h"
#include "base/err.h"

enum had_initrd { HAD_UNKNOWN, HAD_NONE, HAD_ONE };

struct search {
	int root_fd;
	const struct utsname *uts;
	enum had_initrd had;
	char *machine_id; /* "" unknown */
	struct boot_entries entries;
	char *note; /* why the files found by name are not right; for the error text */
	struct next found;
};

static void search_done(struct search *s)
{
	free(s->machine_id);
	boot_entries_done(&s->entries);
	free(s->note);
	next_done(&s->found);
}

/* Finds out if the running kernel had an initrd. On x86 the boot parameters have its address and
 * size (Documentation/arch/x86/boot.rst and zero-page.rst). */
static enum had_initrd had_initrd(int root_fd)
{
	static const size_t offsets[] = { 0x218, 0x21c, 0xc0, 0xc4 };
	_cleanup_free_ char *params = NULL;
	size_t len;

	if (tree_read(root_fd, "/sys/kernel/boot_params/data", KIB(64), &params, &len) < 0 ||
	    len < 0x220)
		return HAD_UNKNOWN;
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++)
		if (memcmp(params + offsets[i], "\0\0\0\0", 4) != 0)
			return HAD_ONE;
	return HAD_NONE;
}

/* Takes @n over if it can be what runs: returns 1 then, and else 0. Its title is the path of the
 * kernel, and it has no options, which means the running command line. A kernel that was started
 * without an initrd gets none. */
static int accept_next(struct search *s, struct next *n)
{
	if (s->had == HAD_ONE && n->n_initrds == 0)
		return 0;
	if (s->had == HAD_NONE)
		next_drop_initrds(n);
	s->found = TAKE_STRUCT(*n);
	n = &s->found;
	free(n->id);
	free(n->title);
	free(n->options);
	free(n->release);
	n->options = NULL;
	n->id = strdup("");
	n->title = strdup(n->kernel.path);
	n->release = strdup(s->uts->release);
	return n->id && n->title && n->release ? 1 : -ENOMEM;
}

/* True if the path of a kernel, such as "/boot/vmlinuz-6.1.0" or "/boot/TOKEN/6.1.0/linux", or the
 * version of its entry is @release. For machines whose images do not tell their release. */
static bool names_release(const struct boot_entry *e, const char *release)
{
	const char *at = strstr(e->kernel, release);
	const char *end = at ? at + strlen(release) : "x";

	return streq(e->version, release) ||
	       (at && at > e->kernel && strchr("-/", at[-1]) && (!*end || *end == '/'));
}

/* 1: the entry is what runs; 0: it is not, or broken. Another system on this machine may have a
 * kernel of the same version, so the machine id must fit too. */
static int try_entry(struct search *s, const struct boot_entry *e)
{
	_cleanup_(next_done) struct next n = {};
	int r;

	if (*s->machine_id && *e->machine_id && !streq(e->machine_id, s->machine_id))
		return 0;
	r = next_take_entry(s->root_fd, e, s->uts, &n);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (*n.release ? !streq(n.release, s->uts->release)
	               : e->unified || !names_release(e, s->uts->release))
		return 0;
	return accept_next(s, &n);
}

/* Tries the entry first that the boot loader has booted: several may have this version. */
static int search_entries(struct search *s, bool unified)
{
	const struct boot_entry *selected = systemd_boot_selected(&s->entries, s->root_fd);
	int r = 0;

	if (selected && selected->unified == unified)
		r = try_entry(s, selected);
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

/* Adds the initrd that goes with the image by its name; there may be none. */
static int add_named_initrd(struct search *s, const char *kernel, struct next *n)
{
	_cleanup_free_ char *initrd = NULL;
	int r = initrd_of_kernel(s->root_fd, kernel, &initrd);

	if (r == -ENOENT)
		r = initrd_of_release(s->root_fd, s->uts->release, &initrd);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return next_add_initrd(s->root_fd, initrd, n);
}

static int take_named(struct search *s)
{
	_cleanup_(next_done) struct next n = {};
	_cleanup_(kernel_done) struct kernel k = KERNEL_NULL;
	bool unified;
	int r;

	if ((r = kernel_find(s->root_fd, "", s->uts, &k)) < 0 ||
	    (r = next_take_image(s->root_fd, k.path, s->uts, &n, &unified)) < 0 ||
	    (r = add_named_initrd(s, k.path, &n)) < 0)
		return r;
	r = accept_next(s, &n);
	if (r != 0)
		return r;
	return errf(-ENOENT,
	            "%s: the running kernel was started with an initrd, and none belongs to this "
	            "image; name one, or an entry of the boot loader",
	            k.path);
}

/* Keeps the text of an error, for the case that all other ways fail too. */
static int search_named(struct search *s)
{
	int r = take_named(s);

	if (r >= 0 || r == -ENOMEM)
		return r;
	free(s->note);
	s->note = strdup(err_text(r));
	return s->note ? 0 : -ENOMEM;
}

static int search_all(struct search *s)
{
	static int (*const usual[])(struct search * s) = { search_text_entries, search_named,
		                                           search_unified };
	static int (*const unified[])(struct search * s) = { search_unified, search_text_entries,
		                                             search_named };
	_cleanup_free_ char *stub = NULL;
	/* The stub of a unified image sets this variable (systemd-stub(7)). */
	int (*const *steps)(struct search * s) =
		efivar_read(s->root_fd, "StubInfo", &stub) == 0 ? unified : usual;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(usual); i++)
		r = steps[i](s);
	return r > 0 ? 0 : r < 0 ? r : errf(-ENOENT, "%s", s->note);
}

int next_running(int root_fd, const struct utsname *uts, struct next *ret)
{
	_cleanup_(search_done) struct search s = { .root_fd = root_fd, .uts = uts };
	int r;

	s.had = had_initrd(root_fd);
	if (tree_read_line(root_fd, "/etc/machine-id", &s.machine_id) < 0)
		s.machine_id = strdup("");
	if (!s.machine_id)
		return -ENOMEM;
	if ((r = boot_entries_load(root_fd, uts->machine, &s.entries)) < 0 ||
	    (r = search_all(&s)) < 0)
		return r;
	*ret = TAKE_STRUCT(s.found);
	return 0;
}
