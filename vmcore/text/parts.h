/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parts.h - what a report consists of: each part is read, told as text and told as JSON by one row.
 *
 * A new part is a file with its row, "const struct report_part part_NAME", and NAME in the list of
 * parts.c. Text, JSON and the page for a browser have it then, and so does the reason when it is
 * missing.
 */
#pragma once

#include <jansson.h>

#include "vmcore/text/output.h"

#define REPORT_REASONS 3

/* The reasons that a text has given so far: each is given once. */
struct report_told {
	char texts[16][ERR_WHY];
	size_t n;
};

/* What one part is told from. */
struct writing {
	const struct report *report;
	const struct report_options *o;
	const struct report_part *part;
	void *data;        /* what the part's read() has found; NULL: it has none */
	char why[ERR_WHY]; /* why read() failed, or empty */
	json_t *traces;    /* those that the elements of a list share; NULL: none do */
	FILE *f;           /* for the text */
	bool *said;        /* the text has the reasons */
	bool from_log;     /* read() found it in the log */
	struct report_told *told;

	/* Those that are there: why read() failed, and those of the row. */
	struct {
		const char *name, *label, *text;
	} reasons[REPORT_REASONS + 1];
	size_t n_reasons;
};

/* Why something is missing that is read for several parts. */
struct report_reason {
	const char *name;  /* in the JSON's "remarks" */
	const char *label; /* in the text; NULL: the text of the part tells it */
	size_t at;         /* of the text in struct report, ERR_WHY bytes */
};

#define REPORT_REASON(name, label, member)                                                         \
	{                                                                                          \
		name, label, offsetof(struct report, member)                                       \
	}

struct report_part {
	const char *name;   /* its member of the JSON, and its name in "remarks" */
	const char *within; /* the member of the JSON that has it; NULL: the report itself */
	const char *title;  /* its heading in the text; with @row what stands in front of the row */
	bool row;           /* the text is a row, which says when it is not known */
	bool of_dump; /* no kernel is needed for it: it comes first in the JSON, last in the text */
	bool spread;  /* the members of what json() returns take the place of the member */

	unsigned needs; /* enum report_model, read before anything else is called */

	/* What only this part needs. @data has @size bytes, zeroes at first, which done() releases
	 * whether or not reading has worked. An error is why the part is missing: text() and json()
	 * are not called, and the member is null. 1: it was found in the kernel's log only, which
	 * is told. */
	size_t size;
	int (*read)(struct report *report, void *data);
	void (*done)(void *data);

	/* Either may be NULL. json() returns a new reference, or NULL for lack of memory. */
	void (*text)(const struct writing *w);
	json_t *(*json)(const struct writing *w);

	/* Of a list that may be long, in place of json(): how many elements it has, and each. Such
	 * a part has no read(), and is not spread. */
	size_t (*length)(const struct writing *w);
	json_t *(*element)(const struct writing *w, size_t i);

	struct report_reason reasons[REPORT_REASONS]; /* the last ones may be empty */
};

/* In the order of the text; ends with NULL. */
extern const struct report_part *const report_parts[];
