/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mark.h - marks of boots that have not ended, in /var/lib/kdump-lite.
 *
 *	boot-BOOTID.json	made early in each boot, removed by a clean shutdown
 *
 * kdump-lite-mark.service makes it and removes it. The mark of another boot that is still there
 * tells that the boot had no clean end: a crash, a power cut, a reset.
 */
#pragma once

#include <jansson.h>

#include "loader/crashes/state.h"

/* More marks than these are not looked at. */
#define MARKS_MAX 100

struct mark {
	char boot_id[STATE_ID_SIZE];
	time_t time;       /* when it was made; of a damaged mark, when its file was written */
	char kernel[65];   /* uname -r; "" unknown */
	bool armed, known; /* if a capture kernel was loaded, and if that is known */
	bool console_only; /* and what it saw would only have been on the console */
};

/* Replaces the mark of m->boot_id. It is on the disk when this returns. */
int mark_write(int state_fd, const struct mark *m);

/* The mark of a boot. -ENOENT with a text when there is none. */
int mark_read(int state_fd, const char *boot_id, struct mark *ret);

/* Removes the mark of a boot. 1: it is gone, 0: there was none. */
int mark_remove(int state_fd, const char *boot_id);

/* The marks of all boots but @boot_id, the oldest first; allocated. */
int marks_read(int state_fd, const char *boot_id, struct mark **ret, size_t *ret_n);

/* Marks the running boot, or changes in its mark whether a capture kernel is loaded, and if that
 * one has no place for a crash but the console. */
int mark_running(int root_fd);
int mark_set_armed(int root_fd, bool armed, bool console_only);

/* Removes the mark of the running boot, as mark_remove(). */
int mark_end(int root_fd);

/* As objects have it: "boot_id", "since", "kernel_release", where known, "armed", and, where true,
 * "console_only". The first is a new reference, NULL for want of memory; the second returns false
 * when it is no mark. */
json_t *mark_to_json(const struct mark *m);
bool mark_from_json(const json_t *o, struct mark *ret);
