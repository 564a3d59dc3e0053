/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what a dump tells about its crash, without anything but the dump.
 *
 * Every part stands alone: what is missing from the dump or from the kernel costs the parts that
 * need it, each of which says why.
 */
#pragma once

#include <stdio.h>

#include "vmcore/stack/registers.h"
#include "vmcore/report/runqueues.h"
#include "vmcore/report/meminfo.h"
#include "vmcore/report/pages.h"
#include "vmcore/report/rss.h"
#include "vmcore/report/slabs.h"
#include "vmcore/stack/stacks.h"
#include "vmcore/view/symbols.h"
#include "vmcore/report/tasks.h"
#include "vmcore/stack/unwind.h"
#include "vmcore/report/waits.h"

#define REPORT_WHY 256

/* A record of the kernel's log, which may have several lines. */
struct report_record {
	size_t at, len; /* bytes, in the log */
	size_t stamp;   /* bytes of it that are the time in front */
	uint64_t ns;    /* after boot; 0 when not known */
	int level;      /* from 0, emergency, to 7, debug; -1 when not known */
};

struct report {
	const struct dump *dump; /* borrowed */
	struct pages pages;
	struct kspace *ks; /* NULL with all that follows when the kernel cannot be found */
	struct kspace_uts uts;
	struct kview *view;
	struct symbols *symbols;
	struct unwind *unwind;
	struct stacks *stacks; /* NULL when unwind is */
	struct tasks tasks;
	struct runqueues queues;
	struct waits waits;
	struct zones zones;
	struct meminfo meminfo;
	struct slabs slabs;
	struct rss_list rss;
	char *log; /* of the kernel, NUL-terminated */
	size_t log_len;
	struct report_record *records; /* of the log */
	size_t n_records;
	char *title; /* the message of the panic */

	char *command_line;
	uint64_t taint;    /* bits of tainted_mask */
	double uptime;     /* seconds, by the clock of the last CPU that scheduled */
	uint64_t crashed;  /* seconds since 1970 */
	uint64_t loads[3]; /* load averages of 1, 5 and 15 minutes, times 2048 */

	/* Empty when what they are about is there. */
	char no_pages[REPORT_WHY], no_kernel[REPORT_WHY], no_log[REPORT_WHY], no_title[REPORT_WHY],
		no_unwind[REPORT_WHY], no_command_line[REPORT_WHY], no_taint[REPORT_WHY],
		no_loads[REPORT_WHY];
};

/* Fails for lack of memory only; @d must outlive the report. */
int report_open(const struct dump *d, struct report **ret);
struct report *report_free(struct report *r);
void report_freep(struct report **r);

/* Counts the pages by class too, see pages_classify(). Fails for lack of memory only. */
int report_classify(struct report *r);

/* The calls that a CPU was in. */
void report_trace_cpu(const struct report *r, const struct cpu *cpu, struct trace *ret);

/* Likewise a task that no CPU ran. */
void report_trace_task(const struct report *r, const struct task *task, struct trace *ret);

/* The registers of a CPU that matter, with @t its trace: those at the fault or the interrupt during
 * which it panicked, where the trace has them, else those that it stopped with. -ENODATA with a
 * text when there are none. */
int report_registers(const struct report *r, const struct cpu *cpu, const struct trace *t,
                     struct registers *ret);

/* The letters of the taint and what each stands for: calls @emit for each bit that is set. */
struct report_taint {
	char letter;
	const char *reason;
};
extern const struct report_taint report_taints[];
extern const size_t report_n_taints;

/* What a stretch of the text is, for those who show that. */
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

struct report_options {
	bool all_tasks, whole_log;
	const struct origin *origin; /* of the dump; may be NULL */

	/* Called between two stretches of the text, for the one that comes; NULL: nobody asks. */
	void (*style)(void *arg, enum report_style style);
	void *arg;
};

/* Writes the report for people. Returns -EIO or the like when @f cannot be written. */
int report_text(const struct report *r, const struct report_options *o, FILE *f);
