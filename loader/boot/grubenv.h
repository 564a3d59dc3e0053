/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grubenv.h - the variables that GRUB keeps from one boot to the next.
 *
 * /boot/grub2/grubenv, or /boot/grub/grubenv, is a block of lines NAME=value. In a value, a
 * backslash stands before each backslash and line feed. Characters # fill the block up
 * (grub-core/lib/envblk.c, 2.12).
 */
#pragma once

#include "base/base.h"

struct grubenv {
	char **words; /* each is "NAME=value" */
};

/* -ENOENT without a text: there is no such file. */
int grubenv_read(int root_fd, struct grubenv *ret);
void grubenv_done(struct grubenv *g);

/* The value of a variable, borrowed; NULL when it is not set. */
const char *grubenv_get(const struct grubenv *g, const char *name);

/* Replaces $NAME and ${NAME} by values, like GRUB's menu of entries: a variable that is not set is
 * removed, with one space behind it. The caller frees the result. -E2BIG: it is too long. */
int grubenv_expand(const struct grubenv *g, const char *text, char **ret);
