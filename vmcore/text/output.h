/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * output.h - a report as text for people and as JSON for programs, both made of parts.h.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "vmcore/report/report.h"

/* The member "schema": it grows when a member goes or changes its meaning, not for a new one. */
#define REPORT_SCHEMA 1

/* What a stretch of the text is. */
enum report_style {
	REPORT_PLAIN,
	REPORT_TITLE, /* the message of the panic */
	REPORT_HEADING,
	REPORT_PANICKED, /* the CPU and what it ran */
	REPORT_ASIDE,    /* what is less important */
	REPORT_REMARK,   /* why something is missing */
	REPORT_ERROR,    /* records of the log, by level */
	REPORT_WARNING,
	REPORT_NOTICE,
	REPORT_STYLES,
};

/* What the caller knows of the dump's file. Strings are borrowed, and empty when not known. */
#define ORIGIN_COUNTS 16
struct origin {
	const char *path, *codec;
	const char *verify; /* "ok" when it was read back, or what it lacks */
	const char *remark; /* what is wrong with this knowledge */
	uint64_t size;      /* bytes of the file */
	struct origin_count {
		const char *name; /* of a class of pages, for people */
		const char *key;  /* the same for programs */
		uint64_t n;       /* how many there were when the dump was made */
	} counts[ORIGIN_COUNTS];
	size_t n_counts; /* 0: they are not known */
};

struct report_options {
	bool all_tasks, whole_log;
	bool of_memory;              /* leave out what tells of the dump: there is none yet */
	const struct origin *origin; /* of the dump; may be NULL */

	/* Called between two stretches of the text, with the style of the next; may be NULL. */
	void (*style)(void *arg, enum report_style style);
	void *arg;
};

/* Both read what the parts need and @report does not have yet. */

/* Writes the report as text. -ENOMEM; -EIO when @f cannot be written. */
int report_text(struct report *report, const struct report_options *o, FILE *f);

/* The report for programs, described by report.schema.json. What is missing is null, and "remarks"
 * says why. New reference; NULL: no memory. */
json_t *report_json(struct report *report, const struct report_options *o);

/* Writes the same, without having more than one task or process in memory. -ENOMEM; -EIO when @f
 * cannot be written. */
int report_json_write(struct report *report, const struct report_options *o, FILE *f);
