/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os.h - the running system as the capture program sees and changes it.
 *
 * A test puts a directory and functions of its own in their places.
 */
#pragma once

#include <sys/statvfs.h>

#include "segments/either.h"
#include "system/kexec.h"

struct os {
	int root_fd; /* of the directory below which all paths are: "/" */

	/* The system calls of these names: -1 and errno when they fail. */
	int (*mount)(const char *device, const char *place, const char *fstype, unsigned long flags,
	             const void *options);
	int (*umount2)(const char *place, int flags);
	int (*reboot)(int command); /* does not return when it works */
	void (*sync)(void);
	int (*ioctl)(int fd, unsigned long request, void *arg);
	int (*finit_module)(int fd, const char *parameters, int flags);
	int (*fstatvfs)(int fd, struct statvfs *ret); /* NULL: the system's own */

	/* These return a negative errno. Of either_load() and all that it takes a program is free
	 * which does not name it. */
	kexec_fn kexec;
	kexec_pieces_fn pieces; /* NULL: there is no second way */
	int (*either)(const struct either_request *req, uint32_t *ret_digest); /* the same */
};
