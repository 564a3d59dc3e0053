// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-kallsyms.c - symbol tables of any content.
 *
 * The bytes are the kernel's memory from address 0 on. First the table of addresses has offsets of
 * 32 bits, then addresses of 64 bits.
 */
#include "tests/fuzz/fuzz.h"
#include "vmcore/kernel/kallsyms.h"

#define TABLES                                                                                     \
	"SYMBOL(kallsyms_num_syms)=0\n"                                                            \
	"SYMBOL(kallsyms_names)=400\n"                                                             \
	"SYMBOL(kallsyms_token_table)=800\n"                                                       \
	"SYMBOL(kallsyms_token_index)=a00\n"                                                       \
	"SYMBOL(_stext)=5000\n"

static const char offsets[] = TABLES "OSRELEASE=6.12.0\n"
				     "SYMBOL(kallsyms_relative_base)=8\n"
				     "SYMBOL(kallsyms_offsets)=10\n";
static const char addresses[] = TABLES "OSRELEASE=6.0.0\n"
				       "SYMBOL(kallsyms_addresses)=10\n";

static void check_name(const char *name)
{
	size_t len = strlen(name);

	fuzz_check(len > 0 && len < 512);
	for (; *name; name++)
		fuzz_check(*name >= ' ' && *name <= '~');
}

static void check_symbol(struct kallsyms *k, size_t nr)
{
	struct symbol s, found;
	uint64_t address;
	char name[512];

	kallsyms_at(k, nr, &s);
	check_name(s.name);
	strcpy(name, s.name);
	if (kallsyms_find(k, s.address, &found) == 0) {
		check_name(found.name);
		fuzz_check(found.address <= s.address);
	}
	fuzz_check(kallsyms_address(k, name, &address) == 0);
}

static void fuzz_tables(const char *info, const uint8_t *data, size_t size)
{
	_cleanup_(fuzz_kernel_done) struct fuzz_kernel kernel;
	_cleanup_(kallsyms_freep) struct kallsyms *k = NULL;
	uint64_t address;

	if (!fuzz_kernel_open(&kernel, info, data, size) || kallsyms_open(&kernel.ks, &k) < 0)
		return;
	fuzz_check(kallsyms_address(k, "_stext", &address) == 0 && address == 0x5000);
	for (size_t i = 0; i < kallsyms_count(k); i++)
		check_symbol(k, i);
	kallsyms_address(k, "none", &address);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_tables(offsets, data, size);
	fuzz_tables(addresses, data, size);
	return 0;
}
