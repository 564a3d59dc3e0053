/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dumparea.h - a partition that was made for crashes, as a store for one of them.
 *
 * Its first and its last DUMP_AREA_MARK bytes are spare blocks as config/store.h has them, with one
 * id. Whoever makes something else of the partition overwrites one of these: file systems, RAID and
 * LVM have what tells of them at its begin or its end. The store lies between. Its blocks are not
 * marked: all of the partition is there for crashes.
 */
#pragma once

#include "config/store.h"

#define DUMP_AREA_MARK KIB(256)

/* Marks the partition @fd, which gets the id. -ENOSPC: it is too small. */
int dump_area_make(int fd, const char *what, const char *id);

/* Opens a partition that has the mark. @id is that of the store, as text; empty: it is read. @whole
 * and @what have to stay. -ESTALE: it has no such mark. */
int dump_area_open(int fd, const char *what, char id[static STORE_ID_TEXT],
                   struct store_extent *whole, struct store_area *ret);

/* Makes the store in @a an empty one. */
int dump_area_clear(const struct store_area *a);
