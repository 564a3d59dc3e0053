// SPDX-License-Identifier: GPL-2.0-or-later
/* synth-modules.c - modules of machines that were never there, see synth-modules.h. */
#include "tests/unit/synth-modules.h"

#include <elf.h>

#define MODULES_VA UINT64_C(0xffffffffc0000000)

static void put(struct synth_modules *s, uint64_t va, uint64_t v, size_t size)
{
	uint8_t bytes[8];

	synth_put(bytes, v, size, false);
	synth_store(s->machine, va, bytes, size);
}

void synth_modules_init(struct synth_modules *s, struct synth *m, uint64_t head)
{
	*s = (struct synth_modules){
		.machine = m, .head = head, .first = MODULES_VA, .next = MODULES_VA
	};
	put(s, head, head, 8);
	put(s, head + 8, head, 8);
}

static void put_memory(struct synth_modules *s, uint64_t va)
{
	uint64_t mem = va + SYNTH_MODULE_THIS + SYNTH_MODULE_MEM;

	if (s->layouts) {
		put(s, mem, va, 8);
		put(s, mem + 8, SYNTH_MODULE_SIZE, 4);
		put(s, mem + 12, SYNTH_MODULE_CODE, 4);
		return;
	}
	/* The third kind comes first in memory here. */
	put(s, mem, va, 8);
	put(s, mem + 8, SYNTH_MODULE_CODE, 4);
	put(s, mem + 2 * 16, va + SYNTH_MODULE_CODE, 8);
	put(s, mem + 2 * 16 + 8, SYNTH_MODULE_SIZE - SYNTH_MODULE_CODE, 4);
}

static void put_symbols(struct synth_modules *s, uint64_t va, const struct synth_module *module)
{
	uint32_t name = 1;

	/* The first has no name and is undefined, as in all ELF files. */
	for (size_t i = 0; i < module->n; i++) {
		const struct synth_symbol *from = &module->symbols[i];
		uint64_t at = va + SYNTH_MODULE_SYMTAB + (i + 1) * sizeof(Elf64_Sym);
		bool undefined = from->type == 'U';

		put(s, at, *from->name ? name : 0, 4);
		put(s, at + 4, s->no_types ? from->type : STT_FUNC, 1);
		put(s, at + 6, undefined ? SHN_UNDEF : 1, 2);
		put(s, at + 8, undefined ? 0 : va + from->address, 8);
		put(s, va + SYNTH_MODULE_TYPETAB + i + 1, from->type, 1);
		synth_store(s->machine, va + SYNTH_MODULE_STRTAB + name, from->name,
		            strlen(from->name) + 1);
		name += strlen(from->name) + 1;
		assert_true(name <= SYNTH_MODULE_TYPETAB - SYNTH_MODULE_STRTAB);
	}
	put(s, va + SYNTH_MODULE_KALLSYMS, va + SYNTH_MODULE_SYMTAB, 8);
	put(s, va + SYNTH_MODULE_KALLSYMS + 8, module->n + 1, 4);
	put(s, va + SYNTH_MODULE_KALLSYMS + 16, va + SYNTH_MODULE_STRTAB, 8);
	put(s, va + SYNTH_MODULE_KALLSYMS + 24, va + SYNTH_MODULE_TYPETAB, 8);
}

