/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crashed.h - the memory of a small crashed kernel with tasks and CPUs, and its report. */
#pragma once

#include "tests/unit/synth-symbols.h"
#include "vmcore/text/output.h"

#define AT(offset) (SYNTH_IMAGE_VA + (offset))

/* The last variable that has a name. */
#define AVENRUN_AT AT(0x60020)

/* Both CPUs' own variables, in the kernel image. */
#define CPU(n)    (AT(0x70000) + (n)*UINT64_C(0x4000))
#define RUNQUEUES 0x340
#define NOTES     0x800

/* Offsets in struct task_struct, whose size is 256, and in the others. */
enum {
	FLAGS = 0,
	CPU_NR = 8,
	STATE = 12,
	EXIT_STATE = 16,
	ON_CPU = 20,
	TASKS = 24,
	PID = 40,
	TGID = 44,
	PARENT = 48,
	NODE = 56,
	SIGNAL = 72,
	COMM = 80,
	ARRIVAL = 96,
	UTIME = 104,
	STARTED = 112,
	BLOCKER = 120,
	RQ_CURR = 8,
	RQ_IDLE = 16,
	RQ_CLOCK = 24,
	THREAD_HEAD = 16,
};

#define TASK(n)      AT(0x40000 + (n)*0x100)
#define SIGNAL_OF(n) AT(0x50000 + (n)*0x40)

enum {
	STEXT,
	CRASH_KEXEC,
	BTF_START,
	BTF_STOP,
	POSSIBLE,
	ONLINE,
	OFFSETS,
	RQS,
	INIT_TASK,
	PANIC_CPU,
	CRASH_NOTES,
	TAINT,
	CMDLINE,
	AVENRUN,
	SYMBOLS,
};

/* Two idle tasks, then processes; the third has a thread. */
struct crashed_task {
	int pid, tgid, parent, cpu;
	unsigned state, exit_state, flags;
	uint64_t arrival;
	const char *name;
	char shown;
	bool idle, thread;
};

#define CRASHED_TASKS 9
extern const struct crashed_task crashed_tasks[CRASHED_TASKS];

struct crashed {
	struct synth m;
	struct synth_log log;
	struct synth_tables tables;
	struct synth_symbol symbols[SYMBOLS];
	size_t n;
	struct dump *dump;
	struct report *report;
	char *text;
};

/* For cmocka: *@state is a struct crashed. */
int crashed_setup(void **state);
int crashed_teardown(void **state);

/* Writes a number of @size bytes. */
void crashed_put(struct crashed *f, uint64_t va, uint64_t v, size_t size);

/* Makes the dump, and opens its report; the second one reads all parts of it, too. */
void crashed_open(struct crashed *f);
struct report *crashed_report(struct crashed *f);

/* Writes the report into f->text, and fails when a part is not in it. */
const char *crashed_write(struct crashed *f);
void crashed_check(struct crashed *f, const char *part);
