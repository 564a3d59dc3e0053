/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deflate.h - packs single pages as zlib streams (RFC 1950), fast rather than small.
 *
 * zlib prepares for input of any size, and that costs more than packing one page. This packer makes
 * pages about as small as zlib's level 1, in a third of the time or less.
 */
#pragma once

#include "base/base.h"

#define DEFLATE_MAX_PAGE KIB(64)

/* Bytes of scratch memory for deflate_page(), aligned for any type, with any contents. */
size_t deflate_scratch_size(void);

/* Packs @len bytes, at most DEFLATE_MAX_PAGE, into at most @room. Returns the size, or 0 when the
 * result does not fit or @len is too large; 0 also for noise that could get a few bytes smaller.
 * The result depends on the input alone, not on what @scratch held. */
size_t deflate_page(void *scratch, const void *in, size_t len, void *out, size_t room);
