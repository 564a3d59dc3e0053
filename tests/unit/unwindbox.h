/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unwindbox.h - a crashed machine with stacks that were never run on, and an unwinder for them.
 */
#pragma once

#include "tests/unit/synth-orc.h"
#include "vmcore/stack/unwind.h"

#define UNWINDBOX_PAGE UINT64_C(4096)

/* Code of the kernel, code and data of a module, and where BPF programs are put. */
#define UNWINDBOX_TEXT     (SYNTH_IMAGE_VA + MIB(1))
#define UNWINDBOX_TEXT_END (UNWINDBOX_TEXT + KIB(512))
#define UNWINDBOX_INIT     (UNWINDBOX_TEXT_END + KIB(128))
#define UNWINDBOX_INIT_END (UNWINDBOX_INIT + KIB(4))
#define UNWINDBOX_MODULE   UINT64_C(0xffffffffc0345000)
#define UNWINDBOX_DATA     UINT64_C(0xffffffffc0445000)
#define UNWINDBOX_BPF      UINT64_C(0xffffffffc0600000)

/* Stacks of 16 KiB, each with nothing mapped around it. */
#define UNWINDBOX_STACK_SIZE KIB(16)
#define UNWINDBOX_STACKS     4
#define UNWINDBOX_STACK(i)   (UINT64_C(0xffffc90000040000) + (uint64_t)(i)*KIB(64))

/* A task_struct of one page. */
#define UNWINDBOX_TASK (SYNTH_DIRECT_VA + (SYNTH_TEST_PFN + 64) * UNWINDBOX_PAGE)

struct unwindbox {
	struct synth m;
	struct synth_orc orc, module_orc;
	struct unwind_facts facts; /* change them before unwindbox_open() */
	struct module module;
	struct modlist modules;
	struct arch arch; /* the machine's, but for what a test changes */
	uint64_t no_exec; /* as in struct pagetable */
	struct dump *dump;
	struct kspace *ks;
	struct unwind *unwind;
	uint64_t stack; /* a word put by unwindbox_push() goes below this */
	struct trace trace;
};

/* For cmocka; *state is a struct unwindbox. */
int unwindbox_setup(void **state);
int unwindbox_teardown(void **state);

/* Opens the machine as it is now. */
void unwindbox_open(struct unwindbox *b);

/* The first instruction behind a call in function @i of the kernel, each of 64 bytes. */
uint64_t unwindbox_ip(unsigned i);

/* Stores a word in the kernel's memory. */
void unwindbox_put(struct unwindbox *b, uint64_t va, uint64_t value);

/* Pushes a word below the last one, or below the end of stack @i; returns its address. */
void unwindbox_on(struct unwindbox *b, unsigned i);
uint64_t unwindbox_push(struct unwindbox *b, uint64_t value);

/* @n words that are no return addresses. */
#define UNWINDBOX_JUNK UINT64_C(0x1234567890)
void unwindbox_junk(struct unwindbox *b, unsigned n);

/* The next frame of the trace that was made last, from the first on, is this one. */
struct unwindbox_frame {
	uint64_t ip;
	const char *is; /* "call", "exact", "interrupted" (exact, too), "unsure" */
};
void unwindbox_check(const struct unwindbox *b, enum trace_end end, const char *reason,
                     const struct unwindbox_frame *frames, size_t n);
#define unwindbox_frames(b, end, reason, ...)                                                      \
	unwindbox_check(b, end, reason, (const struct unwindbox_frame[]){ __VA_ARGS__ },           \
	                sizeof((const struct unwindbox_frame[]){ __VA_ARGS__ }) /                  \
	                        sizeof(struct unwindbox_frame))
