/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next.h - the kernel that kexec starts next: its files and its command line.
 *
 * It is found from the running system, an entry of the boot loader or a path. The result has one
 * shape: pieces of files, options, and names for people.
 */
#pragma once

#include <sys/utsname.h>

#include "system/piece.h"

struct next {
	char *id;     /* of the boot loader's entry; "" when it is not from one */
	char *source; /* path of the boot loader's file that names it; NULL when none does */
	char *title;  /* for people: the title of the entry, or the path of the kernel */
	struct piece kernel;
	struct piece *initrds; /* in order; each is a cpio archive, maybe compressed */
	size_t n_initrds;
	char *options; /* its command line; NULL: that of the running kernel */
	char *release; /* its uname -r; "" when the image does not tell */
	char **notes;  /* lines for people: what is otherwise than they may think; NULL: nothing */
};

void next_done(struct next *n);

/* Adds a line to the notes. It has no full stop, as the text of an error. */
int next_note(struct next *n, const char *fmt, ...) _printf_(2, 3);

/* Finds the files that the running kernel @uts came from, by the entries of the boot loader and the
 * layouts of distributions (loader/system/layout.h); id is "", options are NULL. On x86 the kernel
 * tells if it was started with an initrd (/sys/kernel/boot_params/data). If it was not, the result
 * has none. -ENOENT: there is no such kernel, or its initrd is missing. */
int next_running(int root_fd, const struct utsname *uts, struct next *ret);

/* Likewise. When an upgrade has removed the files of the running kernel, the result is what it left
 * in their place, with a note. */
int next_running_or_upgraded(int root_fd, const struct utsname *uts, struct next *ret);

/* Finds the entry @id of the boot loader, NULL: the default one. Its files exist. If the boot
 * loader would boot something else than a Linux, it is the first entry of Linux, and a note tells.
 * -ENOENT: there is no such entry; -ENOEXEC: it is no Linux; -ENOMEDIUM: no boot loader has
 * entries. */
int next_entry(int root_fd, const char *id, const struct utsname *uts, struct next *ret);

/* Takes the kernel image or unified kernel image at @path. @initrds are those of the command line;
 * one "" means none; NULL means the one in the image, or those that belong to it by the layouts of
 * distributions. -ENOENT: a file is missing, or @initrds is NULL, none belongs to the image, and
 * the running kernel had one; -ENOEXEC or -EBADMSG: it is not a whole kernel of this machine. */
int next_file(int root_fd, const char *path, char *const *initrds, const struct utsname *uts,
              struct next *ret);

/* Finds the installed kernel @name: its release, or a name that its distribution gives it, as
 * "linux-lts" or "vmlinuz-linux-lts". Entries of the boot loader are asked first. Only files are
 * taken from them, options are NULL, unless the command line belongs to the kernel: that of a
 * unified image, and those of OSTree and NixOS, which name the system. @initrds and errors as
 * above. */
int next_installed(int root_fd, const char *name, char *const *initrds, const struct utsname *uts,
                   struct next *ret);

/* Likewise the installed kernel with the highest release. */
int next_newest(int root_fd, char *const *initrds, const struct utsname *uts, struct next *ret);
