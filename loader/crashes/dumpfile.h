/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dumpfile.h - what a dump tells about itself, through the engine.
 */
#pragma once

#include "config/crashdir.h"
#include "vmcore/format/dump.h"

/* Opens the dump at @path, of any format. */
int dumpfile_open(const char *path, struct dump **ret);

/* The kernel log: allocated, with a NUL behind its @ret_len bytes. */
int dumpfile_log(const char *path, char **ret, size_t *ret_len);

/* Puts into @c what it does not know yet: empty strings and numbers that are 0. @ret_format is
 * "ELF" or "kdump", static. A dump whose kernel cannot be read still gives what its headers say;
 * the reason is then in @ret_note, allocated, else NULL. */
int dumpfile_describe(const char *path, struct crash *c, const char **ret_format, char **ret_note);
