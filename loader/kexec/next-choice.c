// SPDX-License-Identifier: GPL-2.0-or-later
/* next-choice.c - finds the kernel that was asked for, see next-choice.h. */
#include "loader/kexec/next-choice.h"

#include <errno.h>

#include "loader/kexec/next-cmdline.h"
#include "loader/kexec/next-initrd.h"
#include "segments/devtree.h"
#include "system/kexec.h"
#include "system/tree.h"

/* An entry is taken as it is, since the boot loader would do the same. */
static int tell_of_no_initrd(int root_fd, struct next *n)
{
	if (n->n_initrds > 0 || next_had_initrd(root_fd) != HAD_ONE)
		return 0;
	return next_note(n,
	                 "entry \"%s\" has no initrd, and the running kernel was started with one",
	                 n->id);
}

static int find_kernel(int root_fd, const struct next_choice *c, const struct utsname *uts,
                       struct next *ret)
{
	int r;

	if (c->newest)
		return next_newest(root_fd, c->initrds, uts, ret);
	if (c->kernel && strchr(c->kernel, '/'))
		return next_file(root_fd, c->kernel, c->initrds, uts, ret);
	if (c->kernel)
		return next_installed(root_fd, c->kernel, c->initrds, uts, ret);
	r = next_entry(root_fd, c->entry, uts, ret);
	if (r == -ENOMEDIUM && !c->by_entry)
		return next_running_or_upgraded(root_fd, uts, ret);
	return r < 0 ? r : tell_of_no_initrd(root_fd, ret);
}

/* Makes the command line, and notes what it lacks. */
static int make_line(int root_fd, const struct settings *settings, const struct next_choice *c,
                     struct next *n, char **ret)
{
	_cleanup_free_ char *running = NULL, *rsdp = NULL, *line = NULL;
	struct next_cmdline_request req = {
		.base = c->cmdline ? c->cmdline
		        : c->reuse ? NULL
		                   : n->options,
		.remove = settings->kexec_remove,
		.append = settings->kexec_append,
		.extra = c->append,
	};
	int r;

	if ((r = tree_read_line(root_fd, "/proc/cmdline", &running)) < 0 ||
	    (r = next_cmdline_rsdp(root_fd, running, &rsdp)) < 0)
		return r;
	req.running = running;
	req.rsdp = rsdp;
	if ((r = next_cmdline_build(&req, &line)) < 0 ||
	    (r = next_cmdline_losses(running, line, &n->notes)) < 0)
		return r;
	*ret = TAKE_PTR(line);
	return 0;
}

int next_choice_resolve(int root_fd, const struct settings *settings, const struct next_choice *c,
                        const struct utsname *uts, struct next *ret, char **ret_cmdline)
{
	_cleanup_(next_done) struct next n = {};
	int r = kexec_possible(root_fd);

	if (r < 0 || (r = kexec_next_possible(uts->machine, uts->release)) < 0 ||
	    (r = find_kernel(root_fd, c, uts, &n)) < 0)
		return r;
	if (devtree_loses_interrupts(root_fd) && (r = next_note(&n, DEVTREE_LOSES_INTERRUPTS)) < 0)
		return r;
	r = make_line(root_fd, settings, c, &n, ret_cmdline);
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(n);
	return 0;
}
