/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entrypath.h - finds the files that an entry of the boot loader names.
 *
 * A boot loader knows a file by its path from the top of the file system. The system has mounted
 * that file system somewhere, and of btrfs maybe a subvolume alone. So "/root/boot/vmlinuz" of an
 * entry is /boot/vmlinuz where the subvolume "root" is mounted on / (rhboot/grub2 issue 10).
 */
#pragma once

#include "base/base.h"

/* Makes of @path, which an entry below @dir ("/boot") names, a path below the root of the system.
 * The caller frees it. A file that is missing is taken for one below @dir. The only error is
 * -ENOMEM. */
int entrypath_find(int root_fd, const char *dir, const char *path, char **ret);
