/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dmesg.h - the kernel log out of a dump.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

/* Takes @len bytes of text; a negative return ends the walk and is passed on. */
typedef int (*dmesg_emit_fn)(void *arg, const char *text, size_t len);

/* Writes the log oldest first, one call per record, in the form that makedumpfile --dump-dmesg has:
 * "[    0.000000] text\n", further lines of a record indented, other control characters as \xNN.
 * Returns the number of records, -ENODATA when VMCOREINFO does not describe the log. A broken
 * record is skipped. */
int dmesg_write(struct kspace *ks, dmesg_emit_fn emit, void *arg);

/* The last "Kernel panic - not syncing: ..." message, or else the first BUG/Oops line, without time
 * stamp. Works on text: the whole log, NUL-terminated. Returns an allocated string in @ret,
 * -ENODATA when there is none. */
int dmesg_panic_message(const char *log, char **ret);
