/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next.h - which kernel to start by kexec: its files and its command line.
 *
 * Whatever names it (the running system, an entry of the boot loader, a path), the result is the
 * same: pieces of files, options, and the names that people know it by.
 */
#pragma once

#include <sys/utsname.h>

#include "system/piece.h"

struct next {
	char *id;    /* of the boot loader's entry; "" when it is not from one */
	char *title; /* for people: that of the entry, else the path of the kernel */
	struct piece kernel;
	struct piece *initrds; /* in order; each a cpio archive of its own, maybe compressed */
	size_t n_initrds;
	char *options; /* the command line that goes with it; NULL: that of the running kernel */
	char *release; /* uname -r of it; "" when the image does not tell */
};

void next_done(struct next *n);

/* The files that the running kernel @uts came from, by the entries of the boot loader and the
 * places and names that distributions use; id is "", the options are NULL. On x86 the kernel tells
 * whether it was started with an initrd (/sys/kernel/boot_params/data): if it was, and none is
 * found, that is -ENOENT as when there is no kernel; if not, it gets none now. */
int next_running(int root_fd, const struct utsname *uts, struct next *ret);

/* The entry @id of the boot loader, NULL: its default one. -ENOENT with a text when there is no
 * such entry, -ENOMEDIUM when there is no boot loader with entries at all. Its files have been
 * seen to be there. */
int next_entry(int root_fd, const char *id, const struct utsname *uts, struct next *ret);

/* The kernel image or unified kernel image at @path. @initrds as given on the command line (NULL:
 * the one that belongs to a kernel of that name, or is in the image, if there is one; a single "":
 * none). What is not there is -ENOENT, what is no kernel, or only part of one, -ENOEXEC or
 * -EBADMSG; on other machines than x86_64 any file will do. */
int next_file(int root_fd, const char *path, char *const *initrds, const struct utsname *uts,
              struct next *ret);
