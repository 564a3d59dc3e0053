// SPDX-License-Identifier: GPL-2.0-or-later
/* gzip.c - packs as gzip does, see gzip.h. */
#include "tests/unit/gzip.h"

#include <zlib.h>

size_t gzip_pack(const void *data, size_t len, void *out, size_t room)
{
	z_stream z = {
		.next_in = (void *)data, .avail_in = len, .next_out = out, .avail_out = room
	};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
	                 Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}
