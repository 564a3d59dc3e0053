/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * threads.h - how many CPUs the capture kernel brings up: as many threads compress the dump.
 */
#pragma once

#include "config/settings.h"
#include "loader/system/crashmem.h"

struct threads_request {
	const struct settings *settings;
	const struct crashmem *crashmem;
	const struct crashmem_need *need; /* of a capture kernel with one CPU */
	uint64_t return_plan_spare; /* bytes that the way back leaves, UINT64_MAX: it takes none */
	uint64_t online;            /* CPUs of the running system, at least 1 */
	bool parked;                /* an unknown CPU that is not among them is the boot CPU */
	bool confidential;          /* a guest whose memory is encrypted */
	bool spin_table;            /* no other kernel can start the other CPUs */
};

/* At least 1. @why says what decided, as in "2 CPUs, all that are online". */
#define THREADS_WHY_MAX 80
uint64_t threads_choose(const struct threads_request *req, char why[static THREADS_WHY_MAX]);
