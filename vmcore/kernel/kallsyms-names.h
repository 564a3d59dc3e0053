/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms-names.h - the compressed names of the kernel's symbols; only for kallsyms*.c.
 */
#pragma once

#include "vmcore/kernel/kallsyms-find.h"

/* KSYM_NAME_LEN since Linux 6.1, and the type; longer names are cut. */
#define KALLSYMS_NAME_SIZE (1 + 512)

struct kallsyms_names {
	uint32_t n;
	uint8_t *bytes; /* all names in a row: length and tokens */
	size_t len;
	bool long_lengths; /* lengths from 128 on have two bytes */
	uint32_t *groups;  /* offsets of each 64th name */
	char *token_table;
	struct kallsyms_token {
		const char *text;
		size_t len;
		uint32_t hash, power;           /* see kallsyms-names.c */
		uint32_t tail_hash, tail_power; /* of the text without its first letter */
	} tokens[256];

	/* The index for searches, of the first @indexed names. For a hash, chains[] has the number
	 * + 1 of a symbol, and next[] has that of the symbol before with this hash. */
	uint32_t indexed;
	size_t indexed_end; /* where these names end */
	uint32_t *chains, *next;

	char text[KALLSYMS_NAME_SIZE]; /* type and name that were decoded last */
};

/* Reads the tables. Errors as of kallsyms_open(). Call kallsyms_names_done() on failure too. */
int kallsyms_names_read(struct kallsyms_names *names, struct kspace *ks,
                        const struct kallsyms_places *places);
void kallsyms_names_done(struct kallsyms_names *names);

/* Decodes the name of symbol @nr to text[]. */
void kallsyms_names_get(struct kallsyms_names *names, uint32_t nr);

/* Finds the number of the first symbol of that name; false when there is none. */
bool kallsyms_names_search(struct kallsyms_names *names, const char *name, uint32_t *ret);
