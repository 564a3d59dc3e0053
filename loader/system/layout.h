/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layout.h - where distributions keep their kernels, and the initrds that belong to them.
 *
 * The table in layout.c has a row for each place of an image. A kernel has a release, which names
 * its modules, and often a name of the distribution, which its initrd has too: "linux-lts" on Arch,
 * "lts" on Alpine. A bzImage tells its release by its header. That of an Image (arm64, riscv64) is
 * in the name of its file, or in a file of the distribution; else the Image is searched for it.
 */
#pragma once

#include "base/base.h"

/* An installed kernel. No string is NULL but @fault. */
struct layout_kernel {
	char *image;   /* path below the root */
	char *release; /* its uname -r; "" when nothing tells it */
	char *name;    /* the part of the path that differs between kernels; "" when none does */
	char *package; /* Arch's name of it, from the file pkgbase beside the image, or "" */
	char *system;  /* NixOS: the directory of the system that it belongs to, or "" */
	char *fault;   /* why the image cannot be loaded; NULL: nothing is known against it */
};

struct layout_kernels {
	struct layout_kernel *list; /* in the order of the table */
	size_t n;
};

/* Reads the installed kernels. @machine is uname -m. It is no error when there are none. */
int layout_read(int root_fd, const char *machine, struct layout_kernels *ret);
void layout_done(struct layout_kernels *l);

/* True when @k is called @name: the name above, or that of its file ("vmlinuz-linux"). */
bool layout_is_called(const struct layout_kernel *k, const char *name);

/* Finds the initrds of the file @image, in the order in which they are loaded: microcode first. It
 * need not be one of @all, the installed kernels. @release is its release, or "". The caller frees
 * the list of paths. -ENOENT without a text: none belongs to it. */
int layout_initrds(int root_fd, const struct layout_kernels *all, const char *image,
                   const char *release, char ***ret);

/* The command line of a system of NixOS: its kernel-params, and init=, as in
 * nixos/modules/system/boot/kexec.nix. The caller owns it. */
int layout_system_options(int root_fd, const char *system, char **ret);
