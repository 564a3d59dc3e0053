// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz-flat.c - flattened files: whatever way they are read, the bytes are the same. */
#include "tests/fuzz/fuzz.h"

#define MAX_SIZE MIB(1) /* of what a file stands for, to read it all */

static void read_all(const struct source *s, size_t size)
{
	uint8_t *all = malloc(size + 1);
	struct window w;

	fuzz_check(all && source_read(s, 0, all, size) == 0);
	window_init(&w, s, KIB(4));
	for (size_t at = 0, step; at < size; at += step) {
		const uint8_t *data;
		size_t len, need = MIN(at % 100 + 1, size - at);

		fuzz_check(window_get(&w, at, need, 5000, &data, &len) == 0);
		fuzz_check(len >= need && memcmp(data, all + at, len) == 0);
		step = MAX(len / 2, 1);
	}
	window_done(&w);
	free(all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(source_freep) struct source *s = NULL;
	_cleanup_(dump_freep) struct dump *d = NULL;

	if (source_from_memory(data, size, "fuzz", &s) < 0 || source_unflatten(TAKE_PTR(s), &s) < 0)
		return 0;
	if (source_size(s) <= MAX_SIZE)
		read_all(s, source_size(s));
	d = fuzz_open(data, size);
	if (d)
		fuzz_dump(d);
	return 0;
}
