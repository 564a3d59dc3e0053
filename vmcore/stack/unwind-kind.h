/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unwind-kind.h - what unwind.c and the unwinders of each architecture share. */
#pragma once

#include "vmcore/stack/unwind.h"

/* Of all architectures: those of struct pt_regs as far as an NT_PRSTATUS note has them. */
#define UNWIND_MAX_REGS 34

struct unwind {
	struct kspace *ks;
	const struct unwind_kind *kind;
	struct unwind_facts facts;
	const struct modlist *modules; /* may be NULL */
	struct orc *orc;               /* NULL: without tables */
};

/* Where a trace has got to. */
struct walk {
	struct unwind *u;
	struct trace *trace;
	uint64_t ip, sp;
	uint64_t fp; /* the frame pointer, which on x86_64 may be used otherwise */
	bool exact, interrupted;
	bool user; /* this is user space */
	unsigned switches;

	/* Registers of this frame, as in struct pt_regs, where all of them were saved. */
	uint64_t regs[UNWIND_MAX_REGS];
	bool has_regs;
	uint64_t regs_at; /* their struct pt_regs; 0: they are not saved as one, or not whole */
};

/* An architecture's way to unwind. All return negative errnos with a text. */
struct unwind_kind {
	uint16_t elf_machine; /* EM_ of elf.h */
	unsigned n_regs;

	/* Adds its own to what is the same for all. */
	void (*find_facts)(const struct kview *v, struct unwind_facts *ret);

	/* Begins a walk with a task that sleeps, or with the registers that @w has. */
	int (*start_task)(struct walk *w, uint64_t task);
	int (*start_regs)(struct walk *w);

	/* Makes of @w the next frame and returns 1, or 0 when a kernel thread begins here. -EIO:
	 * the stack cannot be read; else it is not known how to go on, though the stack may tell
	 * more. @w stays as it is unless it returns 1. */
	int (*next)(struct walk *w);

	bool scan; /* then look for addresses on the stack */
};

extern const struct unwind_kind unwind_x86_64, unwind_arm64;

/* Reads a word of a stack. -EIO with a text that says which page is missing. */
int walk_read(struct walk *w, uint64_t va, uint64_t *ret);

/* Whether a frame that begins at @sp is above that of @w, on the same stack. */
bool walk_is_up(const struct walk *w, uint64_t sp);

/* To be asked of the next frame when that need not be above this one. */
int walk_moved(const struct walk *w, struct walk *next);

enum code {
	CODE_NONE,
	CODE_KERNEL,
	CODE_MODULE,
	CODE_GENERATED, /* in none of them, but where the kernel puts code: BPF, trampolines */
};

/* What code @address is, which of a return address is that in front of it; of a module @ret (may be
 * NULL) gets the ORC table. */
enum code unwind_code(const struct unwind *u, uint64_t address, struct orc_table *ret);
