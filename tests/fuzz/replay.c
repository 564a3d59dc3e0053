// SPDX-License-Identifier: GPL-2.0-or-later
/* replay.c - gives the bytes of a file to the function of a fuzz program, see fuzz.h. */
#include <stdio.h>

#include "tests/fuzz/fuzz.h"

int fuzz_replay(fuzz_fn *fn, const char *path)
{
	FILE *f = fopen(path, "re");
	uint8_t *data;
	long size;

	if (!f || fseek(f, 0, SEEK_END) < 0 || (size = ftell(f)) < 0) {
		perror(path);
		return 1;
	}
	rewind(f);
	/* Of exactly that size, so that a sanitizer sees any byte too many. */
	data = malloc(size ? size : 1);
	if (!data || fread(data, 1, size, f) != (size_t)size) {
		perror(path);
		return 1;
	}
	fclose(f);
	fn(data, size);
	free(data);
	return 0;
}
