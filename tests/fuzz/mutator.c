// SPDX-License-Identifier: GPL-2.0-or-later
/* mutator.c - has libFuzzer change fields beside what it does by itself, see fuzz.h. */
#include "tests/fuzz/fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	if (seed % 2)
		return LLVMFuzzerMutate(data, size, max);
	fuzz_mutate(data, size, seed);
	return size;
}