uint64_t synth_module_add(struct synth_modules *s, const struct synth_module *module)
{
	uint64_t va = s->next, this = va + SYNTH_MODULE_THIS, last;

	synth_map(s->machine, va, synth_alloc(s->machine, SYNTH_MODULE_SIZE, 4096),
	          SYNTH_MODULE_SIZE, 4096);
	put(s, this + SYNTH_MODULE_STATE, module->state, 4);
	synth_store(s->machine, this + SYNTH_MODULE_NAME, module->name, strlen(module->name) + 1);
	put(s, this + SYNTH_MODULE_TAINTS, module->taints, 8);
	if (module->version) {
		put(s, this + SYNTH_MODULE_VERSION_PTR, va + SYNTH_MODULE_VERSION, 8);
		synth_store(s->machine, va + SYNTH_MODULE_VERSION, module->version,
		            strlen(module->version) + 1);
	}
	put_memory(s, va);
	put(s, this + SYNTH_MODULE_KALLSYMS_PTR, va + SYNTH_MODULE_KALLSYMS, 8);
	put_symbols(s, va, module);
	put(s, this + SYNTH_MODULE_ARCH, module->orcs, 4);
	put(s, this + SYNTH_MODULE_ARCH + 8, va + 0x7000, 8);
	put(s, this + SYNTH_MODULE_ARCH + 16, va + 0x7400, 8);

	synth_load(s->machine, s->head + 8, &last, 8);
	put(s, this + SYNTH_MODULE_LIST, s->head, 8);
	put(s, this + SYNTH_MODULE_LIST + 8, last, 8);
	put(s, last, this + SYNTH_MODULE_LIST, 8);
	put(s, s->head + 8, this + SYNTH_MODULE_LIST, 8);
	s->next += 2 * SYNTH_MODULE_SIZE;
	return va;
}

void synth_modules_types(const struct synth_modules *s, struct synth_btf *b)
{
	uint32_t u64, u32, text, list, arch, memory, mem;

	synth_btf_init(b);
	u64 = synth_btf_int(b, "long unsigned int", 8);
	u32 = synth_btf_int(b, "unsigned int", 4);
	text = synth_btf_array(b, synth_btf_int(b, "char", 1), 56);
	list = synth_btf_struct(b, "list_head", 2, 16);
	synth_btf_member(b, "next", u64, 0);
	synth_btf_member(b, "prev", u64, 64);
	synth_btf_struct(b, "mod_kallsyms", s->no_types ? 3 : 4, 32);
	synth_btf_member(b, "symtab", u64, 0);
	synth_btf_member(b, "num_symtab", u32, 64);
	synth_btf_member(b, "strtab", u64, 128);
	if (!s->no_types)
		synth_btf_member(b, "typetab", u64, 192);
	arch = synth_btf_struct(b, "mod_arch_specific", 3, 24);
	synth_btf_member(b, "num_orcs", u32, 0);
	synth_btf_member(b, "orc_unwind_ip", u64, 64);
	synth_btf_member(b, "orc_unwind", u64, 128);
	memory = synth_btf_struct(b, s->layouts ? "module_layout" : "module_memory",
	                          s->layouts ? 3 : 2, s->layouts ? 32 : 16);
	synth_btf_member(b, "base", u64, 0);
	synth_btf_member(b, "size", u32, 64);
	if (s->layouts)
		synth_btf_member(b, "text_size", u32, 96);
	synth_btf_type(b, "mod_mem_type", SYNTH_ENUM, 2, 4);
	synth_btf_enumerator(b, "MOD_TEXT", 0);
	synth_btf_enumerator(b, "MOD_INIT_TEXT", 4);
	mem = s->layouts ? memory : synth_btf_array(b, memory, 7);
	synth_btf_struct(b, "module", s->layouts ? 9 : 8, 320);
	synth_btf_member(b, "state", u32, 8 * SYNTH_MODULE_STATE);
	synth_btf_member(b, "list", list, 8 * SYNTH_MODULE_LIST);
	synth_btf_member(b, "name", text, 8 * SYNTH_MODULE_NAME);
	synth_btf_member(b, "version", u64, 8 * SYNTH_MODULE_VERSION_PTR);
	synth_btf_member(b, "taints", u64, 8 * SYNTH_MODULE_TAINTS);
	synth_btf_member(b, s->layouts ? "core_layout" : "mem", mem, 8 * SYNTH_MODULE_MEM);
	if (s->layouts)
		synth_btf_member(b, "init_layout", mem, 8 * (SYNTH_MODULE_MEM + 32));
	synth_btf_member(b, "kallsyms", u64, 8 * SYNTH_MODULE_KALLSYMS_PTR);
	synth_btf_member(b, "arch", arch, 8 * SYNTH_MODULE_ARCH);
}
