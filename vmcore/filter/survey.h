/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * survey.h - goes through the memory that readers of a dump cannot do without.
 *
 * There are two surveys of each crash. The one of memory, before the dump is written, tells which
 * pages must be in it; the one of the dump, afterwards, tells if they are. A survey needs nothing
 * but VMCOREINFO and the kernel's own memory.
 */
#pragma once

#include "base/bitmap.h"
#include "vmcore/kernel/kspace.h"

/* In the order in which they are gone through. */
enum survey_part {
	SURVEY_TABLES,  /* the kernel's half of its page tables */
	SURVEY_LOG,     /* the printk buffer, as far as it holds records */
	SURVEY_STACKS,  /* what each CPU had on its stack, by the registers in the notes */
	SURVEY_TASKS,   /* task structures and their stacks; VMCOREINFO seldom tells of them */
	SURVEY_IMAGE,   /* the kernel's code and static data, without what freed.h finds */
	SURVEY_MODULES, /* those of its modules */
	SURVEY_MEMMAP,  /* the struct pages of all RAM and what leads to them */
	SURVEY_PARTS,
};

/* "page tables", "kernel log", ... */
const char *survey_part_name(enum survey_part part);

/* Where task structures are, and offsets in them, bytes. VMCOREINFO seldom tells. */
struct survey_tasks {
	uint64_t init_task;           /* its address; 0: not known */
	uint64_t size, tasks, stack;  /* of struct task_struct, and in it */
	uint64_t signal, thread_node; /* signal is 0: the threads of a process are not known */
	uint64_t thread_head;         /* in struct signal_struct */
};

struct survey {
	struct kspace *ks;
	double deadline;                  /* by clock_seconds(); 0: none */
	const struct survey_tasks *tasks; /* NULL: VMCOREINFO is asked */
	unsigned parts;                   /* 1 << enum survey_part, each that is wanted; 0: all */

	/* Told of each stretch of memory of a part, before it is read; some more than once. */
	void (*pages)(void *arg, enum survey_part part, uint64_t va, uint64_t pa, uint64_t size);
	void *arg;

	/* What came of it. */
	bool unknown[SURVEY_PARTS]; /* nothing tells where this is */
	uint64_t broken;            /* tables and lists that lead nowhere or in a circle */
	bool late;                  /* the deadline came before the end */
	int log_records;            /* of the kernel log; 0: none can be read */
	uint64_t n_tasks;           /* that were gone through */

	/* Private. */
	enum survey_part part;
	struct bitmap tables; /* page frames of tables that were seen */
	uint64_t n_tables;
	uint8_t *entries; /* one page for each level */
	unsigned steps;
	struct freed *freed; /* NULL: nothing is known to be given back */
};

/* Fill the first fields, the rest with zeroes. What cannot be read is passed over. -ENOMEM only. */
int survey_run(struct survey *s);

/* True when the deadline is over; for a pages() that takes its time. */
bool survey_is_late(struct survey *s);
