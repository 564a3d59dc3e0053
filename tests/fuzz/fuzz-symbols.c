// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-symbols.c - modules of any content and what they are called.
 *
 * The bytes are the kernel's memory from address 0 on: its symbol table as fuzz-kallsyms.c has it,
 * its types from 0xc00 to 0x1000. Where anything else is, these tell.
 */
#include "tests/fuzz/fuzz.h"
#include "vmcore/view/symbols.h"

static const char info[] = "OSRELEASE=6.12.0\n"
			   "SYMBOL(kallsyms_num_syms)=0\n"
			   "SYMBOL(kallsyms_relative_base)=8\n"
			   "SYMBOL(kallsyms_offsets)=10\n"
			   "SYMBOL(kallsyms_names)=400\n"
			   "SYMBOL(kallsyms_token_table)=800\n"
			   "SYMBOL(kallsyms_token_index)=a00\n"
			   "SYMBOL(_stext)=5000\n";

static void check_text(struct symbols *s, uint64_t address)
{
	char buf[SYMBOLS_TEXT_MAX];

	symbols_text(s, address, address & 1, buf);
	fuzz_check(strlen(buf) > 0);
	for (const char *p = buf; *p; p++)
		fuzz_check(*p >= ' ' && *p <= '~');
}

static void check_modules(struct symbols *s)
{
	const struct modlist *all = symbols_modules(s);
	uint64_t address;

	for (size_t i = 0; i < MIN(all->n, 16); i++) {
		const struct module *m = &all->modules[i];

		fuzz_check(m->n_ranges <= MODULE_RANGES && m->state < MODULE_STATES);
		for (size_t j = 0; j < m->n_ranges; j++) {
			const struct module_range *range = &m->ranges[j];

			fuzz_check(range->start < range->end);
			fuzz_check(module_range_of(m, range->start));
			for (uint64_t n = 0; n < MIN(range->end - range->start, 64); n++) {
				check_text(s, range->start + n);
				check_text(s, range->end - n);
			}
		}
	}
	symbols_address(s, "none", &address);
	check_text(s, 0x5004);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(fuzz_kernel_done) struct fuzz_kernel k;
	struct kview v = { .ks = &k.ks };
	struct symbols *s;

	if (fuzz_kernel_open(&k, info, data, size) && kallsyms_open(&k.ks, &v.symbols) == 0 &&
	    btf_open(&k.ks, 0xc00, 0x1000, &v.types) == 0 && symbols_open(&v, &s) == 0) {
		check_modules(s);
		symbols_free(s);
	}
	btf_free(v.types);
	kallsyms_free(v.symbols);
	return 0;
}
