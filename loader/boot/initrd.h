/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * initrd.h - which initrd belongs to a kernel, where no entry of a boot loader says so.
 */
#pragma once

#include "base/base.h"

/* The initrd in the directory of the kernel @kernel, by the names that distributions give to such
 * pairs; also in the directory that it is a link to. Of /usr/lib/modules/RELEASE/vmlinuz it is also
 * that of initrd_of_release(). The path is allocated. -ENOENT without a text when there is none. */
int initrd_of_kernel(int root_fd, const char *kernel, char **ret);

/* The initrd of the kernel @release where distributions keep it: /boot, or as kernel-install(8) has
 * it the directory TOKEN/RELEASE of the boot partition. */
int initrd_of_release(int root_fd, const char *release, char **ret);
