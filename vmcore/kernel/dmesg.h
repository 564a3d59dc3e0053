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
 * Knows the ring of Linux 5.10 and later and the buffer of 3.5 to 5.9.
 *
 * A record that a CPU was still writing ends with "[incomplete record]"; its text may run on into
 * older text, its stamp may be "[    ?.??????]". In the ring a broken record is skipped. In the
 * buffer it ends the log: one last call, not counted, says so.
 *
 * Returns the number of records, -ENODATA when VMCOREINFO does not describe the log, -EBADMSG when
 * what it leads to is none. */
int dmesg_write(struct kspace *ks, dmesg_emit_fn emit, void *arg);

/* A record as it is written, with what else the kernel keeps of it. */
struct dmesg_record {
	const char *text; /* as above */
	size_t len;
	size_t stamp; /* bytes of it that are the time in front */
	uint64_t ns;  /* after boot; 0 when not known */
	int level;    /* from 0, emergency, to 7, debug; -1 when not known */
};

/* As dmesg_emit_fn; the text is gone after the call. */
typedef int (*dmesg_record_fn)(void *arg, const struct dmesg_record *record);

/* The same records in the same order, one call each. */
int dmesg_records(struct kspace *ks, dmesg_record_fn emit, void *arg);

/* Where the text of the line at @line begins: behind "[   12.345678] ", "[ T123] " and the like. */
const char *dmesg_skip_stamp(const char *line);
