/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what a dump tells about its crash, without anything but the dump.
 *
 * A report consists of models, each of which is read when it is first needed. A model that is
 * missing, or not whole, has a text that says why, and costs only what is made of it.
 */
#pragma once

#include "base/err.h"
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

enum report_model {
	REPORT_PAGES = 1 << 0, /* the only one that needs no kernel */
	REPORT_LOG = 1 << 1,   /* records and title too */
	REPORT_VIEW = 1 << 2,  /* symbols and modules too */
	REPORT_TRACES = 1 << 3,
	REPORT_TASKS = 1 << 4,
	REPORT_QUEUES = 1 << 5,
	REPORT_WAITS = 1 << 6,
	REPORT_ZONES = 1 << 7,
	REPORT_MEMINFO = 1 << 8,
	REPORT_SLABS = 1 << 9,
	REPORT_RSS = 1 << 10,
	REPORT_ALL = (1 << 11) - 1,
};

/* A record of the kernel's log, which may have several lines. */
struct report_record {
	size_t at, len; /* bytes, in the log */
	size_t stamp;   /* bytes of it that are the mark and the time in front */
	uint64_t ns;    /* after boot; 0 when not known */
	int level;      /* from 0, emergency, to 7, debug; -1 when not known */
	int facility;   /* as in syslog.h: 0 is the kernel's; -1 when not known */
};

struct report {
	const struct dump *dump; /* borrowed */
	struct kspace *ks;       /* NULL when the kernel cannot be found */
	struct kspace_uts uts;

	unsigned models; /* that were read */
	int error;       /* for lack of memory: nothing is read after it */
	struct pages pages;
	char *log; /* of the kernel, NUL-terminated; NULL when there is none */
	size_t log_len;
	struct report_record *records; /* of the log */
	size_t n_records;
	char *title; /* the message of the panic; may be NULL */
	struct kview *view;
	struct symbols *symbols;
	struct unwind *unwind; /* may be NULL */
	struct stacks *stacks; /* NULL when unwind is */
	struct tasks tasks;
	struct runqueues queues;
	struct waits waits;
	struct zones zones;
	struct meminfo meminfo;
	struct slabs slabs;
	struct rss_list rss;

	/* Why the models that have no remark of their own are missing; empty when they are not. */
	struct {
		char kernel[ERR_WHY], pages[ERR_WHY], log[ERR_WHY], title[ERR_WHY],
			modules[ERR_WHY], traces[ERR_WHY];
	} why;
};

/* Looks for the kernel. Fails for lack of memory only; @d must outlive the report. */
int report_open(const struct dump *d, struct report **ret);
struct report *report_free(struct report *report);
BASE_FREEP(report)

/* Reads those of @models, bits of enum report_model, that were not read before, with those that
 * they need. Without a kernel that is REPORT_PAGES at most. Fails for lack of memory only. */
int report_need(struct report *report, unsigned models);

/* Counts the pages by class too, see pages_classify(). Fails for lack of memory only. */
int report_classify(struct report *report);

/* True when the log tells of no crash and no CPU panicked: the dump was made from outside of a
 * machine that ran, or hung. Needs REPORT_LOG and REPORT_VIEW. */
bool report_is_hung(const struct report *report);

/* What follows needs REPORT_TASKS and REPORT_TRACES. */

/* The calls that a CPU was in. An empty trace gives the reason. */
void report_trace_cpu(const struct report *report, const struct cpu *cpu, struct trace *ret);

/* The calls that a task was in: those of its CPU if one ran it. */
void report_trace_task(const struct report *report, const struct task *task, struct trace *ret);

/* The registers of a CPU with the trace @t: those at the fault or interrupt in which it panicked,
 * if the trace has them, else those that it stopped with. -ENODATA with a text: none. */
int report_registers(const struct report *report, const struct cpu *cpu, const struct trace *t,
                     struct registers *ret);
