/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.h - what the command remembers over a reboot, in /var/lib/kdump-lite.
 *
 *	announced	names of the crash directories that the journal has been told of, one a line
 *	test.json	a test crash that has begun and has not been reported on
 *	boot-ID.json	a boot that has not ended, see mark.h
 *	gentler		the command line that the capture kernel gets, see loader/system/gentler.h
 *	unclean.json	boots that ended without a shutdown and without a dump, see unclean.h
 */
#pragma once

#include <jansson.h>
#include <time.h>

#include "base/base.h"

#define STATE_DIR "/var/lib/kdump-lite"

/* Opens the directory below @root_fd, makes it when it is not there. */
int state_open(int root_fd, int *ret_fd);

#define STATE_ID_SIZE   40
#define STATE_ID_DIGITS "0123456789abcdef-"

/* Takes an id out of an object; only STATE_ID_DIGITS: it is searched for and printed. */
bool state_take_id(const json_t *v, char ret[static STATE_ID_SIZE]);

/* What a test crash writes into the kernel log, for its dump to be known by; %s is the id. */
#define MARKER_LOG_TEXT "kdump-lite: test crash %s"

struct marker {
	char id[STATE_ID_SIZE];      /* random, hexadecimal */
	char boot_id[STATE_ID_SIZE]; /* of the boot that was to crash */
	time_t time;
};

/* Synced when it returns. */
int marker_write(int state_fd, const struct marker *m);

/* -ENOENT when there is none, -EBADMSG when it cannot be understood. */
int marker_read(int state_fd, struct marker *ret);
int marker_remove(int state_fd);

/* As in /proc/sys/kernel/random/boot_id. */
int state_boot_id(int root_fd, char ret[static STATE_ID_SIZE]);

/* List of strings; empty when the file is not there. Control characters of a name are escaped. */
int announced_read(int state_fd, char ***ret);
int announced_write(int state_fd, char *const *names);

/* True when the directory @name is among the @names that announced_read() gave. */
bool announced_has(char *const *names, const char *name);
