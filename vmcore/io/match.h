/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match.h - what our own packers have in common. */
#pragma once

#include <endian.h>

#include "vmcore/base/unaligned.h"

/* How many bytes at @a and at @b are the same, up to @end, where those at @b end; @a is before @b.
 */
static inline size_t match_length(const uint8_t *a, const uint8_t *b, const uint8_t *end)
{
	const uint8_t *start = b;

	for (; end - b >= 8; a += 8, b += 8) {
		uint64_t differ = htole64(unaligned_get64(a) ^ unaligned_get64(b));

		if (differ)
			return b - start + __builtin_ctzll(differ) / 8;
	}
	while (b < end && *a == *b)
		a++, b++;
	return b - start;
}
