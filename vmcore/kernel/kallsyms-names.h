/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms-names.h - the compressed names of the kernel's symbols; private to kallsyms*.c.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

/* KSYM_NAME_LEN of Linux 6.1 on, with the type; longer names are cut. */
#define KALLSYMS_NAME_SIZE (1 + 512)

struct kallsyms_names {
	uint32_t n;
	uint8_t *bytes; /* of all names, one behind the other: length and tokens */
	size_t len;
	bool long_lengths; /* those from 128 on have two bytes */
	uint32_t *groups;  /* offsets at which each 64th name begins */
	char *token_table;
	struct {
		const char *text;
		size_t len;
	} tokens[256];

	/* The index for searches, which has the first so many names: chains[] has for each hash the
	 * number + 1 of a symbol, next[] that of the one before it which has the same hash. */
	uint32_t indexed;
	size_t indexed_end; /* where they end */
	uint32_t *chains, *next;

	char text[KALLSYMS_NAME_SIZE]; /* what was decoded last: type, name */
};

/* Reads the tables. Errors as kallsyms_open(); kallsyms_names_done() is needed after them too. */
int kallsyms_names_read(struct kallsyms_names *names, struct kspace *ks);
void kallsyms_names_done(struct kallsyms_names *names);

/* Decodes the name of symbol @nr to text[]. */
void kallsyms_names_get(struct kallsyms_names *names, uint32_t nr);

/* Gives the number of the first symbol of that name; false when there is none. */
bool kallsyms_names_search(struct kallsyms_names *names, const char *name, uint32_t *ret);
