/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rescue.h - saves what can be saved of a crashed kernel, the surest and most useful first.
 *
 * The steps follow each other whatever became of the one before; each step does what is possible
 * then.
 */
#pragma once

#include "config/crashdir.h"
#include "config/plan.h"
#include "vmcore/kernel/kspace.h"

struct rescue {
	const struct plan *plan;
	const char *vmcore;    /* path: /proc/vmcore */
	struct dump *dump;     /* NULL until it is open */
	struct kspace *kspace; /* NULL when the kernel's memory cannot be understood */
	int dir_fd;            /* of the crash directory; -1 until there is one */
	double started;        /* seconds, by clock_seconds() */
	double last_progress;
	struct crash crash; /* becomes crash.json */
};

struct rescue_step {
	const char *name;
	int (*run)(struct rescue *r);
};

/* Everything, in the capture kernel. Returns what came of it. */
enum crash_outcome rescue_run(const struct plan *plan);

/* Single steps, which need only files: the crashed kernel's memory is opened from r->vmcore, the
 * rest goes below r->dir_fd. */
int rescue_open_memory(struct rescue *r);
int rescue_save_dmesg(struct rescue *r);
int rescue_save_vmcore(struct rescue *r);
int rescue_verify(struct rescue *r);
int rescue_save_log(struct rescue *r);

/* Parts of rescue_save_vmcore(): writes vmcore.incomplete at @level and notes its facts in
 * r->crash, and makes it the vmcore, in place of one that is there; r->crash.dump tells that. */
int rescue_write_vmcore(struct rescue *r, unsigned level);
int rescue_rename_vmcore(struct rescue *r);

/* -ENODEV with a text while there is no crash directory. */
int rescue_need_target(const struct rescue *r);

/* Puts the log of the crashed kernel on the console, when there is nowhere else to put it. */
void rescue_show_dmesg(struct rescue *r);

/* Writes crash.json as things stand; does nothing without a crash directory. */
void rescue_save_metadata(struct rescue *r);

/* Runs @n steps; notes time and error of each in r->crash. */
void rescue_run_steps(struct rescue *r, const struct rescue_step *steps, size_t n);
void rescue_done(struct rescue *r);
