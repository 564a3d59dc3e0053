/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zones.h - the zones of a crashed kernel's memory: their free pages, watermarks and counters.
 *
 * Numbers are pages unless said otherwise.
 */
#pragma once

#include "vmcore/view/kview.h"

/* NR_PAGE_ORDERS is 11; arm64 with pages of 16 KiB or more has some others. */
#define ZONE_ORDERS 16

/* More counters than enum zone_stat_item and node_stat_item have; Linux 6.12 has 12 and 47. */
#define ZONE_COUNTERS 128

struct zone {
	unsigned node;
	char name[17]; /* can be printed */
	uint64_t free, min, low, high, managed, present, spanned;
	uint64_t cpu_lists;           /* free pages in the lists of CPUs; not part of free */
	uint64_t blocks[ZONE_ORDERS]; /* number of free blocks of 1 << i pages */
	unsigned n_orders;
};

/* Counters of all zones, or of all nodes, with the differences that each CPU keeps for a while. */
struct zone_counters {
	const char *items; /* the enum that numbers them */
	int64_t of[ZONE_COUNTERS];
	unsigned n;
};

struct zones {
	struct zone *list; /* those that have memory, by node */
	size_t n;
	struct zone_counters zone_counters, node_counters;
	uint64_t all_low;   /* sum of low */
	char remark[256];   /* why zones are missing; empty when none is */
	char counters[256]; /* why counters are missing or not exact; empty when they are right */
};

/* Fails for lack of memory only; the remarks say what could not be found. */
int zones_read(const struct kview *v, struct zones *ret);
void zones_done(struct zones *z);

/* The watermark that the zone is below: "min", "low" or NULL. */
const char *zone_is_below(const struct zone *z);
