/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zones.h - the zones of a crashed kernel's memory: how full they are, and what is counted of them.
 *
 * All numbers are pages unless they say otherwise.
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
	uint64_t cpu_lists;           /* free, but kept at hand by CPUs; not part of free */
	uint64_t blocks[ZONE_ORDERS]; /* free ones of 1 << i pages */
	unsigned n_orders;
};

/* Counters of all zones, or all nodes. The kernel lets each CPU have differences of its own, which
 * it adds to these now and then: they are in here. */
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
	char remark[256];   /* why these are not all zones; empty when they are */
	char counters[256]; /* likewise of the counters */
};

/* Fails for lack of memory only: what cannot be found is told by the remarks. */
int zones_read(const struct kview *v, struct zones *ret);
void zones_done(struct zones *z);

/* Below which of its watermarks a zone is: "min", "low" or NULL. */
const char *zone_is_below(const struct zone *z);
