/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limited.h - calls that a driver may hold up for ever: loading a module, mounting.
 *
 * Modules and mounts belong to the kernel, so any process can make the call. A process that hangs
 * in a driver cannot be killed, so it is left behind.
 */
#pragma once

#include "capture/rescue.h"

struct limited {
	int (*work)(void *arg);
	void *arg;
	const char *what; /* in texts: "module x" */
	double waits;     /* seconds that it may wait by itself */
	double seconds;   /* more than that; no more than a quarter of the time left, or 2 */
};

/* Does the work in a child. Returns what it returned, with its text. When it came to no end: an
 * error with a text, and @rescue has it noted that something hangs. */
int limited(struct rescue *rescue, const struct limited *l);
