// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz-vmcoreinfo.c - the text of VMCOREINFO: whatever is found lies in it. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = { "SYMBOL", "SIZE", "OFFSET", "LENGTH", "NUMBER" };
	static const char *const plain[] = { "OSRELEASE", "PAGESIZE", "CRASHTIME", "KERNELOFFSET" };
	struct vmcoreinfo vi = { .text = (const char *)data, .len = size };
	char buf[10];
	uint64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		vmcoreinfo_get(&vi, kinds[i], "a", &v);
		vmcoreinfo_get(&vi, kinds[i], "prb_desc.state_var", &v);
	}
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		const char *value;
		size_t len;

		vmcoreinfo_plain(&vi, plain[i], i == 3 ? 16 : 10, &v);
		fuzz_check(strlen(vmcoreinfo_copy(&vi, plain[i], buf, sizeof(buf))) < sizeof(buf));
		if (vmcoreinfo_string(&vi, plain[i], &value, &len))
			fuzz_check(value >= vi.text && value + len <= vi.text + size);
	}
	return 0;
}
