/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash.h - what is known of a saved crash, and its form in crash.json.
 */
#pragma once

#include <jansson.h>
#include <time.h>

#include "base/base.h"

enum crash_outcome {
	CRASH_UNKNOWN,    /* there is a vmcore, but no crash.json that tells if it is whole */
	CRASH_COMPLETE,   /* vmcore is whole */
	CRASH_INCOMPLETE, /* there is a vmcore, but the writing of it ended early, pages could not
	                     be read, or there was memory that /proc/vmcore does not describe */
	CRASH_MINI_ONLY,  /* the log, and of memory the pages that a report reads */
	CRASH_DMESG_ONLY, /* just the log */
	CRASH_FAILED,     /* nothing of these */
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
	const char *dump; /* the file that lies there: CRASH_VMCORE, CRASH_MINI, the incomplete
	                     one, that of another tool, or NULL; not in the JSON */
	const char *log;  /* the file with the log, CRASH_DMESG; only crash_load() sets it */
	bool foreign;     /* others than root may change what is there; only crash_load() sets it */
	char *files[2];   /* what these two point to, where they are not static */
	enum crash_outcome outcome;
	char *step; /* that had begun and not ended; empty: the capture was through, or nobody
	               knows */
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
	uint64_t memory_size;    /* bytes of RAM described */
	uint64_t memory_lacking; /* bytes that the kernel had beside these, see filter/lacking.h */
	uint64_t vmcore_size;    /* bytes of the file; in crash_load() as it is on the disk now */
	uint64_t dmesg_size;
	uint64_t peak_memory;   /* bytes, of the capture program */
	uint64_t report_memory; /* bytes, of its child that made the report; 0: there was none */
	double seconds;         /* from the start of the capture program to this writing */
	struct crash_step steps[CRASH_MAX_STEPS];
	size_t n_steps;
	char *verify;      /* "ok", or what the dump lacks that readers need, one line; empty:
	                      not checked */
	char *dump_reason; /* why there is no dump, or a part of it, but the mini dump, one line;
	                      empty: the steps tell, or there is one */
	char *fingerprint; /* as vmcore/report/fingerprint.h has it: hash, text, the hash of
	                      the looser one; empty: not known */
	char *fingerprint_text;
	char *fingerprint_loose;
	char *final_action; /* how the capture kernel was left: a value of FinalAction= but auto */
	char *final_reason; /* why so, one line; empty: as the settings want it */
};

/* "complete", "incomplete", "mini", "dmesg-only", "failed", "unknown" */
const char *crash_outcome_name(enum crash_outcome o);

void crash_done(struct crash *c);

/* Puts an empty string where one is NULL, @fault excepted. */
int crash_fill(struct crash *c);

/* The crash as a JSON object, a new reference. Strings of any bytes are made printable. */
int crash_to_json(const struct crash *c, json_t **ret);

/* The text of crash.json, allocated. */
int crash_to_text(const struct crash *c, char **ret);

/* A copy of the @text of a crash.json with the fingerprint of @c in it, allocated. All else stays
 * as it is. -EBADMSG when the text is no JSON object. */
int crash_amend_text(const char *text, size_t len, const struct crash *c, char **ret);

/* Reads the text of crash.json into @c, which is zeroed or filled. Keys that are missing leave
 * their fields as they are, unknown ones are passed over. A value of the wrong kind leaves its
 * field alone as well. The first such fault is returned as -EBADMSG, "pages.total: a whole number
 * within its range is expected"; the rest is still read. */
int crash_from_text(const char *text, size_t len, struct crash *c);
