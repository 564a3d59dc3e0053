/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * synth-symbols.h - symbol tables of kernels that were never linked.
 *
 * Written from scripts/kallsyms.c of Linux 4.19 to 7.0, not with the engine's code.
 */
#pragma once

#include "tests/unit/synth.h"

struct synth_symbol {
	const char *name;
	char type;
	uint64_t address;
};

enum synth_addresses {
	SYNTH_ABSOLUTE,
	SYNTH_BASE_RELATIVE,
	SYNTH_ABSOLUTE_PERCPU,
	SYNTH_PLACE_RELATIVE,
	SYNTH_ADDRESSES,
};

struct synth_tables {
	/* What they are to be like. */
	enum synth_addresses addresses;
	bool long_lengths;
	bool addresses_first; /* the order of tables up to 6.3 */
	bool seqs;            /* with kallsyms_seqs_of_names behind the markers, as 6.2 and 6.3 */
	bool wide;            /* markers and count have 64 bits, as up to 4.19 */
	bool untold;          /* VMCOREINFO does not tell of them, as up to 5.19 */

	/* Where they are, virtual addresses in the second MiB of the kernel image. */
	uint64_t offsets, base, num_syms, names, markers, token_table, token_index;
};

/* Makes the tables of @n symbols, which must be in the order of their addresses, and tells of them
 * (unless untold) and of _stext in VMCOREINFO. Room for some ten thousand of them. */
void synth_tables(struct synth *m, struct synth_tables *t, const struct synth_symbol *symbols,
                  size_t n);
