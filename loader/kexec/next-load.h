/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next-load.h - loads the kernel that a reboot by kexec starts, and remembers which it was.
 */
#pragma once

#include "loader/kexec/next.h"
#include "system/kexec.h"
#include "loader/system/record.h"

#define NEXTLOAD_RECORD "next.json"

struct next_load_request {
	int root_fd;
	const struct next *next;
	const char *cmdline; /* all of it, see next-cmdline.h */
	const char *machine; /* uname -m */
	kexec_fn kexec;      /* kexec_file_load, but for tests */
	bool dry_run;        /* check everything, load nothing */
};

/* What was loaded. Strings are owned; none is NULL once filled. */
struct next_loaded {
	char *id;             /* of the boot loader's entry; "" when it is not from one */
	char *title;          /* for people */
	char *kernel;         /* as a piece, see system/piece.h */
	char *kernel_release; /* uname -r of it; "" when not known */
	char **initrds;       /* pieces */
	char *command_line;
	uint64_t since; /* seconds since 1970 */
};

void next_loaded_done(struct next_loaded *n);

/* As an object with all fields; a new reference, NULL for want of memory. */
json_t *next_loaded_to_json(const struct next_loaded *n);

/* Loads it. What can be known before is checked before; the kernel keeps what was loaded until it
 * has taken the new one (kernel/kexec_file.c, 6.12), so on failure everything is as it was. @ret
 * tells what is loaded now, or would be. */
int next_load(const struct next_load_request *req, struct next_loaded *ret);

/* Unloads, whoever loaded it. 0: unloaded; 1: nothing was loaded. */
int next_unload(int root_fd, kexec_fn kexec);

/* 0 when a kernel that kdump-lite loaded is in place. Otherwise the text says why not: -ENOENT
 * nothing is loaded, -EEXIST loaded by another program; or whatever looking failed with. */
int next_loaded_check(int root_fd, struct next_loaded *ret);
