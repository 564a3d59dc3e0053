// SPDX-License-Identifier: GPL-2.0-or-later
/* mutate.c - changes files as stray writes and bad lengths do, field by field, see fuzz.h. */
#include "tests/fuzz/fuzz.h"

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* What a field may become: a limit, a neighbour, another field, one bit off, noise. */
static uint64_t other_value(uint64_t old, uint64_t elsewhere, uint64_t *state)
{
	switch (next(state) % 10) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return UINT64_C(1) << next(state) % 64;
	case 3:
		return (UINT64_C(1) << next(state) % 64) - 1;
	case 4:
		return old + 1 - next(state) % 2 * 2;
	case 5:
		return old ^ UINT64_C(1) << next(state) % 64;
	case 6:
		return old << next(state) % 64;
	case 7:
		return elsewhere;
	case 8:
		return elsewhere + next(state) % 4096;
	default:
		return next(state);
	}
}

/* Fields are aligned to their sizes. Headers, which come first, are hit as often as the rest. */
static size_t any_place(size_t size, size_t width, uint64_t *state)
{
	size_t reach = next(state) % 2 ? MIN(size, 1024) : size;

	return next(state) % reach / width * width;
}

void fuzz_mutate(uint8_t *data, size_t size, uint64_t seed)
{
	uint64_t state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;

	for (unsigned n = 1 + next(&state) % 4; n > 0 && size > 0; n--) {
		size_t width = 1u << next(&state) % 4, at = any_place(size, width, &state);
		size_t from = any_place(size, width, &state);
		uint64_t old = 0, elsewhere = 0, v;

		memcpy(&old, data + at, MIN(width, size - at));
		memcpy(&elsewhere, data + from, MIN(width, size - from));
		v = other_value(old, elsewhere, &state);
		memcpy(data + at, &v, MIN(width, size - at));
	}
}
