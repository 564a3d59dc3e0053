/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grubenv.h - what GRUB remembers from one boot to the next.
 *
 * /boot/grub2/grubenv, or /boot/grub/grubenv, is a block of lines NAME=value; a backslash stands
 * before a backslash and before a line feed that are part of a value; what begins with # fills up
 * (grub-core/lib/envblk.c, 2.12).
 */
#pragma once

#include "base/base.h"

struct grubenv {
	char **words; /* "NAME=value" each */
};

/* -ENOENT without a text when there is none. */
int grubenv_read(int root_fd, struct grubenv *ret);
void grubenv_done(struct grubenv *g);

/* NULL when it is not set. */
const char *grubenv_get(const struct grubenv *g, const char *name);

/* Fills in $NAME and ${NAME} as the menu of entries does: what is not set gives nothing, nor does
 * the space behind it. The result is allocated; -E2BIG when it is longer than any command line. */
int grubenv_expand(const struct grubenv *g, const char *text, char **ret);
