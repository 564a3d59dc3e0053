/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * osbox.h - a system for the capture program: a directory, and calls that only note what they are
 * asked for.
 */
#pragma once

#include "capture/os.h"
#include "tests/unit/temptree.h"

struct osbox {
	struct temptree tree;
	struct os os;
};

/* What the calls note and do. Processes that a test forks share it. */
struct osbox_calls {
	char noted[2048];                          /* "sync; umount /mnt; reboot kexec; " */
	int mount_error, umount_error;             /* an errno; 0: the call works */
	int reboot_error;                          /* 0: reboot() ends the process that calls it */
	int timeout_error;                         /* an errno, of WDIOC_SETTIMEOUT */
	unsigned fed;                              /* times that the watchdog was */
	int kexec_error;                           /* an errno */
	double sync_seconds, mount_seconds;        /* that sync() and mount() take */
	char kernel[64], initrd[64], cmdline[512]; /* given to kexec */
	unsigned long kexec_flags;
};
extern struct osbox_calls *osbox_calls;

/* For cmocka: *state is the struct osbox. */
int osbox_setup(void **state);
int osbox_teardown(void **state);

/* The status of the process that reboot() has ended. */
#define OSBOX_REBOOTED 77

/* Adds a block device with an ext2 file system on it. */
#define OSBOX_UUID "6f0b3bd8-3a3f-4c52-9c6c-0123456789ab"
void osbox_disk(const struct osbox *box, const char *name, const char *label);

/* The last calls are those of @expected. */
#define osbox_noted(expected) assert_string_equal(osbox_calls->noted, expected)
