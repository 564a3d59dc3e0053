/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dumpfile.h - what a dump tells about itself, through the engine.
 */
#pragma once

#include "config/crashdir.h"
#include "vmcore/format/dump.h"

/* Opens the dump at @path, of any format. */
int dumpfile_open(const char *path, struct dump **ret);

/* The log of the crashed kernel. The caller owns @ret; a NUL follows its @ret_len bytes. */
int dumpfile_log(const struct dump *d, char **ret, size_t *ret_len);

/* Puts into @c what it does not know yet: empty strings and numbers that are 0. A dump whose kernel
 * cannot be read still gives what its headers say; the reason is then in @ret_note, printable and
 * owned by the caller, else that is NULL. Fails for lack of memory only. */
int dumpfile_describe(const struct dump *d, struct crash *c, char **ret_note);
