/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lines.h - the lines that the kernel wrote into its log, and what is striking among them. */
#pragma once

#include "vmcore/report/report.h"

struct line {
	const char *text; /* in the log, without time and indentation */
	size_t len;
	uint64_t ns; /* after boot; 0 when not known */
	int level;   /* see struct report_record */
};

struct lines {
	const struct report *report;
	size_t record;  /* the one that comes next, or whose lines come */
	const char *at; /* the next line of the record; NULL: its first */
};

/* Takes the next line. Start with the report alone. */
bool lines_next(struct lines *it, struct line *ret);

/* Goes to the record that has @at, which points into the log. */
void lines_seek(struct lines *it, const char *at);

/* Matches a line: each star in @pattern stands for any text, also at its end. */
bool line_matches(const struct line *line, const char *pattern);

/* Copies the line, cut to @size, to @buf. */
void line_copy(const struct line *line, char *buf, size_t size);

/* What a line tells. */
enum clue_kind {
	CLUE_PANIC,
	CLUE_OOPS,         /* the line with the number of the oops */
	CLUE_WARNING,      /* of the kernel itself, before the crash */
	CLUE_FREED,        /* freed memory was used */
	CLUE_REFCOUNT,     /* a count of references went wrong */
	CLUE_LIST,         /* a list is damaged */
	CLUE_OVERWRITTEN,  /* memory around an object was written */
	CLUE_OOM,          /* a process was killed for lack of memory */
	CLUE_MCE_FATAL,    /* a machine check exception */
	CLUE_MCE,          /* an error that the machine corrected */
	CLUE_ECC_FATAL,    /* memory: an error that could not be corrected */
	CLUE_ECC,          /* memory: one that was corrected */
	CLUE_PCI_FATAL,    /* PCI Express, likewise */
	CLUE_PCI,          /* PCI Express, likewise */
	CLUE_STUCK,        /* a CPU that did not change tasks */
	CLUE_HUNG,         /* a task that was blocked for long */
	CLUE_RCU,          /* a stall of RCU */
	CLUE_RCU_CPU,      /* the CPU that it waits for */
	CLUE_RCU_TASK,     /* the task that it waits for */
	CLUE_RCU_STARVED,  /* its own thread did not run */
	CLUE_IO,           /* a device did not answer */
	CLUE_IO_ERROR,     /* a device gave an error */
	CLUE_NOBODY_CARED, /* an interrupt that no driver wanted */
	CLUE_STORM,        /* interrupts took most of the time of a CPU */
	CLUES,
};

struct clue {
	struct line first, last;
	size_t n;
};

/* Reads the log once. @crash is the line of the crash; NULL: there is none. */
void clues_find(const struct report *report, const char *crash, struct clue ret[static CLUES]);
