/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lzo-records.h - packs pages of records of 64 bytes as LZO1X.
 *
 * Half of the pages in a dump of level 31 hold the kernel's page structures, which repeat the same
 * 64 bytes but for a few. Comparing each with the one before takes half the time of LZO's search
 * for matches, and the result is smaller.
 */
#pragma once

#include "base/base.h"

/* Packs a page of @len bytes for lzo1x_decompress(). Any of @len bytes at @out may be overwritten.
 * Returns the size, at most about a quarter of the page. 0: the page is not made of such records or
 * smaller than 1 KiB, so LZO itself does better. */
size_t lzo_pack_records(const void *in, size_t len, void *out);
