/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prune.h - deletes old crashes until the limits of KeepFree=, MaxUse= and MaxDumps= hold.
 *
 * The oldest go first, and of all of them the dumps before the rest: log, report and crash.json of
 * a crash are small, and stay unless their space is enough for what is wanted. Some dumps always
 * stay: the newest that is complete, and where no new one is about to come, the newest.
 *
 * Only directories with names of crash_make_name() that none but root can change are looked at, on
 * the file system of their parent. In these only regular files of root with the names of
 * crashdir.h are deleted, and a directory only when it has nothing else. No link is followed.
 */
#pragma once

#include <sys/statvfs.h>

#include "config/settings.h"

/* What was deleted of one crash, or would be. */
struct pruned {
	const char *name; /* of its directory */
	bool whole;       /* the directory; else the dump */
	uint64_t size;    /* bytes on the disk */
};

struct prune_request {
	const struct capture_settings *settings;
	uint64_t need;      /* bytes of a dump that is about to come; 0: none is */
	const char *except; /* the directory that it goes to; NULL: none */
	const char *newest; /* the directory that counts as the newest, whatever its time; may be
	                       NULL */
	bool only_look;     /* delete nothing, only tell what would be deleted */

	/* Called for each crash that loses something; may be NULL. */
	void (*tell)(void *arg, const struct pruned *p);
	void *arg;

	int (*fstatvfs)(int fd, struct statvfs *ret); /* NULL: that of the system */
};

struct prune_result {
	/* As it is afterwards. Some file systems count freed blocks late, so the sizes of what was
	 * deleted are added here. */
	uint64_t left;  /* bytes that are free beside KeepFree= */
	uint64_t use;   /* bytes of all crashes */
	uint64_t dumps; /* crashes with a dump */

	uint64_t size; /* bytes of what was deleted */
	uint64_t lack; /* bytes that are still too much, or too few; 0: the sizes hold */
};

/* Prunes the directory @parent_fd. Goes on after a file that cannot be deleted, and returns the
 * error of the first one; @ret is filled then too. */
int prune(int parent_fd, const struct prune_request *req, struct prune_result *ret);

/* KeepFree= in bytes on a file system of @size bytes. auto is 5 % of it, but at most 1G. */
uint64_t prune_keep_free(const struct capture_settings *settings, uint64_t size);

/* Bytes that are free beside it for programs without privileges. */
uint64_t prune_left(const struct capture_settings *settings, const struct statvfs *st);
