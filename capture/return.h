/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * return.h - the way back into production by kexec.
 *
 * A normal kexec out of the capture kernel spares the firmware. The kernel hands the next one the
 * memory map that it was given itself, in which all RAM but its own is missing, so the RAM goes on
 * the command line, as additions: "memmap=SIZE@START". What the map calls reserved stays so, since
 * the kernel lets the larger type win where entries overlap (arch/x86/kernel/e820.c, 6.12,
 * e820__update_table()). With a device tree the next kernel is told of all memory there.
 *
 * Some things make it unwise: a CPU that still runs the crashed kernel, a boot CPU that will not
 * come up, a machine that crashes again and again. Then it is the firmware's turn. The loader found
 * out before what can be known before (loader/kexec/return-plan.h).
 */
#pragma once

#include "capture/rescue.h"
#include "system/iomem.h"

/* The last step of the rescue: decides, loads the production kernel when it is to be by kexec, and
 * notes both in the crash. Frees the dump, whose memory the load may need. An error means that a
 * kexec was tried and failed. */
int rescue_return(struct rescue *rescue);

/* What only the capture kernel can see. */
struct return_facts {
	const struct plan *plan;
	unsigned stopped;      /* CPUs whose registers are in the vmcore */
	uint64_t apicid;       /* of the CPU that runs the capture kernel */
	bool hangs;            /* a driver does */
	bool has_apicid;       /* false on machines that have no such thing */
	unsigned crashes;      /* within the plan's interval, this one counted */
	uint64_t free_memory;  /* bytes */
	const char *unwritten; /* why the vmcore could not be looked at; NULL: it was */
};

/* True with one line in @why when something speaks against a kexec. */
#define RETURN_WHY_MAX 512
bool return_is_unwise(const struct return_facts *f, char why[static RETURN_WHY_MAX]);

/* The words to put behind the plan's command line; allocated. @ram is what the vmcore shows of the
 * crashed kernel's memory, @own what the capture kernel runs in. RAM of the plan that is in neither
 * was unplugged since, and is left out. @fewer: the boot CPU stays off. */
int return_words(const struct plan *plan, const struct iomem_range *ram, size_t n_ram,
                 const struct iomem_range *own, size_t n_own, bool fewer, char **ret);

/* The plan's command line with @words in front of a "--", behind which init's arguments stand.
 * -E2BIG when it is longer than the plan's limit. Allocated. */
int return_cmdline(const struct plan *plan, const char *words, char **ret);
