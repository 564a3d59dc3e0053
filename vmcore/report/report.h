/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what a dump tells about its crash, without anything but the dump.
 *
 * Every part stands alone: what is missing from the dump or from the kernel costs the parts that
 * need it, each of which says why.
 */
#pragma once

#include <stdio.h>

#include "vmcore/report/symbols.h"
#include "vmcore/report/tasks.h"
#include "vmcore/report/unwind.h"

#define REPORT_WHY 256

struct report {
	const struct dump *dump; /* borrowed */
	struct kspace *ks;       /* NULL with all that follows when the kernel cannot be found */
	struct kspace_uts uts;
	struct kview *view;
	struct symbols *symbols;
	struct unwind *unwind;
	struct tasks tasks;
	char *log; /* of the kernel, NUL-terminated */
	size_t log_len;
	char *title; /* the message of the panic */

	char *command_line;
	uint64_t taint;    /* bits of tainted_mask */
	double uptime;     /* seconds, by the clock of the last CPU that scheduled */
	uint64_t crashed;  /* seconds since 1970 */
	uint64_t loads[3]; /* load averages of 1, 5 and 15 minutes, times 2048 */

	/* Empty when what they are about is there. */
	char no_kernel[REPORT_WHY], no_log[REPORT_WHY], no_title[REPORT_WHY], no_unwind[REPORT_WHY],
		no_command_line[REPORT_WHY], no_taint[REPORT_WHY], no_loads[REPORT_WHY];
};

/* Fails for lack of memory only; @d must outlive the report. */
int report_open(const struct dump *d, struct report **ret);
struct report *report_free(struct report *r);
void report_freep(struct report **r);

/* The calls that a CPU was in. */
void report_trace_cpu(const struct report *r, const struct cpu *cpu, struct trace *ret);

/* Likewise a task that no CPU ran. */
void report_trace_task(const struct report *r, const struct task *task, struct trace *ret);

/* The letters of the taint and what each stands for: calls @emit for each bit that is set. */
struct report_taint {
	char letter;
	const char *reason;
};
extern const struct report_taint report_taints[];
extern const size_t report_n_taints;

struct report_options {
	bool all_tasks, whole_log;
};

/* Writes the report for people. Returns -EIO or the like when @f cannot be written. */
int report_text(const struct report *r, const struct report_options *o, FILE *f);
