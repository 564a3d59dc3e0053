// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz-kdump.c - kdump-compressed files, alone and as two parts of a dump. */
#include "tests/fuzz/fuzz.h"

static struct source *source_of(const uint8_t *data, size_t size)
{
	struct source *s;

	fuzz_check(source_from_memory(data, size, "fuzz", &s) == 0);
	return s;
}

static void open_parts(const uint8_t *data, size_t size)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	struct source *parts[2] = { source_of(data, size / 2),
		                    source_of(data + size / 2, size - size / 2) };

	if (dump_open_parts(parts, 2, &d) == 0)
		fuzz_dump(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(dump_freep) struct dump *d = NULL;

	if (size < 8 || memcmp(data, "KDUMP   ", 8) != 0)
		return 0;
	d = fuzz_open(data, size);
	if (d)
		fuzz_dump(d);
	if (memcmp(data + size / 2, "KDUMP", MIN(size / 2, 5)) == 0)
		open_parts(data, size);
	return 0;
}
