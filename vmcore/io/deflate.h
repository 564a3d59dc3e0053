/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deflate.h - packs single pages as zlib streams (RFC 1950), fast rather than small.
 *
 * What zlib and its likes prepare for any input costs more than the contents of a page do; this
 * packs pages about as small as level 1 of zlib in a third of the time or less.
 */
#pragma once

#include "base/base.h"

#define DEFLATE_MAX_PAGE KIB(64)

/* Bytes of scratch memory for deflate_page(), aligned for any type, with any contents. */
size_t deflate_scratch_size(void);

/* Packs @len bytes into at most @room; the result depends on nothing else. Returns its size, or 0
 * when it does not fit, as is always so for more than DEFLATE_MAX_PAGE bytes. For noise it may
 * return 0 although a few bytes could have been gained. */
size_t deflate_page(void *scratch, const void *in, size_t len, void *out, size_t room);
