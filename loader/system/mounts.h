/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.h - what is mounted where: /proc/self/mountinfo, see proc_pid_mountinfo(5).
 */
#pragma once

#include <sys/types.h>

#include "base/base.h"

struct mount {
	int id, parent;     /* numbers of this mount and of the one that it lies on */
	const char *root;   /* directory of the file system that is mounted: "/" or a part of it */
	const char *target; /* where it is mounted */
	const char *source; /* "" when it has none */
	const char *fstype;
	const char *flags;   /* options of the mount: "rw,relatime" */
	const char *options; /* options of the file system */
	dev_t number;        /* of the device; btrfs has one that is no block device's */
};

struct mounts {
	struct mount *list; /* in the order of the file: of two at one place the last is seen */
	size_t n;
	void *table; /* owns the texts */
};

/* Reads the mounts of the system at @root_fd. The caller frees them with mounts_done(). */
int mounts_read(int root_fd, struct mounts *ret);
void mounts_done(struct mounts *m);

/* The mounts above @path, or on it, that /etc/fstab wants at boot and that are not there: their
 * places, with a space between. "" when nothing is missing; the caller frees it. */
int mounts_missing(int root_fd, const char *path, char **ret);

/* The mounts above @path, or on it, that systemd makes early in each boot by /etc/fstab, and waits
 * for: local ones without nofail and the like. */
int mounts_early(int root_fd, const char *path, char ***ret);

/* 0 when @path is there so early; else -ENODEV with a text. */
int mounts_are_early(int root_fd, const char *path);

/* The name of the unit that mounts @path: "var-crash.mount", as "systemd-escape --path" makes it
 * (see systemd.unit(5)). @path has no "." and ".." in it. The caller frees it. */
int mounts_unit(const char *path, char **ret);

/* The mount that holds @path, in which no part is a symbolic link; NULL: none does. A mount that
 * another hides does not count. */
const struct mount *mounts_find(const struct mounts *m, const char *path);

/* The part of @path behind the directory @top, with its slash; NULL when it is not below @top. */
const char *mounts_below(const char *path, const char *top);
