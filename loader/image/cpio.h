/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpio.h - writes the archive that the kernel unpacks into its root file system.
 *
 * The "newc" format of Documentation/driver-api/early-userspace/buffer-format.rst: an entry is the
 * magic 070701 and 13 numbers of 8 hexadecimal digits, the name with its NUL, and the data; name
 * and data are padded to 4 bytes. The archive ends with an entry named TRAILER!!!. Times, owners
 * and device numbers are 0, so that the same contents make the same bytes.
 */
#pragma once

#include <sys/types.h>

#include "base/base.h"

struct cpio {
	uint8_t *data; /* the archive so far; owned */
	size_t len, size;
	uint32_t inode;    /* number of the last entry */
	uint64_t unpacked; /* bytes of page cache that the files take */
};

void cpio_done(struct cpio *c);

/* Names are paths from the root, with or without a slash. Directories come before their files. */
int cpio_add_dir(struct cpio *c, const char *name, mode_t mode);
int cpio_add_file(struct cpio *c, const char *name, mode_t mode, const void *data, size_t len);
int cpio_add_link(struct cpio *c, const char *name, const char *target);
int cpio_add_device(struct cpio *c, const char *name, mode_t mode, unsigned major, unsigned minor);

/* Ends the archive. */
int cpio_finish(struct cpio *c);
