// SPDX-License-Identifier: GPL-2.0-or-later
/* next.c - finds the files of a kernel, see next.h. */
#include "loader/kexec/next.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "loader/kexec/next-build.h"
#include "loader/kexec/next-initrd.h"
#include "base/err.h"
#include "base/text.h"

void next_done(struct next *n)
{
	free(n->id);
	free(n->source);
	free(n->title);
	piece_done(&n->kernel);
	next_drop_initrds(n);
	free(n->options);
	free(n->release);
	strv_free(n->notes);
	*n = (struct next){};
}

int next_note(struct next *n, const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	return strv_push(&n->notes, line);
}

/* The release of a file; for machines whose images do not tell it, that of the installed kernel. */
static const char *release_of_file(const struct layout_kernels *all, const struct next *n)
{
	for (size_t i = 0; !*n->release && i < all->n; i++)
		if (streq(all->list[i].image, n->kernel.path))
			return all->list[i].release;
	return n->release;
}

static int add_own_initrds(int root_fd, const struct utsname *uts, struct next *n)
{
	_cleanup_(layout_done) struct layout_kernels all = {};
	int r = layout_read(root_fd, uts->machine, &all);

	return r < 0 ? r : next_pair_initrds(root_fd, &all, release_of_file(&all, n), n);
}

int next_file(int root_fd, const char *path, char *const *initrds, const struct utsname *uts,
              struct next *ret)
{
	_cleanup_(next_done) struct next n = {};
	bool unified;
	int r = next_take_image(root_fd, path, uts, &n, &unified);

	if (r < 0)
		return r;
	if (initrds)
		r = next_give_initrds(root_fd, initrds, &n);
	else if (unified || (r = add_own_initrds(root_fd, uts, &n)) == 0)
		r = next_check_initrd(next_had_initrd(root_fd), NEXT_INITRD_REMEDY, &n);
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(n);
	return 0;
}

/* An error that lists the entries of Linux. */
static int no_such_entry(const struct boot_entries *e, const char *id)
{
	_cleanup_(strv_freep) char **ids = NULL;
	_cleanup_free_ char *list = NULL;
	bool more = false;
	int r;

	for (size_t i = 0; i < e->n && !more; i++) {
		if (e->list[i].kind == BOOT_ENTRY_OTHER)
			continue;
		more = strv_length(ids) == 10;
		if (!more && (r = strv_push(&ids, e->list[i].id)) < 0)
			return r;
	}
	r = strv_join(ids, ", ", &list);
	if (r < 0)
		return r;
	return errf(-ENOENT, "entry \"%s\": there is no such entry; there are: %s%s", id, list,
	            more ? ", ..." : "");
}

int next_entry(int root_fd, const char *id, const struct utsname *uts, struct next *ret)
{
	_cleanup_(boot_entries_done) struct boot_entries e = {};
	const struct boot_entry *entry;
	_cleanup_(next_done) struct next n = {};
	int r = boot_entries_load(root_fd, uts->machine, &e);

	if (r < 0)
		return r;
	if (e.n == 0 || (!id && !e.chosen))
		return errf(-ENOMEDIUM,
		            "no boot loader has entries below /efi, /boot or /boot/efi%s%s",
		            e.notes ? "; " : "", e.notes ? e.notes[0] : "");
	entry = id ? boot_entries_find(&e, id) : e.chosen;
	if (!entry)
		return no_such_entry(&e, id);
	r = next_take_entry(root_fd, entry, uts, &n);
	if (r < 0)
		return r == -ENOMEM ? r : err_prefix(r, "entry \"%s\"", entry->id);
	if (entry->note && (r = next_note(&n, "%s", entry->note)) < 0)
		return r;
	for (char **note = id ? NULL : e.notes; note && *note; note++)
		if ((r = next_note(&n, "%s", *note)) < 0)
			return r;
	if (!id && e.other &&
	    (r = next_note(&n,
	                   "the default of the boot loader, \"%s\", is no Linux kernel on "
	                   "this machine; taking \"%s\"",
	                   e.other, entry->id)) < 0)
		return r;
	*ret = TAKE_STRUCT(n);
	return 0;
}
