/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next-load.h - loads the kernel that a reboot by kexec starts, and keeps a record of it.
 */
#pragma once

#include "loader/kexec/next.h"
#include "system/kexec.h"
#include "loader/system/record.h"

#define NEXT_LOAD_RECORD "next.json"

struct next_load_request {
	int root_fd;
	const struct next *next;
	const char *cmdline;    /* the whole command line, see next-cmdline.h */
	const char *machine;    /* uname -m */
	kexec_fn kexec;         /* kexec_file_load; tests have another */
	kexec_pieces_fn pieces; /* kexec_load, likewise; see either.h */
	bool dry_run;           /* check everything, load nothing */
};

/* The record of a loaded kernel. Strings are owned; none is NULL once filled. */
struct next_loaded {
	char *id;             /* of the boot loader's entry; "" when it is not from one */
	char *title;          /* for people */
	char *kernel;         /* a piece, see system/piece.h */
	char *kernel_release; /* its uname -r; "" when not known */
	char **initrds;       /* pieces */
	char *command_line;
	uint64_t since; /* seconds since 1970 */
	uint64_t image; /* as kimage_id() told; not in the JSON for users */
};

void next_loaded_done(struct next_loaded *n);

/* An object with all fields; a new reference. NULL when there is no memory. */
json_t *next_loaded_to_json(const struct next_loaded *n);

/* Checks the request and loads the kernel. On failure the kernel that was loaded before stays:
 * Linux drops it only when it has taken the new one (kernel/kexec_file.c, 6.12). @ret is the record
 * of what is loaded now, or would be without dry_run. */
int next_load(const struct next_load_request *req, struct next_loaded *ret);

/* Unloads the kernel, also one of another program. 0: unloaded; 1: nothing was loaded. */
int next_unload(int root_fd, kexec_fn kexec);

/* 0: a kernel is loaded by kdump-lite, and *@ret is its record. -ENOENT: nothing is loaded;
 * -EEXIST: another program has loaded a kernel; other errors: it cannot be found out. That a kernel
 * of another program has taken the place of ours is seen where kimage_id() sees it. */
int next_loaded_check(int root_fd, struct next_loaded *ret);
