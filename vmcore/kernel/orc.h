/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * orc.h - the tables by which an x86_64 kernel unwinds its own stacks.
 *
 * The kernel and its modules contain these tables, since the kernel itself prints traces with them.
 * So no debugging information is needed.
 */
#pragma once

#include "vmcore/kernel/btf.h"
#include "vmcore/kernel/kallsyms.h"

/* The register that an offset counts from. */
enum orc_reg {
	ORC_REG_UNKNOWN,
	ORC_REG_UNDEFINED, /* the register was not changed */
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

/* What lies at sp_reg + sp_offset. */
enum orc_type {
	ORC_TYPE_UNKNOWN,
	ORC_TYPE_UNDEFINED, /* unknown: code that is not called, or written without unwind hints */
	ORC_TYPE_END,       /* nothing: the stack begins here */
	ORC_TYPE_CALL,      /* the caller's stack, right above the return address */
	ORC_TYPE_REGS,      /* struct pt_regs */
	ORC_TYPE_PARTIAL,   /* the end of struct pt_regs, from ip on */
};

/* How the frame of an instruction lies on the stack. */
struct orc_entry {
	enum orc_type type;
	enum orc_reg sp_reg, bp_reg;
	int16_t sp_offset, bp_offset; /* bytes */
	bool signal;                  /* the frame that is found was interrupted; it did not call */
	uint64_t start;               /* the first address that the entry is for */
};

/* Addresses of the two parts of a table, and how many entries each has. */
struct orc_table {
	uint64_t ips, entries;
	uint64_t n;
};

/* What orc_open() must know of a kernel. */
struct orc_facts {
	struct orc_table kernel;  /* its own table */
	bool has_signal, has_end; /* members of its struct orc_entry */
	bool untyped;             /* these are not known: the entries must show their version */
};

/* @b is NULL when the kernel's types are not known. -ENOENT: the kernel unwinds by other means, or
 * does not tell. */
int orc_find_facts(struct kallsyms *k, const struct btf *b, struct orc_facts *ret);

struct orc;

/* Reads some of the kernel's table to find how registers are numbered. The kspace must outlive the
 * orc. -EBADMSG: it is not such a table, or untyped
 * and not of the first version; other errors as of kspace_read(). */
int orc_open(struct kspace *ks, const struct orc_facts *facts, struct orc **ret);
struct orc *orc_free(struct orc *o);
BASE_FREEP(orc)

/* The entry for the instruction at @ip, in the table of the kernel or a module: the last one that
 * begins at or before @ip. -ENOENT: the table begins behind @ip; other errors as of kspace_read().
 * A table that is not sorted gives any entry. */
int orc_find(struct orc *o, const struct orc_table *table, uint64_t ip, struct orc_entry *ret);
