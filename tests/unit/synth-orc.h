/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * synth-orc.h - ORC tables as kernels of each version have them, in the memory of a synth machine.
 */
#pragma once

#include "tests/unit/synth.h"
#include "vmcore/kernel/orc.h"

/* The versions of struct orc_entry, see orc.c. */
#define SYNTH_ORC_VERSIONS 4

struct synth_orc {
	struct synth *machine;
	unsigned version;       /* from 1 on */
	struct orc_table table; /* where it lies in the kernel's memory, and how much is there */
};

/* The facts of a kernel with this table. */
struct orc_facts synth_orc_facts(const struct synth_orc *o);

/* Appends an entry for the code from @ip on. In version 1 its signal is not stored. */
void synth_orc_add(struct synth_orc *o, uint64_t ip, struct orc_entry e);
