/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match.h - compares bytes, for our own packers. */
#pragma once

#include <endian.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/unaligned.h"

/* Counts the bytes at @a that equal those at @b, up to @end, the end of @b. @a is before @b. */
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

/* One bit for each of 8 bytes, the first one lowest: 1 where @a and @b are equal. */
static inline uint64_t same_bytes8(const uint8_t *a, const uint8_t *b)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t x = htole64(unaligned_get64(a) ^ unaligned_get64(b));

	x = ~(((x & low) + low) | x | low); /* the top bit of each byte that is 0 ... */
	return (x >> 7) * UINT64_C(0x0102040810204080) >> 56; /* ... into the top byte */
}

/* One bit for each of 64 bytes, the first one lowest: 1 where @a and @b are equal. */
static inline uint64_t same_bytes64(const uint8_t *a, const uint8_t *b)
{
	uint64_t same = 0;

#ifdef __SSE2__
	for (size_t i = 0; i < 64; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(a + i));
		__m128i w = _mm_loadu_si128((const __m128i *)(b + i));

		same |= (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, w)) << i;
	}
#else
	for (size_t i = 0; i < 64; i += 8)
		same |= same_bytes8(a + i, b + i) << i;
#endif
	return same;
}
