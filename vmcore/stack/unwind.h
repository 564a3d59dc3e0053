/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unwind.h - the calls that led to where a CPU or a task was when the machine crashed.
 *
 * Needs what is in the dump only: the kernel's tables for unwinding where it has them, chains of
 * frame pointers where it keeps those.
 */
#pragma once

#include "vmcore/kernel/orc.h"
#include "vmcore/view/modlist.h"

struct frame {
	uint64_t ip; /* what was to run next here */

	/* The stack pointer then; on arm64, if it called, the end of the frame's record. */
	uint64_t sp;

	/* false: a call returns to @ip, which may be the first instruction of the next function, so
	 * that a name has to be looked up for ip - 1. */
	bool exact;
	bool interrupted; /* this frame did not call, an interrupt or exception came */
	bool sure;        /* false: an address on the stack that may be left over, "?" in the log */

	/* Interrupted: where the whole struct pt_regs is that was saved then. 0: there is none, or
	 * the registers come from a note. */
	uint64_t regs;

	/* Of a CPU's trace in a report: the name of the stack for interrupts or exceptions that the
	 * frame is on, as "NMI"; NULL: another one, or not known. */
	const char *stack;
};

enum trace_end {
	TRACE_USER,   /* the kernel was entered from user space here */
	TRACE_KERNEL, /* this is where a kernel thread, or an idle task, begins */
	TRACE_BROKEN, /* it cannot be followed any further: see reason */
};

/* A kernel stack of 16 KiB has room for some hundred frames, so that one which ran over by
 * recursion is told by its end. */
#define TRACE_MAX 256

struct trace {
	struct frame frames[TRACE_MAX]; /* the innermost first */
	size_t n;
	enum trace_end end;
	uint64_t user_regs; /* at TRACE_USER: the struct pt_regs of user space; 0: not known */
	char reason[160];   /* empty unless broken */
};

/* Addresses [start, end). */
struct unwind_range {
	uint64_t start, end;
};

struct unwind_x86_64_facts {
	struct orc_facts orc;                     /* n is 0 when there is no table */
	uint64_t thread_sp;                       /* of thread.sp in task_struct; 0: not known */
	uint64_t frame_bp, frame_ret, frame_size; /* struct inactive_task_frame */
};

struct unwind_arm64_facts {
	/* Of thread.cpu_context in task_struct; 0: not known. */
	uint64_t thread_fp, thread_sp, thread_pc;

	uint64_t stackframe; /* of the frame record in struct pt_regs; 0: not known */
	bool meta;           /* that record says what it is (6.13 on) */
	uint64_t pac_mask;   /* bits of an address that may sign it */
};

/* What of a kernel its unwinder wants to know. All offsets are bytes. */
struct unwind_facts {
	struct unwind_range text[2]; /* the kernel's code, and that for its start; may be empty */
	uint64_t stack_size;         /* of a task, to which it is aligned */
	uint64_t ret_from_fork;      /* where a new task begins to run */
	struct unwind_x86_64_facts x86_64;
	struct unwind_arm64_facts arm64;
};

/* Finds what it can and leaves the rest 0. */
void unwind_find_facts(const struct kview *v, struct unwind_facts *ret);

struct unwind;

/* The registers in the description of an NT_PRSTATUS note: struct elf_prstatus
 * (include/linux/elfcore.h) of 64-bit kernels. */
#define UNWIND_PRSTATUS_REGS 112

/* -ENODATA with a text: stacks of this architecture cannot be unwound. Both @ks and @modules (NULL:
 * none are known) must outlive the unwind. */
int unwind_open(struct kspace *ks, const struct unwind_facts *facts, const struct modlist *modules,
                struct unwind **ret);
struct unwind *unwind_free(struct unwind *u);
void unwind_freep(struct unwind **u);

/* Bytes of a task's stack. */
uint64_t unwind_stack_size(const struct unwind *u);

/* Each of these fills @ret with what there is. */

/* Of a task that was not running: @task is the address of its task_struct. */
void unwind_task(struct unwind *u, uint64_t task, struct trace *ret);

/* Of a CPU: @desc is that of its NT_PRSTATUS note. */
void unwind_prstatus(struct unwind *u, const uint8_t *desc, size_t len, struct trace *ret);

/* From a struct pt_regs in the kernel's memory. */
void unwind_regs(struct unwind *u, uint64_t regs, struct trace *ret);
