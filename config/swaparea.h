/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swaparea.h - a swap partition as a store for one crash, from the crash until the next boot.
 *
 * A swap area has its header in the first page, which ends in "SWAPSPACE2" (union swap_header in
 * include/linux/swap.h, Linux 6.12). A kernel that hibernates puts another word there. The store
 * begins behind the first MiB, so the header with UUID and label stays. Its blocks are not marked:
 * all that is in a swap area is worth nothing once its kernel has crashed.
 */
#pragma once

#include "config/store.h"

#define SWAP_AREA_SKIP MIB(1)

/* 0 when @fd is of a swap area that holds nothing that anybody needs. -EBUSY: it holds the image of
 * a system that hibernates. -EMEDIUMTYPE: it is no swap area. */
int swap_area_check(int fd, const char *what);

/* The store in the area @fd. -ENOSPC: it is too small. @whole and @what have to stay. */
int swap_area_store(int fd, const char *what, const char *id, struct store_extent *whole,
                    struct store_area *ret);
