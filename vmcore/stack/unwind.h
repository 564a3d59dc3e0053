/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unwind.h - the calls that led to where a CPU or a task was when the machine crashed.
 *
 * It needs nothing but the dump: it goes by the kernel's own tables for unwinding on x86_64, and by
 * chains of frame pointers on arm64 and riscv64.
 */
#pragma once

#include "vmcore/kernel/orc.h"
#include "vmcore/view/modlist.h"

struct frame {
	uint64_t ip; /* the next instruction */

	/* The stack pointer. On arm64 and riscv64, if the frame made a call, the end of its
	 * record. */
	uint64_t sp;

	/* false: @ip is a return address, maybe behind the function: the name is that of ip - 1. */
	bool exact;
	bool interrupted; /* an interrupt or exception came; the frame did not make a call */
	bool sure;        /* false: an address that may be left over on the stack, "?" in the log */

	/* If interrupted: address of the whole struct pt_regs; 0: none, or a note's. */
	uint64_t regs;

	/* In a CPU's trace of a report: the stack for interrupts or exceptions that the frame is
	 * on, such as "NMI"; NULL: another stack, or not known. */
	const char *stack;
};

enum trace_end {
	TRACE_USER,   /* the kernel was entered from user space here */
	TRACE_KERNEL, /* a kernel thread or an idle task begins here */
	TRACE_BROKEN, /* the next frame is not known: see reason */
};

/* A stack of 16 KiB has some hundred frames: a trace of endless recursion has its last ones. */
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

/* Trampolines of ftrace are copies of two functions. Members of struct ftrace_ops. */
struct unwind_ftrace {
	uint64_t list;                /* address of ftrace_ops_list; 0: not known */
	uint64_t caller, regs_caller; /* the functions */
	uint64_t next, flags, trampoline, size;
};

struct unwind_x86_64_facts {
	struct orc_facts orc;                     /* n is 0 when there is no table */
	uint64_t thread_sp;                       /* thread.sp in task_struct; 0: not known */
	uint64_t frame_bp, frame_ret, frame_size; /* struct inactive_task_frame */
	struct unwind_ftrace ftrace;
	struct unwind_range optimized; /* the function that code of optimized kprobes calls */
	struct unwind_range switches;  /* bp leads from the stack of an interrupt back there */
};

struct unwind_arm64_facts {
	/* thread.cpu_context in task_struct; 0: not known. */
	uint64_t thread_fp, thread_sp, thread_pc;

	uint64_t stackframe; /* the frame record in struct pt_regs; 0: not known */
	uint64_t regs_size;  /* bytes of a struct pt_regs */
	bool meta;           /* the record has a type (since 6.13) */
	uint64_t pac_mask;   /* bits of an address that may be its signature */
};

struct unwind_riscv64_facts {
	/* thread.ra, thread.sp and thread.s[0] in task_struct; 0: not known. */
	uint64_t thread_ra, thread_sp, thread_s0;

	uint64_t regs_size;        /* bytes of a struct pt_regs on the stack */
	struct unwind_range entry; /* handlers of exceptions return to (start, end] */
	uint64_t begins[2];        /* more places where a new task begins to run; 0: none */
};

/* Where a kind of tracer notes the return addresses that it replaces, see unwind-returns.c. Members
 * of a record: ret, frame, next, task; head and used are those of task_struct. */
struct unwind_returns {
	uint64_t trampoline; /* what it puts there; 0: not known */
	uint64_t size;       /* bytes of a record; 0: not known */
	uint64_t table;      /* address of a table of lists; 0: each task has one */
	uint64_t head, used; /* used is 0: a list */
	bool words;          /* used counts words, not records */
	uint64_t ret, frame[2], next, task;
};

#define UNWIND_RETURNS 4

/* The facts about a kernel that unwinding needs. Members of structures are offsets in bytes. */
struct unwind_facts {
	struct unwind_range text[3]; /* the kernel's code, of its init, of its start; or empty */
	uint64_t stack_size;         /* bytes of a task's stack, which is aligned to its size */
	uint64_t ret_from_fork;      /* where a new task begins to run */
	struct unwind_returns returns[UNWIND_RETURNS];
	struct unwind_x86_64_facts x86_64;
	struct unwind_arm64_facts arm64;
	struct unwind_riscv64_facts riscv64;
};

/* Finds the facts; those that are not known stay 0. */
void unwind_find_facts(const struct kview *v, struct unwind_facts *ret);

struct unwind;

/* Offset of the registers in the description of an NT_PRSTATUS note, which is a struct elf_prstatus
 * (include/linux/elfcore.h) of 64-bit kernels. */
#define UNWIND_PRSTATUS_REGS 112

/* -ENODATA: stacks of this architecture cannot be unwound. @ks and @modules must outlive the
 * unwind. @modules may be NULL: none are known. */
int unwind_open(struct kspace *ks, const struct unwind_facts *facts, const struct modlist *modules,
                struct unwind **ret);
struct unwind *unwind_free(struct unwind *u);
BASE_FREEP(unwind)

/* Bytes of a task's stack. */
uint64_t unwind_stack_size(const struct unwind *u);

/* The following fill @ret with the frames that can be found. */

/* The trace of a task that was not running; @task is the address of its task_struct. */
void unwind_task(struct unwind *u, uint64_t task, struct trace *ret);

/* The trace of a CPU; @desc is the description of its NT_PRSTATUS note, @task the address of the
 * task that it ran; 0: not known. */
void unwind_prstatus(struct unwind *u, uint64_t task, const uint8_t *desc, size_t len,
                     struct trace *ret);

/* The trace from a struct pt_regs in the kernel's memory. */
void unwind_regs(struct unwind *u, uint64_t regs, struct trace *ret);
