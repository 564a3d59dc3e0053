/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tasks.h - the processes, threads and CPUs of a crashed kernel. */
#pragma once

#include "vmcore/view/kview.h"

/* include/linux/sched.h. Each byte may have become \xNN. */
#define TASK_COMM_LEN 16
#define TASK_NAME_MAX (4 * TASK_COMM_LEN + 1)

struct task {
	uint64_t address; /* of its struct task_struct */
	int32_t pid, tgid, parent;
	char name[TASK_NAME_MAX]; /* printable UTF-8; empty when it cannot be read */
	char state;               /* as in ps(1): R S D T t X Z P, and I for idle kernel threads */
	bool kernel;              /* a kernel thread, without memory of its own */
	uint64_t mm, signal;      /* addresses of its mm_struct and signal_struct; 0: none */
	unsigned cpu;             /* the last one that it was on */
	bool on_cpu;
	bool on_rq;        /* queued or running */
	uint64_t arrived;  /* ns, when a CPU last began to run it; 0: not known */
	uint64_t last_run; /* ns by its CPU's clock, when it was last switched to; 0: not known */
	uint64_t stack;    /* address of its lowest byte; 0: not known */
	uint64_t user_time, system_time; /* ns that it ran, as the kernel counted them */
	uint64_t started;                /* ns since boot; 0: not known */
};

struct cpu {
	unsigned number;
	bool online;
	uint64_t current;   /* address of the task that it ran; 0: not known */
	uint64_t idle;      /* address of its idle task; 0: not known */
	uint64_t n_running; /* tasks that wanted to run on it */
	uint64_t clock;     /* ns, when its run queue was last updated; 0: not known */
	uint8_t *registers; /* the data of its NT_PRSTATUS note; NULL: it left none */
	size_t registers_len;
};

struct tasks {
	struct task *list; /* idle tasks first, then processes, each with its threads */
	size_t n;
	const struct task **by_address; /* into list, by address */
	struct cpu *cpus;
	size_t n_cpus;
	int panic_cpu;         /* -1: not known */
	char remark[256];      /* why tasks are missing; empty when none is */
	char cpus_remark[256]; /* why CPUs are missing; empty when none is */
};

/* Fails for lack of memory only; the remarks say what could not be found. */
int tasks_read(const struct kview *v, struct tasks *ret);
void tasks_done(struct tasks *t);

/* Returns NULL when no task has this address. */
const struct task *tasks_find(const struct tasks *t, uint64_t address);

/* True when the task was blocked (D), or wanted to run (R) and no CPU ran it. */
bool tasks_waits(const struct tasks *t, const struct task *task);

/* The newest clock of all CPUs, in ns; 0: not known. */
uint64_t tasks_clock(const struct tasks *t);

/* The CPU that ran the task, or NULL. */
const struct cpu *tasks_cpu_of(const struct tasks *t, const struct task *task);

/* Nanoseconds since the task was last switched to; 0: not known. */
uint64_t tasks_age(const struct tasks *t, const struct task *task);
