/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * registers.h - the registers that a CPU had somewhere, under the names and in the order in which
 * the kernel's own log prints them, with the code there.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

/* How the kernel prints one register. */
struct register_row {
	const char *name;
	unsigned word;    /* of struct pt_regs, with which those of a note begin */
	unsigned digits;  /* hexadecimal, at least */
	bool symbol;      /* an address of code, which is printed by its name */
	bool optional;    /* not printed when all its bits are set */
	bool ends_line;   /* the last one in its line */
	bool before_code; /* the code's bytes stand below this line */

	/* Of x86_64: the word that is printed before it, with a colon. 0: none. */
	unsigned segment;
	const char *segment_name;
};

/* How the kernel of an architecture does it. */
struct register_layout {
	uint16_t elf_machine;
	unsigned n_words; /* of struct pt_regs that are wanted */
	unsigned ip;      /* the word that is the address of the next instruction */
	int name_width;
	unsigned unit;                    /* bytes of code that are printed as one number */
	unsigned code_before, code_after; /* units around the one at ip */
	const char *mark;                 /* how that one is printed */
	const struct register_row *rows;
	size_t n_rows;
};

#define REGISTERS_MAX      34
#define REGISTERS_CODE_MAX 64

struct registers {
	const struct register_layout *layout;
	uint64_t words[REGISTERS_MAX];
	uint8_t code[REGISTERS_CODE_MAX];
	unsigned code_len; /* bytes; 0: the dump does not have them, or it is in user space */
};

/* From the description of an NT_PRSTATUS note, or from a struct pt_regs in memory. -ENODATA when
 * nothing is known about the architecture, -EBADMSG or what kspace_read() says when they cannot be
 * read; with a text. */
int registers_from_note(struct kspace *ks, const uint8_t *desc, size_t len, struct registers *ret);
int registers_from_memory(struct kspace *ks, uint64_t address, struct registers *ret);

static inline uint64_t registers_ip(const struct registers *r)
{
	return r->words[r->layout->ip];
}

/* Whether this register is to be shown. */
bool registers_has(const struct registers *r, const struct register_row *row);

/* The bytes of the code as the kernel prints them behind "Code: ". Returns @buf, which is empty
 * when there are none. */
#define REGISTERS_CODE_TEXT 256
char *registers_code(const struct registers *r, char buf[static REGISTERS_CODE_TEXT]);
