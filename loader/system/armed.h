/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * armed.h - what is loaded: the record of the last load, held against what the kernel says.
 *
 * The record is ARMED_DIRECTORY/armed.json (see record.h); beside it lies the image that was
 * loaded.
 */
#pragma once

#include <time.h>

#include "loader/system/crashmem.h"
#include "loader/system/record.h"

#define ARMED_DIRECTORY RECORD_DIRECTORY
#define ARMED_RECORD    "armed.json"
#define ARMED_IMAGE     "initramfs.img"

/* Strings are owned; none is NULL once armed_read() filled it. */
struct armed {
	char *kernel;            /* path of the image file */
	char *kernel_release;    /* uname -r of it */
	uint64_t kernel_size;    /* bytes, and */
	uint64_t kernel_changed; /* nanoseconds since 1970, to tell whether the file is still the
	                            same */
	char *command_line;      /* as given to the kernel */
	uint64_t cpus;           /* that it brings up */
	char *cpus_why;          /* what decided that: "all that are online" */
	uint64_t image_size;     /* bytes, packed */
	uint64_t image_unpacked; /* bytes */
	uint64_t reservation;    /* bytes */
	char *path;              /* of the target directory */
	char *device;            /* "/dev/vda1" */
	char *device_spec;       /* "UUID=..." */
	char *fstype;
	char *back_kernel;   /* to go back to by kexec after a crash; "" when it is by firmware */
	char *back_obstacle; /* why by firmware; "" when the settings want it or nothing speaks
	                        against */
	uint64_t since;      /* seconds since 1970 */
	double build_seconds, load_seconds;
};

void armed_done(struct armed *a);

/* The record alone. -ENOENT when there is none. */
int armed_read(int root_fd, struct armed *ret);
int armed_write(int directory_fd, const struct armed *a);

/* As an object with all fields; a new reference, NULL for want of memory. */
json_t *armed_to_json(const struct armed *a);

/* 0 when a capture kernel that kdump-lite loaded is in place. Otherwise the text says why not:
 * -ENODATA nothing reserved, -ENOENT nothing loaded, -ESTALE loaded once but no more, -EEXIST
 * loaded by another program; or whatever reading failed with. @ret_mem may be NULL, and is filled
 * also when the answer is no. */
int armed_check(int root_fd, struct armed *ret, struct crashmem *ret_mem);
