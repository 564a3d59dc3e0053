// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz-btf.c - BTF of any content: questions have answers or end, and all bytes are its own. */
#include <errno.h>

#include "tests/fuzz/fuzz.h"
#include "vmcore/kernel/btf.h"

/* The corpus has structures of these names. */
static const char *const structures[] = { "s", "t", "" };
static const char *const paths[] = { "a", "b.a", "c.b.a", "d" };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(btf_freep) struct btf *b = NULL;
	uint8_t *bytes = malloc(size + 1);
	uint64_t n;
	int64_t v;

	fuzz_check(bytes);
	memcpy(bytes, data, size);
	/* Of exactly that size, so that a sanitizer sees any byte too many. */
	bytes = realloc(bytes, size ? size : 1);
	if (btf_from_memory(bytes, size, &b) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(structures); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(paths); j++) {
			struct btf_member m;
			int r = btf_member(b, structures[i], paths[j], &m);

			fuzz_check(r == 0 || r == -ENOENT);
			fuzz_check(r < 0 || m.bits == 0 || m.bit_offset + m.bits <= 8 * m.size);
		}
		btf_size(b, structures[i], &n);
		btf_enumerator(b, structures[i], "E", &v);
	}
	btf_enumerator(b, NULL, "E", &v);
	return 0;
}
