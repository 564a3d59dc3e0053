// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz-elf.c - ELF cores. */
#include "tests/fuzz/fuzz.h"
#include "vmcore/kernel/lost-vmcoreinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(dump_freep) struct dump *d = NULL;

	if (size < 4 || memcmp(data, "\177ELF", 4) != 0)
		return 0;
	d = fuzz_open(data, size);
	if (!d)
		return 0;
	lost_vmcoreinfo_find(d);
	fuzz_dump(d);
	return 0;
}
