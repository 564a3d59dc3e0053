/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dmesg.h - the kernel log out of a dump.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

/* Takes @len bytes of text; a negative return ends the walk and is passed on. */
typedef int (*dmesg_emit_fn)(void *arg, const char *text, size_t len);

/* Writes the log, the oldest record first, with one call per record, in the form of makedumpfile
 * --dump-dmesg: "[    0.000000] text\n", with further lines of a record indented and other control
 * characters as \xNN. What a program wrote is marked in front of the time, as by dmesg(1) -x:
 * "user  :notice: [    5.000000] text\n". Reads the ring of Linux 5.10 and later and the buffer of
 * 3.5 to 5.9.
 *
 * A record that a CPU was still writing ends with "[incomplete record]". Older text may follow its
 * own, and its stamp may be "[    ?.??????]". In the ring a broken record is skipped, and of a
 * damaged ring is written what can be found. In the buffer a broken record ends the log. Both are
 * said by one last call, which is not counted.
 *
 * Returns the number of records, 0 when nothing was ever logged. -ENODATA: VMCOREINFO does not
 * describe the log. -EBADMSG: there is no log where it says. */
int dmesg_write(struct kspace *ks, dmesg_emit_fn emit, void *arg);

/* A record as it is written, with the facts that the kernel keeps of it. */
struct dmesg_record {
	const char *text; /* as above */
	size_t len;
	size_t stamp; /* bytes of the mark and the time at the start of the text */
	uint64_t ns;  /* after boot; 0 when not known */
	int level;    /* from 0, emergency, to 7, debug; -1 when not known */
	int facility; /* as in syslog.h: 0 is the kernel's; -1 when not known */
};

/* The name of a facility as in marks, or the number of one without a name. */
#define DMESG_FACILITY_MAX 12
void dmesg_facility(int facility, char ret[static DMESG_FACILITY_MAX]);

/* Takes a record, whose text is valid during the call; returns as dmesg_emit_fn. */
typedef int (*dmesg_record_fn)(void *arg, const struct dmesg_record *record);

/* dmesg_write() that gives each record with its facts. */
int dmesg_records(struct kspace *ks, dmesg_record_fn emit, void *arg);

/* The length of the mark in front of the time of a line: "user  :info  : "; 0: there is none. */
size_t dmesg_mark_length(const char *line);

/* Skips lines at @line that programs wrote, by their marks, with those that continue them. */
const char *dmesg_skip_programs(const char *line);

/* Skips a mark, "[   12.345678] ", "[ T123] " and the like at the start of a line. */
const char *dmesg_skip_stamp(const char *line);
