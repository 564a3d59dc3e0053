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

/* -ENOENT without a text: there is no such file. The first reads where GRUB usually has it. */
int grubenv_read(int root_fd, struct grubenv *ret);
int grubenv_read_file(int root_fd, const char *path, struct grubenv *ret);
void grubenv_done(struct grubenv *g);

/* The value of a variable, borrowed; NULL when it is not set. */
const char *grubenv_get(const struct grubenv *g, const char *name);
const char *grubenv_value(const struct grubenv *g, const char *name, size_t len);

/* Sets a variable to a copy of @value; NULL takes it away. -E2BIG: there are too many. */
int grubenv_set(struct grubenv *g, const char *name, const char *value);

/* Replaces $NAME and ${NAME} by values, like GRUB's menu of entries: a variable that is not set is
 * removed (expand_val() in grub-core/commands/blscfg.c, Fedora's 2.12). The caller frees the
 * result. -E2BIG: it is too long. */
int grubenv_expand(const struct grubenv *g, const char *text, char **ret);

/* 1: a variable in @text has no value, and *@ret is its name, which the caller frees. */
int grubenv_unset(const struct grubenv *g, const char *text, char **ret);
