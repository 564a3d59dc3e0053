/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unwindbox-x86_64.h - functions of x86_64 with frames of all kinds, and stacks of them.
 */
#pragma once

#include "tests/unit/unwindbox.h"

#define X86_THREAD_SP 0x180 /* offset of thread.sp in task_struct */

#define X86_KERNEL_CS 0x10
#define X86_USER_CS   0x33
#define X86_USER_IP   UINT64_C(0x7f0012345678)
#define X86_USER_SP   UINT64_C(0x7ffc12345678)

/* Behind a call in a function like FRAME. */
#define X86_MODULE_IP (UNWINDBOX_MODULE + 84)
#define X86_BPF       (UNWINDBOX_BPF + 100)

/* Functions of the kernel, named by their frames. */
enum {
	UNKNOWN, /* nobody told how */
	LEAF,    /* the return address */
	FRAME,   /* four words, the caller's bp, the return address */
	POINTER, /* bp leads to the caller's, above which is the return address */
	SMALL,   /* one word and the return address */
	THREAD,  /* it began here */
	ENTRY,   /* all registers */
	CALLED,  /* all registers, as if it had been called */
	EARLY,   /* registers from ip on */
	SWITCH,  /* on another stack, where the first word is sp, then as SMALL */
	ALIGNED, /* its caller's stack is in r10 */
	KEPT,    /* its caller's stack is in the word below bp */
	STRANGE, /* what is in no table */
	FUNCTIONS,
};

extern const struct orc_entry x86_entries[FUNCTIONS];

/* For cmocka, with unwindbox_teardown(). */
int unwindbox_x86_64_setup(void **state);

/* Where a call in that function returns to, and its first instruction. */
uint64_t x86_in(unsigned function);
uint64_t x86_start(unsigned function);

/* struct pt_regs, as far as somebody asks for it. */
struct x86_regs {
	uint64_t ip, cs, sp, bp, r10;
};

/* Stores them on the stack, from word @first on; 16 is ip. Returns where. */
uint64_t x86_push_regs(struct unwindbox *b, struct x86_regs r, unsigned first);

/* Those of a process. */
void x86_push_user(struct unwindbox *b);

/* The frame of FRAME, whose caller uses @bp, without the return address. */
void x86_push_frame(struct unwindbox *b, uint64_t bp);

/* All that a kernel thread has on its stack below FRAME; returns the bp of that. */
uint64_t x86_push_thread(struct unwindbox *b);

/* Unwinds a task that sleeps in @ip with @bp, its stack as it is now. */
void x86_sleep(struct unwindbox *b, uint64_t ip, uint64_t bp);

/* Unwinds a CPU with these registers, in the kernel and on the stack as it is now unless they say
 * something else. */
void x86_stop(struct unwindbox *b, struct x86_regs r);
