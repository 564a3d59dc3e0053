// SPDX-License-Identifier: GPL-2.0-or-later
/* next-initrd.c - the initrds of the next kernel, see next-initrd.h. */
#include "loader/kexec/next-initrd.h"

#include <errno.h>

#include "loader/kexec/next-build.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

enum had_initrd next_had_initrd(int root_fd)
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

int next_pair_initrds(int root_fd, const struct layout_kernels *all, const char *release,
                      struct next *n)
{
	_cleanup_(strv_freep) char **paths = NULL;
	int r = layout_initrds(root_fd, all, n->kernel.path, release, &paths);

	if (r < 0 && r != -ENOENT)
		return r;
	for (char **p = paths; p && *p; p++)
		if ((r = next_add_initrd(root_fd, *p, n)) < 0)
			return r;
	return 0;
}

int next_give_initrds(int root_fd, char *const *initrds, struct next *n)
{
	int r;

	next_drop_initrds(n);
	for (char *const *i = initrds; i && *i; i++)
		if (**i && (r = next_add_initrd(root_fd, *i, n)) < 0)
			return r;
	return 0;
}

int next_check_initrd(enum had_initrd had, const char *remedy, struct next *n)
{
	if (n->n_initrds > 0 || had == HAD_NONE)
		return 0;
	if (had == HAD_ONE)
		return errf(-ENOENT,
		            "%s: the running kernel was started with an initrd, and none belongs "
		            "to this image; %s",
		            n->kernel.path, remedy);
	return next_note(n,
	                 "%s: no initrd belongs to it, and it is not known if the running kernel "
	                 "was started with one",
	                 n->kernel.path);
}
