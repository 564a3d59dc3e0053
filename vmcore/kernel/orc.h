/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * orc.h - the tables by which an x86_64 kernel unwinds its own stacks.
 *
 * They are part of the kernel and of its modules, since the kernel prints its traces with them, and
 * so no debugging information is needed.
 */
#pragma once

#include "vmcore/kernel/btf.h"
#include "vmcore/kernel/kallsyms.h"

/* What an offset counts from. */
enum orc_reg {
	ORC_REG_UNKNOWN,
	ORC_REG_UNDEFINED, /* the register is as it was */
	ORC_REG_PREV_SP,   /* the stack pointer of the frame to be found */
	ORC_REG_AX,
	ORC_REG_DX,
	ORC_REG_DI,
	ORC_REG_BP,
	ORC_REG_SP,
	ORC_REG_R10,
	ORC_REG_R13,
	ORC_REG_BP_INDIRECT, /* the word at bp + offset */
	ORC_REG_SP_INDIRECT, /* the word at sp, plus offset */
};

/* What lies where sp_reg and sp_offset lead. */
enum orc_type {
	ORC_TYPE_UNKNOWN,
	ORC_TYPE_UNDEFINED, /* no code that is called, or written without unwinding in mind */
	ORC_TYPE_END,       /* nothing: the stack begins here */
	ORC_TYPE_CALL,      /* the caller's stack, right above the return address */
	ORC_TYPE_REGS,      /* struct pt_regs */
	ORC_TYPE_PARTIAL,   /* the end of it, from ip on */
};

/* How the frame of an instruction lies on the stack. */
struct orc_entry {
	enum orc_type type;
	enum orc_reg sp_reg, bp_reg;
	int16_t sp_offset, bp_offset; /* bytes */
	bool signal;    /* the frame that is found did not call, but was interrupted */
	uint64_t start; /* it holds from this address on */
};

/* Addresses of the two parts of a table, and how many entries each has. */
struct orc_table {
	uint64_t ips, entries;
	uint64_t n;
};

/* What one has to know of a kernel. */
struct orc_facts {
	struct orc_table kernel;  /* its own table */
	bool has_signal, has_end; /* members of its struct orc_entry */
};

/* -ENOENT with a text: the kernel unwinds by other means, or does not tell. */
int orc_find_facts(struct kallsyms *k, const struct btf *b, struct orc_facts *ret);

struct orc;

/* Reads some of the kernel's table, to see how registers are numbered. The kspace must outlive it.
 * Fails with the errors of kspace_read(), and with -EBADMSG when that is no such table. */
int orc_open(struct kspace *ks, const struct orc_facts *facts, struct orc **ret);
struct orc *orc_free(struct orc *o);
void orc_freep(struct orc **o);

/* The entry for the instruction at @ip, in the kernel's or a module's table: the one that begins
 * last before it. -ENOENT: the table begins behind it; else those of kspace_read(); each with a
 * text. A table that is not sorted gives some entry. */
int orc_find(struct orc *o, const struct orc_table *table, uint64_t ip, struct orc_entry *ret);
