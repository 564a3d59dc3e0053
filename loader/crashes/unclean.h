/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unclean.h - boots that ended without a shutdown and without a dump, in /var/lib/kdump-lite.
 *
 *	unclean.json	an array of them, the oldest first
 */
#pragma once

#include "loader/crashes/mark.h"

/* How many are remembered: the newest. */
#define UNCLEAN_MAX 100

/* How a list calls the state of such a boot. */
#define UNCLEAN_STATE "no-dump"

struct unclean {
	struct mark mark;
	time_t last;     /* the last time at which it is known to have run */
	bool captured;   /* the capture kernel ran; not remembered */
	char **evidence; /* of how it ended, one line each; owned */
};

struct uncleans {
	struct unclean *list;
	size_t n;
};

void unclean_done(struct unclean *u);
void uncleans_done(struct uncleans *u);

/* The oldest first. Empty when the file is not there. Text of the file is made printable; what is
 * not as it should be is passed over. */
int uncleans_read(int state_fd, struct uncleans *ret);

/* Those of the system below @root_fd. */
int uncleans_find(int root_fd, struct uncleans *ret);

/* Appends @u to what is remembered, and lets go of the oldest of more than UNCLEAN_MAX. */
int unclean_remember(int state_fd, const struct unclean *u);

/* Forgets what is remembered of a boot. */
int unclean_forget(int state_fd, const char *boot_id);

/* As "list --json" prints it; a new reference, NULL for want of memory. */
json_t *unclean_to_json(const struct unclean *u);

/* "ended without a shutdown; no capture kernel was loaded; watchdog0 ...", allocated. */
int unclean_describe(const struct unclean *u, char **ret);
