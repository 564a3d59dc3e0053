/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fingerprint.h - the identity of a crash: one fault has one fingerprint, on any machine and boot.
 *
 * It is a line of text that names the kind of crash and the calls that led to it. What differs from
 * crash to crash is left out: addresses, offsets, numbers, CPUs, processes.
 *
 *	null pointer: ext4_foo [ext4], ext4_bar [ext4], vfs_write, ksys_write
 *
 * Its short form is the 64-bit FNV-1a hash of that line. Another kernel may have other calls
 * between; the looser fingerprint, of kind and first call, still fits then.
 */
#pragma once

#include "vmcore/log/calls.h"
#include "vmcore/log/crash-kind.h"
#include "vmcore/report/report.h"

#define FINGERPRINT_CALLS 5
#define FINGERPRINT_HASH  17 /* 16 hexadecimal digits */
#define FINGERPRINT_TEXT  (CRASH_KIND_MAX + FINGERPRINT_CALLS * (CALLS_NAME_MAX + 2))

struct fingerprint {
	char text[FINGERPRINT_TEXT], hash[FINGERPRINT_HASH];
	char loose_text[FINGERPRINT_TEXT], loose[FINGERPRINT_HASH];
	bool from_log; /* the calls come from the log, not from the dump */
};

/* Both return -ENODATA with a text when the log tells of no crash. */

/* @log: of the kernel, NUL-terminated, in the form of dmesg_write(). */
int fingerprint_of_log(const char *log, struct fingerprint *ret);

/* Takes the calls from the dump, or from the log where the dump does not tell them. Reads the
 * models that it needs, see report_need(). */
int fingerprint_of_report(struct report *report, struct fingerprint *ret);

/* The calls that tell of a crash of this kind, at most @max. @report may be NULL; else it needs
 * REPORT_TASKS and REPORT_TRACES. True: they are those of the log, because the dump has none. */
bool fingerprint_calls(const struct report *report, const struct crash_kind *k, size_t max,
                       struct calls *ret);
