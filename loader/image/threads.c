// SPDX-License-Identifier: GPL-2.0-or-later
/* threads.c - how many CPUs the capture kernel brings up, see threads.h. */
#include "loader/image/threads.h"

#include <inttypes.h>
#include <stdio.h>

/* The filter does not get faster with more, and this many feed the fastest disks: lzo packs some
 * 500 MB of memory a second with one CPU, zstd 300. A CPU that does not come up, which may be the
 * cause of the crash, costs ten seconds. */
#define MAX_CPUS 8

/* @wanted, or fewer when memory is short. */
static uint64_t choose_by_memory(const struct threads_request *req, uint64_t wanted,
                                 char why[static THREADS_WHY_MAX])
{
	uint64_t left = MIN(crashmem_spare(req->crashmem, req->need), req->return_plan_spare);
	uint64_t n = 1 + left / CRASHMEM_PER_CPU, size;

	if (n >= wanted)
		return wanted;
	/* crashkernel= is aligned to 16M on x86. */
	size = ALIGN_UP(req->crashmem->size - left + (wanted - 1) * CRASHMEM_PER_CPU, MIB(16));
	snprintf(why, THREADS_WHY_MAX, "for %" PRIu64 " it takes crashkernel=%" PRIu64 "M", wanted,
	         (uint64_t)(size / MIB(1)));
	return n;
}

static uint64_t decided(char why[static THREADS_WHY_MAX], const char *text, uint64_t n)
{
	snprintf(why, THREADS_WHY_MAX, "%s", text);
	return n;
}

uint64_t threads_choose(const struct threads_request *req, char why[static THREADS_WHY_MAX])
{
	/* A capture kernel must leave the CPU alone that the firmware started. */
	if (req->parked)
		return decided(why, "since the boot CPU is parked", 1);
	if (req->spin_table)
		return decided(why, "since no other kernel can start the others (spin-table)", 1);
	if (req->settings->capture.threads)
		return decided(why, "as Threads= says",
		               MIN(req->settings->capture.threads, req->online));
	if (req->confidential)
		return decided(why, "since a confidential guest may not get more started", 1);
	if (!req->need->init_size)
		return decided(why, "since the kernel does not tell what memory it takes", 1);
	if (req->online > MAX_CPUS)
		decided(why, "more are of little use", MAX_CPUS);
	else
		decided(why, "all that are online", req->online);
	return choose_by_memory(req, MIN(req->online, MAX_CPUS), why);
}
