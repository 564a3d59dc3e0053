/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reserve.h - blocks of the target's disk that lie ready for a crash.
 *
 * The file CRASH_RESERVE in the target directory is as large as the setting Reserve= wants, and
 * config/store.h says what is in it. The plan tells the capture where its blocks are on the
 * device, so that a log can be saved without the file system: one that is full or damaged, or whose
 * code has crashed. The next load moves what it finds into a crash directory.
 */
#pragma once

#include "config/crashdir.h"
#include "config/store.h"

/* Reserve= without a number: for a log, a report and a small dump. */
#define RESERVE_AUTO MIB(32)

/* Free bytes that have to stay beside it. */
#define RESERVE_LEAVES MIB(256)

struct reserve {
	char *id;       /* of the store, 32 hexadecimal digits; NULL: there is no reserve */
	char **extents; /* "OFFSET+SIZE" on the device, in order */
	uint64_t size;  /* bytes */
};

void reserve_done(struct reserve *r);

/* Finds where the @size bytes of @fd are on its device, as extents. -EOPNOTSUPP: they have no fixed
 * place. */
typedef int (*reserve_map_fn)(int fd, uint64_t size, char ***ret);

/* Asks the file system, by FS_IOC_FIEMAP (Documentation/filesystems/fiemap.rst). Refuses blocks
 * that are shared, packed, encrypted or unwritten, and places that are not known. */
int reserve_map(int fd, uint64_t size, char ***ret);

struct reserve_request {
	int dir_fd;         /* of the target directory */
	const char *path;   /* of it, for texts */
	const char *fstype; /* of its file system */
	uint64_t size;      /* bytes; whole blocks are made of it; 0: remove it */
	uint64_t free;      /* bytes of the file system */
	bool only_look;     /* change nothing: there may be none then */
	reserve_map_fn map; /* reserve_map(), but for tests */
};

/* Makes the reserve, or takes the one that is there and fits. Fails with a text when there can be
 * none, and leaves no file then. -EEXIST: it holds a crash that was not fetched. */
int reserve_prepare(const struct reserve_request *req, struct reserve *ret);

/* Moves a crash that the reserve of the directory @dir_fd holds into a crash directory there, and
 * makes the reserve empty again. Returns 1 and the name of the crash, which the caller frees; 0
 * when there is nothing to fetch. Trusts nothing that it reads, and follows no links. What it wrote
 * stays when it fails, and so does what the reserve holds. A file with a wrong checksum gets the
 * name NAME.incomplete, and a line in @remarks, which may be NULL. */
int reserve_fetch(int dir_fd, const char *path, char **ret_name, char ***remarks);

/* Moves a crash that the store @area holds into a crash directory below @dir_fd, likewise. The
 * store stays as it is. */
int reserve_fetch_store(const struct store_area *area, int dir_fd, const char *path,
                        char **ret_name, char ***remarks);
