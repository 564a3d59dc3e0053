/* SPDX-License-Identifier: GPL-2.0-or-later */
/* disk.h - finds a block device by what is on it and by what it is, without udev. */
#pragma once

#include "base/base.h"

struct disk_wanted {
	const char *tag;    /* "UUID=...", "LABEL=...", "PARTUUID=..." or a path in /dev */
	char *const *facts; /* that were planned, see system/disk-facts.h; NULL: the tag is all */
	bool unread;        /* the facts are all: the caller looks itself at what is on the disk */
};

/* Takes the next disk of a list in a plan, and moves @list behind it: the tag, then facts, which
 * begin with a small letter. Returns 0 at its end, else 1 and @facts, that the caller frees. */
int disk_list_next(char *const **list, struct disk_wanted *ret, char ***facts);

struct disk {
	char *path;   /* in /dev */
	char *remark; /* what is not as it was planned; "" when all is */
};

void disk_done(struct disk *d);

/* Waits up to @timeout seconds for the disk. The device at the planned path is looked at first, and
 * others are not read when it is the one. A device with another path is taken at once when wwid or
 * serial prove it, else when the time is over, and when no second one fits as well. One of which
 * another fact differs is a copy, and never taken. All paths are below @root_fd. When the
 * disk is there by all facts and the tag is not on it, the time is over after a second: nothing
 * else is going to come. -ETIMEDOUT with a text that names the devices that are there, -ENOTUNIQ
 * when several fit. */
int disk_wait(int root_fd, const struct disk_wanted *w, uint64_t timeout, struct disk *ret);
