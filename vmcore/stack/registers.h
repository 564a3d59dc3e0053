/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * registers.h - the registers that a CPU had, and the code that it ran.
 *
 * Names and order are those of the kernel's own log. Addresses of code are without the signature
 * that pointer authentication gives them.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

/* How the kernel prints one register. */
struct register_row {
	const char *name;
	unsigned word;    /* index in struct pt_regs; the registers of a note begin likewise */
	unsigned digits;  /* the fewest hexadecimal digits */
	bool symbol;      /* it is an address of code, printed by its name */
	bool optional;    /* not printed when all its bits are set */
	bool ends_line;   /* the last register in its line */
	bool before_code; /* the bytes of the code are printed below this line */

	/* x86_64: the word that is printed in front, with a colon. 0: none. */
	unsigned segment;
	const char *segment_name;
};

/* How the kernel of an architecture prints registers. */
struct register_layout {
	uint16_t elf_machine;
	unsigned n_words;      /* words of struct pt_regs that are read */
	unsigned n_note;       /* how many of them a note has; the others are set to all ones */
	unsigned ip;           /* index of the address of the next instruction */
	const char *sign_mask; /* NUMBER() of the bits of a code address that may be a signature */
	int name_width;
	unsigned unit;                    /* bytes of code that are printed as one number */
	unsigned code_before, code_after; /* units around the one at ip */
	const char *mark;                 /* two characters around the unit at ip */
	const struct register_row *rows;
	size_t n_rows;
};

#define REGISTERS_MAX      35
#define REGISTERS_CODE_MAX 64

struct registers {
	const struct register_layout *layout;
	uint64_t words[REGISTERS_MAX];
	uint8_t code[REGISTERS_CODE_MAX];
	unsigned code_len; /* bytes; 0: they are not in the dump, or in user space */
};

/* Reads registers from the description of an NT_PRSTATUS note, or from a struct pt_regs in memory.
 * -ENODATA: the architecture is not supported; -EBADMSG: the note is too short; other errors as of
 * kspace_read(). */
int registers_from_note(struct kspace *ks, const uint8_t *desc, size_t len, struct registers *ret);
int registers_from_memory(struct kspace *ks, uint64_t address, struct registers *ret);

static inline uint64_t registers_ip(const struct registers *r)
{
	return r->words[r->layout->ip];
}

/* True if this register is to be printed. */
bool registers_has(const struct registers *r, const struct register_row *row);

/* Writes the code to @buf, as the kernel does behind "Code: "; empty: none. Returns @buf. */
#define REGISTERS_CODE_TEXT 256
char *registers_code(const struct registers *r, char buf[static REGISTERS_CODE_TEXT]);
