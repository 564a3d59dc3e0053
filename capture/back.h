/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * back.h - the way back into production by kexec.
 *
 * A normal kexec out of the capture kernel spares the firmware. The kernel hands the next one the
 * memory map that it was given itself, in which all RAM but its own is missing, so the RAM goes on
 * the command line, as additions: "memmap=SIZE@START". What the map calls reserved stays so, since
 * the kernel lets the larger type win where entries overlap (arch/x86/kernel/e820.c, 6.12,
 * e820__update_table()).
 *
 * There are things that make it unwise: a CPU that still runs the crashed kernel, a boot CPU that
 * will not come up, a machine that crashes again and again. Then it is the firmware's turn. The
 * loader found out what can be known before (loader/kexec/return-plan.h).
 */
#pragma once

#include "capture/rescue.h"

/* The last step of the rescue: decides, loads the production kernel when it is to be by kexec, and
 * notes both in r->crash. Frees the dump, whose memory the load may need. An error means that a
 * kexec was tried and failed. */
int rescue_back(struct rescue *r);

/* Whether a production kernel is loaded, so that reboot(2) can start it. */
bool back_is_loaded(void);

/* A condition that the capture kernel itself has to look at. True with one line in @why when it
 * speaks against a kexec. */
#define BACK_WHY_MAX 512
struct back_facts {
	const struct plan *plan;
	unsigned stopped;      /* CPUs whose registers are in the vmcore */
	uint64_t apicid;       /* of the CPU that runs the capture kernel */
	bool has_apicid;       /* false on machines that have no such thing */
	unsigned crashes;      /* within the plan's interval, this one counted */
	uint64_t free_memory;  /* bytes */
	const char *unwritten; /* why the vmcore could not be looked at; NULL: it was */
};
bool back_is_unwise(const struct back_facts *f, char why[static BACK_WHY_MAX]);

/* The words to put behind the plan's command line; allocated. @ram is what the vmcore shows of the
 * crashed kernel's memory, @own what the capture kernel runs in, both in bytes, [start, end). RAM
 * of the plan that is in neither was unplugged since, and is left out. */
struct back_range {
	uint64_t start, end;
};
int back_words(const struct plan *plan, const struct back_range *ram, size_t n_ram,
               const struct back_range *own, size_t n_own, bool fewer, char **ret);

/* @base with @words in front of a "--", behind which init's arguments stand. -E2BIG when it is
 * longer than the plan's limit. Allocated. */
int back_cmdline(const struct plan *plan, const char *words, char **ret);
