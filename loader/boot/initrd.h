/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * initrd.h - finds the initrd of a kernel that has no entry of a boot loader.
 */
#pragma once

/* Finds the initrd in the directory of the file @kernel, or of the file that it is a link to, by
 * the names that distributions give to such pairs. For /usr/lib/modules/RELEASE/vmlinuz it also
 * tries initrd_of_release(). The caller frees the path. -ENOENT without a text: there is none. */
int initrd_of_kernel(int root_fd, const char *kernel, char **ret);

/* Finds the initrd of the kernel @release in /boot, or in the directory TOKEN/RELEASE of the boot
 * partition, as kernel-install(8) has it. The caller frees the path; errors as above. */
int initrd_of_release(int root_fd, const char *release, char **ret);
