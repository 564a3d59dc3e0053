/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crashdir.h - the layout of a saved crash.
 *
 *	/var/crash/20261123T140501Z-4f2a90c1/	0700, UTC time of the crash and a short id
 *		vmcore-dmesg.txt	0600, kernel log, written and synced first
 *		vmcore.incomplete	0600, becomes vmcore when all of it is on the disk
 *		vmcore			the dump
 *		report.txt		0600, what crashed, for people
 *		crash.json		0600, facts about the crash and the capture
 *		kexec-dmesg.log		0600, kernel log of the capture kernel
 *
 * The names vmcore, vmcore-dmesg.txt and kexec-dmesg.log are those of kdump-utils, which other
 * tools look for. The directories of other tools are read as well.
 */
#pragma once

#include <time.h>

#include "base/base.h"

#define CRASH_VMCORE            "vmcore"
#define CRASH_VMCORE_INCOMPLETE "vmcore.incomplete"
#define CRASH_DMESG             "vmcore-dmesg.txt"
#define CRASH_REPORT            "report.txt"
#define CRASH_METADATA          "crash.json"
#define CRASH_CAPTURE_LOG       "kexec-dmesg.log"

enum crash_outcome {
	CRASH_UNKNOWN,    /* there is a vmcore, but no crash.json that tells if it is whole */
	CRASH_COMPLETE,   /* vmcore is whole */
	CRASH_INCOMPLETE, /* there is a vmcore, but the writing of it ended early, or pages could
	                     not be read */
	CRASH_DMESG_ONLY, /* just the log */
	CRASH_FAILED,     /* neither */
};

/* Why a page is or is not in the dump; the order is that of the JSON object "pages". */
struct crash_pages {
	uint64_t total; /* pages of RAM that /proc/vmcore described */
	uint64_t saved; /* in the dump, zero pages included */
	uint64_t zero;  /* of those: only zeroes, stored once */
	uint64_t free, cache, private_cache, user, hwpoison, offline,
		unaccepted;  /* excluded, by the class that decided */
	uint64_t unreadable; /* could not be read */
};

#define CRASH_MAX_STEPS 16

struct crash_step {
	char *name;     /* "modules", "target", "dmesg", "vmcore", ... */
	double seconds; /* duration */
	char *error;    /* NULL when it went well */
};

/* What crash.json holds; owned. Strings other than @fault are never NULL once crash_load() filled
 * it, and fit for a terminal: control characters and broken UTF-8 are escaped. The capture program
 * starts from zeroes and may leave strings NULL. */
struct crash {
	char *name;       /* of the directory; not in the JSON */
	char *fault;      /* what crash_load() found wrong with crash.json; NULL when nothing */
	const char *dump; /* the file that lies there: CRASH_VMCORE, CRASH_VMCORE_INCOMPLETE, that
	                     of another tool, or NULL; not in the JSON */
	const char *log;  /* the same of the log, CRASH_DMESG; only crash_load() tells */
	char *files[2];   /* what these two point to, where they are not static */
	enum crash_outcome outcome;
	time_t crash_time; /* seconds since 1970, by the crashed kernel's clock; 0 unknown */
	char *panic_message;
	char *kernel_release; /* of the crashed kernel */
	char *kernel_version;
	char *build_id; /* hexadecimal; empty when the kernel does not tell */
	char *hostname;
	char *machine;
	char *capture_version; /* of kdump-lite */
	uint64_t level;
	char *codec;
	unsigned cpus; /* of which the registers are in the dump */
	struct crash_pages pages;
	uint64_t memory_size; /* bytes of RAM described */
	uint64_t vmcore_size; /* bytes of the file; in crash_load() as it is on the disk now */
	uint64_t dmesg_size;
	uint64_t peak_memory;   /* bytes, of the capture program */
	uint64_t report_memory; /* bytes, of its child that made the report; 0: there was none */
	double seconds;         /* from the start of the capture program to this writing */
	struct crash_step steps[CRASH_MAX_STEPS];
	size_t n_steps;
	char *verify;      /* "ok", or what the dump lacks that readers need, one line; empty:
	                      not checked */
	char *fingerprint; /* as vmcore/report/fingerprint.h has it: hash, text, the hash of
	                      the looser one; empty: not known */
	char *fingerprint_text;
	char *fingerprint_loose;
	char *final_action; /* how the capture kernel was left: a value of FinalAction= but auto */
	char *final_reason; /* why so, one line; empty: as the settings want it */
};

void crash_done(struct crash *c);

/* Puts an empty string where one is NULL, @fault excepted. */
int crash_fill(struct crash *c);

/* Directory name for a crash at @t; @id is mixed in as eight hexadecimal digits. Allocated. */
int crash_make_name(time_t t, uint32_t id, char **ret);

/* "complete", "incomplete", "dmesg-only", "failed", "unknown" */
const char *crash_outcome_name(enum crash_outcome o);

/* Writes crash.json into the crash directory @dir_fd: to a temporary name, synced, renamed, mode
 * 0600. Strings of any bytes will do. */
int crash_save(const struct crash *c, int dir_fd);

/* Puts the fingerprint of @c into the crash.json that is there, and changes nothing else in it.
 * -ENOENT when there is none. */
int crash_amend(const struct crash *c, int dir_fd);

/* Reads the crash directory @name below @parent_fd. The files are believed before the JSON: a
 * directory with only vmcore.incomplete is CRASH_INCOMPLETE whatever crash.json says. A directory
 * without a good crash.json loads, with what the files tell; @fault then says what is wrong with
 * it. -ENOENT when there is neither a vmcore nor a log (it is no crash directory). */
int crash_load(int parent_fd, const char *name, struct crash *ret);

/* All crash directories below @parent_fd, oldest first, as crash_load() sees them. Other entries
 * are passed over. Allocated array. */
int crash_list(int parent_fd, struct crash **ret, size_t *ret_n);
/* Crash directories below @parent_fd whose names tell a time from @from to @to. */
unsigned crash_count(int parent_fd, time_t from, time_t to);

void crash_list_free(struct crash *list, size_t n);
