/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lzo-records.h - packs pages of records of 64 bytes as LZO1X.
 *
 * The kernel's page structures, half of the pages in a dump of level 31, are the same 64 bytes
 * again and again but for a few. To compare each with the one before takes half of the time that
 * LZO's search for matches takes, and the result is smaller.
 */
#pragma once

#include "base/base.h"

/* Packs a page of @len bytes for lzo1x_decompress(); any of @len bytes at @out may be written to.
 * Returns the size, about a quarter of the page at most, or 0 when the page is not made of such
 * records, or smaller than 1 KiB, and LZO itself will do better. */
size_t lzo_pack_records(const void *in, size_t len, void *out);
