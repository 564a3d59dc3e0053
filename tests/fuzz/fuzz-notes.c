// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz-notes.c - ELF notes in both byte orders. */
#include "tests/fuzz/fuzz.h"
#include "vmcore/format/notes.h"

static void walk(const uint8_t *data, size_t size, bool swap)
{
	struct cursor c = cursor_over(data, size, "notes");
	struct notes_summary sum = notes_scan(data, size, swap);
	struct note n;
	size_t count = 0;

	fuzz_check(sum.vmcoreinfo_offset <= size &&
	           sum.vmcoreinfo_len <= size - sum.vmcoreinfo_offset);
	c.swap = swap;
	while (notes_next(&c, &n) > 0) {
		fuzz_check(n.desc >= data && n.desc + n.desc_len <= data + size);
		fuzz_check((const uint8_t *)n.name >= data &&
		           (const uint8_t *)n.name + n.name_len <= data + size);
		fuzz_check(++count <= size / 12);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk(data, size, false);
	walk(data, size, true);
	return 0;
}
