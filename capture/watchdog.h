/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watchdog.h - a hardware watchdog, which resets the machine when the capture does not go on.
 *
 * PID 1 opens it as soon as it is there, and feeds it while the child that does the work makes
 * progress. So it fires when the kernel stops, PID 1 with it, and when the child hangs in a driver.
 * Where TimeoutSec= is short, PID 1 gives such a child up before, and does what is left.
 * A watchdog that the crashed kernel had started, with whatever timeout, is fed by its driver until
 * then (watchdog.handle_boot_enabled=1). Without a watchdog nothing is lost but this.
 */
#pragma once

#include "capture/os.h"

struct watchdog {
	int fd;            /* -1: none is open */
	double patience;   /* seconds without progress until it is fed no more */
	uint64_t progress; /* of the child, as it was ... */
	double since;      /* ... from then on, by clock_seconds() */
	bool hungry;       /* it is not fed */
};
#define WATCHDOG_NULL ((struct watchdog){ .fd = -1 })

/* To be called twice a second or more often. Opens the watchdog when there is one. @progress is any
 * number that changes when the child does something. */
void watchdog_tick(struct watchdog *w, const struct os *os, uint64_t progress);

/* The last word to it. It goes on over a reboot and a kexec, with time for the way back, as systemd
 * leaves it too (RebootWatchdogSec=10min). When @stop it is stopped. */
void watchdog_leave(struct watchdog *w, const struct os *os, bool stop);
